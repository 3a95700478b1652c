/**
 * Words that are not sent yet, kept in this window: they outlive a send that failed and a page that is loaded again. Each
 * draft carries the `request` under which it will be sent, so that what did arrive the first time is not said twice.
 */
import { AnnotationTarget } from '@trialroom/shared/annotation/annotation';
import type { Mentioned } from '@trialroom/shared/annotation/mentions';
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

export interface Drafts {
  /** The draft at this place (`new`, the id of a thread or of a message); an empty one where there is none. */
  get(place: string): Draft;
  /** Keeps what has been written; an empty text is forgotten. */
  set(place: string, draft: Draft): void;
  drop(place: string): void;
  /** Where the thread that is being begun will be pinned; null: none is. */
  target(): AnnotationTarget | null;
  setTarget(target: AnnotationTarget | null): void;
}

/** The drafts of one notebook. */
export function createDrafts(notebook: string, storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>): Drafts {
  const key = (place: string): string => `trialroom.comment.${notebook}.${place}`;
  const read = <T>(place: string, schema: z.ZodType<T>): T | null => {
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
    target: () => read('target', AnnotationTarget),
    setTarget: (target) => write('target', target),
  };
}
