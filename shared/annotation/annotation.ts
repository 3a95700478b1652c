/**
 * Annotations: threads of comments pinned to something exact. A thread keeps its place when what it is pinned to moves,
 * and is kept, marked as orphaned by whoever draws it, when that is gone.
 */
import { z } from 'zod';
import { Person } from '../policy/policy.ts';

/** How much of what a thread is pinned to is kept as its quote, in characters. */
export const MOST_QUOTE = 2000;

/**
 * What a thread is pinned to.
 * `cell`: a cell; `home` is the one that it was begun on, where that was joined into `cell` since.
 * `text`: a range of a cell's source. `start` and `end` are Yjs relative positions (`Y.encodeRelativePosition`, base64), so
 * the range sticks to its letters as text moves; `quote` is what it said when the thread was begun.
 * `output`: one output of a cell, `index` counted from 0 when the thread was begun; `quote` says in words what it showed, and
 * `execution` names the run that it came from, so that a later run's output is not taken for it.
 */
export const AnnotationTarget = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('cell'), cell: z.string().min(1).max(200), home: z.string().max(200).optional() }),
  z.object({
    kind: z.literal('text'),
    cell: z.string().min(1).max(200),
    start: z.base64().max(400),
    end: z.base64().max(400),
    quote: z.string().max(MOST_QUOTE),
  }),
  z.object({
    kind: z.literal('output'),
    cell: z.string().min(1).max(200),
    index: z.number().int().nonnegative(),
    execution: z.string().max(40).optional(),
    quote: z.string().max(MOST_QUOTE),
  }),
]);
export type AnnotationTarget = z.infer<typeof AnnotationTarget>;

/** Who wrote something, as far as others are told. */
export const Author = Person.pick({ id: true, name: true, colour: true });
export type Author = z.infer<typeof Author>;

/** Longest text of one message, in characters. */
export const MOST_TEXT = 20_000;

/** One message of a thread. The text is Markdown; `@[name](person id)` mentions someone. */
export const AnnotationMessage = z.object({
  id: z.string(),
  author: Author,
  text: z.string(),
  /** ms since the epoch. */
  at: z.number(),
  /** When the author last changed it; null: never. */
  editedAt: z.number().nullable(),
});
export type AnnotationMessage = z.infer<typeof AnnotationMessage>;

export const Annotation = z.object({
  id: z.string(),
  /** Id of the notebook. */
  notebook: z.string(),
  target: AnnotationTarget,
  /** Oldest first; never empty. */
  messages: z.array(AnnotationMessage).min(1),
  createdAt: z.number(),
  /** Null while it is open. */
  resolved: z.object({ by: Author, at: z.number() }).nullable(),
  /** Grows by one with each change, so that of two readings of a thread the newer one is known. */
  revision: z.number().int(),
  /** How far the person who asks has read: ms since the epoch of the last message seen; 0: nothing. */
  readTo: z.number(),
});
export type Annotation = z.infer<typeof Annotation>;

/** True for a message that the person has not seen: another wrote it, after how far they have read. */
export const isUnread = ({ author, at }: AnnotationMessage, readTo: number, person: string): boolean =>
  author.id !== person && at > readTo;

/** True for a thread that asks for this person's attention: it is open, and something in it is unread. */
export const isThreadUnread = ({ resolved, messages, readTo }: Annotation, person: string): boolean =>
  resolved === null && messages.some((message) => isUnread(message, readTo, person));
