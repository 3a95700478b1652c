/** What waits for someone: threads that they have not read, by what these belong to, and what was said last. */
import type { EntityManager } from '@mikro-orm/postgresql';
import {
  type Annotation,
  isThreadUnread,
  isUnread,
  type Notice,
  type Waiting,
} from '@trialroom/shared/annotation/annotation';
import { mentionsIn, readable } from '@trialroom/shared/annotation/mentions';
import { Subject } from '@trialroom/shared/annotation/target';
import { placeWords } from '@trialroom/shared/annotation/words';
import { z } from 'zod';
import { type PeopleOf, readThreads } from './store.ts';

/** Unread threads that are read whole to find what mentions someone, the newest first. */
const MOST_READ = 200;
/** Messages that are looked at for the threads in which something was said last. */
const MOST_MESSAGES = 100;
/** Threads to look at first. */
const MOST_NOTICES = 8;
/** Characters of what was said that a notice holds. */
const MOST_SHOWN = 200;

const Unread = z.array(z.object({ id: z.string(), kind: Subject.shape.kind, subject: z.string() }));
const Newest = z.array(z.object({ annotation: z.string() }));

/**
 * @param nameOf what a subject is called; null: it is gone, and nobody is to be led there
 * @returns the subjects with something unread, those that mention the person first; and threads, what is unread and
 *   mentions the person first, then those in which something was said last
 */
export async function readWaiting(
  em: EntityManager,
  person: string,
  nameOf: (subject: Subject) => Promise<string | null>,
  peopleOf: PeopleOf,
): Promise<{ waiting: Waiting[]; recent: Notice[] }> {
  const unread = Unread.parse(
    await em.execute(
      `select a.id, a.kind, a.subject from annotations a
        join annotation_messages m on m.annotation = a.id
        left join annotation_reads r on r.annotation = a.id and r.person = ?
        where a.resolved_at is null and m.author <> ? and m.at > coalesce(r.read_to, 0)
        group by a.id, a.kind, a.subject order by max(m.at) desc, a.id desc`,
      [person, person],
    ),
  );
  const newest = Newest.parse(
    await em.execute('select annotation from annotation_messages order by at desc limit ?', [MOST_MESSAGES]),
  );
  const ids = [...unread.slice(0, MOST_READ).map(({ id }) => id), ...newest.map(({ annotation }) => annotation)];
  const threads = await readThreads(em, { ids: [...new Set(ids)] }, person, peopleOf);
  const byId = new Map(threads.map((thread) => [thread.id, thread]));

  const names = new Map<string, Promise<string | null>>();
  const named = (subject: Subject): Promise<string | null> => {
    const key = `${subject.kind} ${subject.id}`;
    const known = names.get(key) ?? nameOf(subject);
    names.set(key, known);
    return known;
  };

  const waiting: Waiting[] = [];
  for (const rows of Map.groupBy(unread, ({ kind, subject }) => `${kind} ${subject}`).values()) {
    const [one] = rows;
    if (!one) continue;
    const subject = { kind: one.kind, id: one.subject };
    const name = await named(subject);
    if (name === null) continue;
    const mentions = rows.filter(({ id }) => mentionsUnread(byId.get(id), person)).length;
    waiting.push({ subject, name, threads: rows.length, mentions });
  }
  waiting.sort((a, b) => Math.sign(b.mentions) - Math.sign(a.mentions));

  const recent: Notice[] = [];
  for (const thread of threads.filter(({ resolved }) => resolved === null).sort(firstFor(person))) {
    if (recent.length === MOST_NOTICES) break;
    const name = await named(thread.subject);
    if (name !== null) recent.push(noticeOf(thread, name, person));
  }
  return { waiting, recent };
}

const names = (text: string, person: string): boolean => mentionsIn(text).some(({ id }) => id === person);

/** The last message that the person is to read because it mentions them. */
const mentionFor = ({ messages, readTo }: Annotation, person: string): Annotation['messages'][number] | undefined =>
  messages.findLast((message) => isUnread(message, readTo, person) && names(message.text, person));

const mentionsUnread = (thread: Annotation | undefined, person: string): boolean =>
  thread !== undefined && mentionFor(thread, person) !== undefined;

const lastOf = ({ messages }: Annotation): number => messages.at(-1)?.at ?? 0;

const firstFor =
  (person: string) =>
  (a: Annotation, b: Annotation): number =>
    Number(mentionsUnread(b, person)) - Number(mentionsUnread(a, person)) ||
    lastOf(b) - lastOf(a) ||
    (a.id < b.id ? 1 : -1);

function noticeOf(thread: Annotation, name: string, person: string): Notice {
  const { id, messages, subject, target } = thread;
  const mention = mentionFor(thread, person);
  const message = mention ?? messages.at(-1) ?? messages[0];
  if (!message) throw new Error(`thread ${id} without a message`);
  const text = readable(message.text).replace(/\s+/g, ' ').trim();
  const shown = [...text.slice(0, 2 * MOST_SHOWN)];
  return {
    subject,
    name,
    place: subject.kind === 'notebook' ? '' : placeWords(target),
    thread: id,
    author: message.author,
    text: shown.length > MOST_SHOWN ? `${shown.slice(0, MOST_SHOWN - 1).join('')}…` : text,
    at: message.at,
    replies: messages.length - 1,
    unread: isThreadUnread(thread, person),
    mention: mention !== undefined,
  };
}
