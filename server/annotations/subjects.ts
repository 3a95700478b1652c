/** What threads can belong to, as far as annotations ask: whether it is there, what it is called, what is in it. */
import type { Annotation } from '@trialroom/shared/annotation/annotation';
import { readable } from '@trialroom/shared/annotation/mentions';
import { type AnnotationTarget, NotebookTarget, type Subject, stepsOf } from '@trialroom/shared/annotation/target';
import { placeWords } from '@trialroom/shared/annotation/words';
import type { Topic } from '@trialroom/shared/live/events';
import { cellsOf } from '@trialroom/shared/notebook/document';
import * as Y from 'yjs';
import type { Documents } from '../documents/documents.ts';
import { Refusal } from '../http/refusal.ts';
import type { Notebooks } from '../notebooks/notebooks.ts';
import type { NewEvent } from '../trials/events.ts';

/** One kind of subject. */
export interface SubjectKeeper {
  /** What it is called. @throws Refusal (404) when there is none of this id, or it was deleted */
  nameOf(id: string): Promise<string>;
  /** @throws Refusal (422) when this place is not in it */
  requirePlace?(id: string, target: AnnotationTarget): Promise<void>;
  /** Somebody has begun a thread on it, which is durable. */
  begun?(id: string, thread: Annotation): Promise<void>;
}

export type SubjectKeepers = Readonly<Record<Subject['kind'], SubjectKeeper>>;

/** Where those who look at a subject hear of its threads. An experiment has no topic of its own: its page watches all. */
export const topicOf = ({ kind, id }: Subject): Topic => (kind === 'experiment' ? 'home' : `${kind}:${id}`);

/** Notebooks: a thread stands on a cell that is there. */
export function notebookKeeper(notebooks: Pick<Notebooks, 'get'>, documents: Pick<Documents, 'open'>): SubjectKeeper {
  return {
    nameOf: async (id) => (await notebooks.get(id)).path,
    async requirePlace(id, given) {
      const target = NotebookTarget.parse(given);
      const opened = await documents.open(id);
      const known = cellsOf(opened.doc).has(target.cell);
      opened.release();
      if (!known) {
        throw new Refusal(422, {
          error: 'cell-unknown',
          message: `there is no cell ${target.cell} in this notebook`,
          where: 'body.target.cell',
          fix: 'It may have been deleted, or its making has not reached the server yet: then try again.',
        });
      }
      if (target.kind === 'text') {
        for (const end of ['start', 'end'] as const) requirePosition(target[end], `body.target.${end}`);
      }
    },
  };
}

/** Characters of a note that stand in the line which tells of it. */
const MOST_SAID = 160;

/** Trials: each thread that is begun leaves a line among what happened. */
export const trialKeeper = (
  nameOf: SubjectKeeper['nameOf'],
  note: (trial: string, events: readonly NewEvent[]) => Promise<void>,
): SubjectKeeper => ({
  nameOf,
  begun: async (id, { id: annotation, number, target, messages: [first] }) => {
    if (!first) return;
    const place = placeWords(target);
    const said = [...readable(first.text).replace(/\s+/g, ' ').trim()];
    const words = said.length > MOST_SAID ? `${said.slice(0, MOST_SAID - 1).join('')}…` : said.join('');
    const text = `Note ${number}${place === '' ? '' : `, ${place}`}: ${words}`;
    const steps = stepsOf(target);
    const { id: person, name, colour } = first.author;
    await note(id, [
      { kind: 'note', text, step: steps?.to ?? null, by: { id: person, name, colour }, data: { annotation, number } },
    ]);
  },
});

/** @throws Refusal (422) when this is no relative position of Yjs, in base64 */
function requirePosition(encoded: string, where: string): void {
  try {
    Y.decodeRelativePosition(Buffer.from(encoded, 'base64'));
  } catch {
    throw new Refusal(422, {
      error: 'bad-position',
      message: 'this is no place in a text',
      where,
      fix: 'Send what Y.encodeRelativePosition gives, in base64.',
    });
  }
}
