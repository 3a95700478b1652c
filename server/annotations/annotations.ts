/**
 * Annotations: what people say about a notebook, a trial or an experiment, pinned to a place in it. A thread is kept when
 * its place is gone; it goes with its last message, or with what it belongs to. What a call has answered is durable.
 */
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Annotation, Notice, Waiting } from '@trialroom/shared/annotation/annotation';
import { type WrittenNote, writeNotes } from '@trialroom/shared/annotation/export';
import { mentionsIn } from '@trialroom/shared/annotation/mentions';
import type { AnnotationTarget, Subject } from '@trialroom/shared/annotation/target';
import type { Person } from '@trialroom/shared/policy/policy';
import { ulid } from 'ulid';
import type { Database } from '../database/database.ts';
import type { OnMoved } from '../documents/store.ts';
import { Refusal } from '../http/refusal.ts';
import type { Hub } from '../live/hub.ts';
import type { Holder } from '../notebooks/forgetting.ts';
import { AnnotationMessageRow, AnnotationRow } from './entities.ts';
import { followMoves } from './moving.ts';
import { messageUnknown, notYours, requestTaken, threadUnknown } from './refusals.ts';
import { erase, eraseOf, hold, insertMessage, insertThread, noteRead, type PeopleOf, readThreads } from './store.ts';
import { type SubjectKeepers, topicOf } from './subjects.ts';
import { readWaiting } from './unread.ts';

/** Something to be said; `request` is made by who says it, so that asking twice says it once. */
export interface Saying {
  text: string;
  request: string;
}

export interface Annotations {
  /** Every thread of a subject, oldest first, as far as this person has read them. @throws Refusal (404) */
  list(subject: Subject, person: Person): Promise<Annotation[]>;
  /** What it is called and every thread of it, oldest first, for exports: read by nobody. @throws Refusal (404) */
  annotationsOf(subject: Subject): Promise<{ name: string; annotations: Annotation[] }>;
  /** Begins a thread. @throws Refusal (404 without the subject, 422 without the place) */
  create(subject: Subject, person: Person, saying: Saying & { target: AnnotationTarget }): Promise<Annotation>;
  /** Answers; a resolved thread is opened again. @throws Refusal (404) */
  reply(annotation: string, person: Person, saying: Saying): Promise<Annotation>;
  /** Changes a message of one's own. @throws Refusal (403, 404) */
  edit(annotation: string, message: string, person: Person, text: string): Promise<Annotation>;
  /** Deletes a message: one's own, or as owner anyone's. @throws Refusal (403, 404) */
  remove(annotation: string, message: string, person: Person): Promise<void>;
  resolve(annotation: string, person: Person, resolved: boolean): Promise<Annotation>;
  /** Notes how far someone has read, in ms since the epoch, and tells their other windows. @throws Refusal (404) */
  read(annotation: string, person: Person, to: number): Promise<void>;
  /** What waits for this person, by what it is about, and what they may want to look at first. */
  unread(person: Person): Promise<{ waiting: Waiting[]; recent: Notice[] }>;
  /** Every thread of many at once, as files say them, by id; those without any are left out. */
  notesOf(kind: 'trial' | 'experiment', ids: readonly string[]): Promise<ReadonlyMap<string, WrittenNote[]>>;
  /** Takes all threads of trials or experiments away, within the transaction that takes these away. */
  erase(em: EntityManager, kind: Subject['kind'], ids: readonly string[]): Promise<void>;
  /** Threads go with the text, and with the cell, that they are about. */
  readonly moved: OnMoved;
  /** All threads go with their notebook. */
  readonly holder: Holder;
}

/** Subjects whose threads are read with one query. */
const MOST_AT_ONCE = 500;

