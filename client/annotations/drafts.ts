/**
 * Words that are not sent yet, kept in this window: they outlive a send that failed and a page that is loaded again. Each
 * draft carries the `request` under which it will be sent, so that what did arrive the first time is not said twice.
 */
import type { Mentioned } from '@trialroom/shared/annotation/mentions';
import type { AnnotationTarget } from '@trialroom/shared/annotation/target';
import { z } from 'zod';

const Draft = z.object({
  text: z.string(),
  /** Who was picked from the list, for the `@name`s in the text. */
  picked: z.array(z.object({ id: z.string(), name: z.string() })),
  request: z.string(),
});
export interface Draft {
  text: string;
  picked: readonly Mentioned[];
  request: string;
}

export interface Drafts<T extends AnnotationTarget = AnnotationTarget> {
  /** The draft at this place (`new`, the id of a thread or of a message); an empty one where there is none. */
  get(place: string): Draft;
  /** Keeps what has been written; an empty text is forgotten. */
  set(place: string, draft: Draft): void;
  drop(place: string): void;
  /** Where the thread that is being begun will be pinned; null: none is. */
  target(): T | null;
  setTarget(target: T | null): void;
}

/** What of the words that stand there is still to be said, after those that were sent. */
export function restOf(written: string, sent: string): string {
  const rest = written.startsWith(sent) ? written.slice(sent.length).trimStart() : written;
  return rest.trim() === '' ? '' : rest;
}

/**
 * The drafts of one notebook, trial or experiment.
 * @param owner its id
 * @param targets what its threads are pinned to: what is kept and is no such place is no draft
 */
export function createDrafts<T extends AnnotationTarget>(
  owner: string,
  targets: z.ZodType<T>,
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
): Drafts<T> {
  const key = (place: string): string => `trialroom.comment.${owner}.${place}`;
  const read = <V>(place: string, schema: z.ZodType<V>): V | null => {
    try {
      return schema.parse(JSON.parse(storage.getItem(key(place)) ?? 'null'));
    } catch {
      return null;
    }
  };
  const write = (place: string, value: unknown): void => {
    try {
      if (value === null) storage.removeItem(key(place));
      else storage.setItem(key(place), JSON.stringify(value));
    } catch {
      // A full or forbidden storage costs the draft its life beyond this page, no more.
    }
  };
  return {
    get: (place) => read(place, Draft) ?? { text: '', picked: [], request: crypto.randomUUID() },
    set: (place, draft) => write(place, draft.text.trim() === '' ? null : draft),
    drop: (place) => write(place, null),
    target: () => read('target', targets),
    setTarget: (target) => write('target', target),
  };
}
