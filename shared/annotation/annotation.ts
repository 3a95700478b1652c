/** Annotations: threads of comments on a notebook, a trial or an experiment, pinned to something exact in it. */
import { z } from 'zod';
import { Person } from '../policy/policy.ts';
import { mentionsIn } from './mentions.ts';
import { AnnotationTarget, type NotebookTarget, Subject } from './target.ts';

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
  subject: Subject,
  /** Counts from 1 within the subject, in the order in which threads were begun; it never changes. */
  number: z.number().int().positive(),
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

/** A thread on a notebook. */
export interface NotebookAnnotation extends Annotation {
  target: NotebookTarget;
}

/** True for a thread that is pinned to a place in a notebook. */
export const isOnNotebook = (thread: Annotation): thread is NotebookAnnotation => thread.subject.kind === 'notebook';

/** True for a message that the person has not seen: another wrote it, after how far they have read. */
export const isUnread = ({ author, at }: AnnotationMessage, readTo: number, person: string): boolean =>
  author.id !== person && at > readTo;

/** True for a thread that asks for this person's attention: it is open, and something in it is unread. */
export const isThreadUnread = ({ resolved, messages, readTo }: Annotation, person: string): boolean =>
  resolved === null && messages.some((message) => isUnread(message, readTo, person));

/** True for a thread that the person has written in, or that mentions them. */
export const concerns = ({ messages }: Annotation, person: string): boolean =>
  messages.some(({ author, text }) => author.id === person || mentionsIn(text).some(({ id }) => id === person));

/** That open threads on something hold messages which the person who asks has not read. */
export const Waiting = z.object({
  subject: Subject,
  /** What the subject is called. */
  name: z.string(),
  /** Threads with something unread, and how many of them mention the person in it. */
  threads: z.number().int(),
  mentions: z.number().int(),
});
export type Waiting = z.infer<typeof Waiting>;

/** An open thread as the home page tells of it, by one of its messages. */
export const Notice = z.object({
  subject: Subject,
  /** What the subject is called, and where in it the thread stands; empty: on the whole. */
  name: z.string(),
  place: z.string(),
  thread: z.string(),
  /** What mentions the person and is unread; otherwise what was said last. Plain, and cut where it is long. */
  author: Author,
  text: z.string(),
  at: z.number(),
  /** Messages after the first. */
  replies: z.number().int(),
  unread: z.boolean(),
  /** Whether something unread in it mentions the person who asks. */
  mention: z.boolean(),
});
export type Notice = z.infer<typeof Notice>;
