/** Threads as marks on curves and on the ruler of a room. */
import type { Annotation } from '@trialroom/shared/annotation/annotation';
import { readable } from '@trialroom/shared/annotation/mentions';
import { stepsOf } from '@trialroom/shared/annotation/target';
import { placeWords } from '@trialroom/shared/annotation/words';
import type { Mark } from '../charts/marks.ts';

/** Characters of what was said that a mark's title holds. */
const MOST = 120;

/**
 * A mark for each open thread that stands at a step, or over some, by step.
 * @param key only those on this metric, and on all; absent: every one
 */
export function marksOf(threads: readonly Annotation[], key?: string): Mark[] {
  return threads
    .flatMap((thread): Mark[] => {
      const { id, number, target, resolved } = thread;
      const steps = resolved === null ? stepsOf(target) : null;
      if (!steps || !isOn(thread, key)) return [];
      return [{ id, label: `${number}`, ...steps, kind: 'thread', title: titleOf(thread) }];
    })
    .sort((a, b) => a.from - b.from || a.to - b.to || (a.id < b.id ? -1 : 1));
}

function isOn({ target }: Annotation, key: string | undefined): boolean {
  if (key === undefined) return true;
  if (target.kind === 'point') return target.key === null || target.key === key;
  if (target.kind === 'range') return target.keys.length === 0 || target.keys.includes(key);
  return target.kind === 'image';
}

function titleOf({ target, messages }: Annotation): string {
  const [first] = messages;
  const said = readable(first?.text ?? '').replace(/\s+/g, ' ');
  const shown = [...said.slice(0, 2 * MOST)];
  return `${first?.author.name ?? ''}, ${placeWords(target)}: ${shown.length > MOST ? `${shown.slice(0, MOST - 1).join('')}…` : said}`;
}