/** @param options.peopleOf who has these ids, from accounts */
export function createAnnotations(options: {
  db: Database;
  hub: Pick<Hub, 'emit' | 'tell'>;
  subjects: SubjectKeepers;
  peopleOf: PeopleOf;
  onError?: (error: unknown) => void;
}): Annotations {
  const { db, hub, subjects, peopleOf, onError = () => {} } = options;

  /** The thread as it is now, for whoever asked. Threads of what was deleted are gone with it, though it may come back. */
  async function one(annotation: string, person: Person): Promise<Annotation> {
    const [thread] = await readThreads(db.em(), { ids: [annotation] }, person.id, peopleOf);
    if (!thread) throw threadUnknown(annotation);
    return thread;
  }

  /** @throws Refusal (404) without the thread, or without what it belongs to */
  async function requireThread(annotation: string): Promise<void> {
    const row = await db.em().findOne(AnnotationRow, { id: annotation });
    if (!row) throw threadUnknown(annotation);
    if (row.kind !== 'notebook') await subjects[row.kind].nameOf(row.subject);
  }

  const emit = (thread: Annotation): void =>
    hub.emit(topicOf(thread.subject), 'annotation', { annotation: { ...thread, readTo: 0 } });

  /** Tells everyone who looks of a thread that no person has just changed. */
  async function tell(annotation: string): Promise<void> {
    const [thread] = await readThreads(db.em(), { ids: [annotation] }, null, peopleOf);
    if (thread) emit(thread);
  }

  /** Tells everyone who looks, and the person's other windows how far they have read. */
  async function announce(annotation: string, person: Person): Promise<Annotation> {
    const thread = await one(annotation, person);
    const { subject } = thread;
    emit(thread);
    if (thread.readTo > 0) hub.tell(person.id, 'annotationRead', { subject, annotation, to: thread.readTo });
    return thread;
  }

  /** Tells those whom a text mentions, and with `all` who else is in the thread, wherever they are. */
  function call({ id, subject, messages }: Annotation, person: Person, text: string, all: boolean): void {
    const named = mentionsIn(text).map((one) => one.id);
    const others = all ? messages.map(({ author }) => author.id) : [];
    for (const to of new Set([...named, ...others])) {
      if (to !== person.id) hub.tell(to, 'annotationWaiting', { subject, annotation: id, mention: named.includes(to) });
    }
  }

  /** The thread in which this was said before, if it was; someone else's request is refused. */
  async function saidBefore(request: string, person: Person): Promise<string | null> {
    const row = await db.em().findOne(AnnotationMessageRow, { request });
    if (!row) return null;
    if (row.author === person.id) return row.annotation;
    throw requestTaken();
  }

  /** Someone's own message; with `owners` an owner may as well. */
  async function requireOwn(annotation: string, message: string, person: Person, owners: boolean): Promise<void> {
    const row = await db.em().findOne(AnnotationMessageRow, { id: message, annotation });
    if (!row) throw messageUnknown(message);
    if (row.author !== person.id && !(owners && person.role === 'owner')) throw notYours(owners);
  }

  /** Changes a thread that is there, with its row held. */
  const change = <T>(annotation: string, work: (em: EntityManager) => Promise<T>): Promise<T> =>
    db.em().transactional(async (em) => {
      if (!(await hold(em, annotation))) throw threadUnknown(annotation);
      return work(em);
    });

  return {
    async list(subject, person) {
      await subjects[subject.kind].nameOf(subject.id);
      return readThreads(db.em(), { kind: subject.kind, subjects: [subject.id] }, person.id, peopleOf);
    },

    async annotationsOf(subject) {
      const name = await subjects[subject.kind].nameOf(subject.id);
      const which = { kind: subject.kind, subjects: [subject.id] };
      return { name, annotations: await readThreads(db.em(), which, null, peopleOf) };
    },

    async create(subject, person, { target, text, request }) {
      await subjects[subject.kind].nameOf(subject.id);
      const before = await saidBefore(request, person);
      if (before) return one(before, person);
      await subjects[subject.kind].requirePlace?.(subject.id, target);
      const id = ulid();
      const at = Date.now();
      const made = await db.em().transactional(async (em) => {
        // First, so that of two who ask at once the second waits here and then finds the thread of the first.
        if (!(await insertMessage(em, { id: ulid(), annotation: id, request, author: person.id, text, at })))
          return false;
        await insertThread(em, { id, subject, target, at });
        await noteRead(em, person.id, id, at);
        return true;
      });
      if (!made) return one((await saidBefore(request, person)) ?? id, person);
      const thread = await announce(id, person);
      call(thread, person, text, false);
      await subjects[subject.kind].begun?.(subject.id, thread).catch(onError);
      return thread;
    },

    async reply(annotation, person, { text, request }) {
      const before = await saidBefore(request, person);
      if (before) return one(before, person);
      await requireThread(annotation);
      const made = await change(annotation, async (em) => {
        const last = await em.findOne(AnnotationMessageRow, { annotation }, { orderBy: { at: 'desc' } });
        // Later than what is answered, whatever the clock says: order and reading go by this time.
        const at = Math.max(Date.now(), Number(last?.at ?? 0) + 1);
        if (!(await insertMessage(em, { id: ulid(), annotation, request, author: person.id, text, at }))) return false;
        await em.nativeUpdate(AnnotationRow, { id: annotation }, { resolvedBy: null, resolvedAt: null });
        await noteRead(em, person.id, annotation, at);
        return true;
      });
      if (!made) return one((await saidBefore(request, person)) ?? annotation, person);
      const thread = await announce(annotation, person);
      call(thread, person, text, true);
      return thread;
    },

    async edit(annotation, message, person, text) {
      await requireOwn(annotation, message, person, false);
      await requireThread(annotation);
      await change(annotation, async (em) => {
        const words = { text: JSON.stringify(text), editedAt: Date.now() };
        await em.nativeUpdate(AnnotationMessageRow, { id: message, annotation }, words);
      });
      const thread = await announce(annotation, person);
      call(thread, person, text, false);
      return thread;
    },

    async remove(annotation, message, person) {
      await requireOwn(annotation, message, person, true);
      const { subject } = await one(annotation, person);
      const gone = await change(annotation, async (em) => {
        await em.nativeDelete(AnnotationMessageRow, { id: message, annotation });
        if ((await em.count(AnnotationMessageRow, { annotation })) > 0) return false;
        await erase(em, [annotation]);
        return true;
      });
      if (gone) hub.emit(topicOf(subject), 'annotationGone', { subject, id: annotation });
      else await announce(annotation, person);
    },

    async resolve(annotation, person, resolved) {
      await requireThread(annotation);
      await change(annotation, async (em) => {
        // Who resolved it first stays who resolved it.
        const open = { id: annotation, resolvedAt: null };
        if (resolved) await em.nativeUpdate(AnnotationRow, open, { resolvedBy: person.id, resolvedAt: Date.now() });
        else await em.nativeUpdate(AnnotationRow, { id: annotation }, { resolvedBy: null, resolvedAt: null });
      });
      return announce(annotation, person);
    },

    async read(annotation, person, to) {
      const { subject, messages } = await one(annotation, person);
      // Nobody has read what is yet to be written.
      const seen = Math.min(to, messages.at(-1)?.at ?? 0);
      await noteRead(db.em(), person.id, annotation, seen);
      hub.tell(person.id, 'annotationRead', { subject, annotation, to: seen });
    },

    unread: (person) =>
      readWaiting(
        db.em(),
        person.id,
        ({ kind, id }) =>
          subjects[kind].nameOf(id).catch((error: unknown) => {
            if (error instanceof Refusal) return null;
            throw error;
          }),
        peopleOf,
      ),

    async notesOf(kind, ids) {
      const notes = new Map<string, WrittenNote[]>();
      for (let from = 0; from < ids.length; from += MOST_AT_ONCE) {
        const subjects = ids.slice(from, from + MOST_AT_ONCE);
        const threads = await readThreads(db.em(), { kind, subjects }, null, peopleOf);
        for (const [id, own] of Map.groupBy(threads, ({ subject }) => subject.id)) notes.set(id, writeNotes(own));
      }
      return notes;
    },

    erase: eraseOf,

    async moved(tx, notebook, moves, doc) {
      const ids = await followMoves(tx, notebook, moves, doc);
      return () => {
        for (const id of ids) tell(id).catch(onError);
      };
    },

    holder: { erase: (em, notebook) => eraseOf(em, 'notebook', [notebook]) },
  };
}
