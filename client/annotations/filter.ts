/** Which threads of a page are listed, and in what order. */
import { type Annotation, concerns, isThreadUnread } from '@trialroom/shared/annotation/annotation';
import { readable } from '@trialroom/shared/annotation/mentions';
import { quoteOf, stepsOf } from '@trialroom/shared/annotation/target';
import { placeWords } from '@trialroom/shared/annotation/words';

/** `open`: nobody has resolved it · `mine`: open, and I am in it or it mentions me · `unread`: open, and new to me. */
export type Filter = 'open' | 'mine' | 'unread' | 'resolved';

/** The filters as people choose them. */
export const FILTERS = [
  { value: 'open', text: 'Open', title: 'What nobody has resolved' },
  { value: 'mine', text: 'Mine', title: 'Open ones that I am in or that mention me' },
  { value: 'unread', text: 'Unread', title: 'Open ones that say something new to me' },
  { value: 'resolved', text: 'Resolved', title: 'What is settled' },
] as const satisfies readonly { value: Filter; text: string; title: string }[];

/** @param person id of who looks */
export function fits(filter: Filter, thread: Annotation, person: string): boolean {
  switch (filter) {
    case 'open':
      return thread.resolved === null;
    case 'resolved':
      return thread.resolved !== null;
    case 'mine':
      return thread.resolved === null && concerns(thread, person);
    case 'unread':
      return isThreadUnread(thread, person);
  }
}

/** True when every word sought stands in what was said, in who said it, in the place, or in what was seen there. */
export function says(thread: Annotation, sought: string): boolean {
  const words = sought.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const { messages, number, target } = thread;
  const text = [
    `${number}`,
    placeWords(target),
    quoteOf(target) ?? '',
    ...messages.flatMap((message) => [message.author.name, readable(message.text)]),
  ]
    .join('\n')
    .toLocaleLowerCase();
  return words.every((word) => text.includes(word));
}

/**
 * Threads by where they stand: those on the whole first, then from the last step to the first, as one reads what happens
 * last; then those without a step, the newest first.
 */
export function byStep(a: Annotation, b: Annotation): number {
  const [left, right] = [rank(a), rank(b)];
  return left.group - right.group || right.at - left.at || b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1);
}

function rank({ target }: Annotation): { group: number; at: number } {
  if (target.kind === 'trial' || target.kind === 'experiment') return { group: 0, at: 0 };
  const steps = stepsOf(target);
  return steps ? { group: 1, at: steps.to } : { group: 2, at: 0 };
}
