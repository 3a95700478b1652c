/**
 * Annotations: what people say about a notebook, pinned to a cell, a range of its text or an output. A thread is kept
 * when its place is gone; it goes with its last message, or with its notebook. What a call has answered is durable.
 */
import type { Annotation, AnnotationTarget } from '@trialroom/shared/annotation/annotation';
import { cellsOf } from '@trialroom/shared/notebook/document';
import type { Person } from '@trialroom/shared/policy/policy';
import { ulid } from 'ulid';
import * as Y from 'yjs';
import type { Database } from '../database/database.ts';
import type { Documents } from '../documents/documents.ts';
import type { OnMoved } from '../documents/store.ts';
import { Refusal } from '../http/refusal.ts';
import type { Hub } from '../live/hub.ts';
import type { Holder } from '../notebooks/forgetting.ts';
import type { Notebooks } from '../notebooks/notebooks.ts';
import { AnnotationMessageRow, AnnotationRow } from './entities.ts';
import { followMoves } from './moving.ts';
import { countUnread, erase, hold, insertMessage, noteRead, type PeopleOf, readThreads } from './store.ts';

/** Something to be said; `request` is made by who says it, so that asking twice says it once. */
export interface Saying {
  text: string;
  request: string;
}

export interface Annotations {
  /** Every thread of a notebook, oldest first, as far as this person has read them. @throws Refusal (404) */
  list(notebook: string, person: Person): Promise<Annotation[]>;
  /** Begins a thread. @throws Refusal (404 without the notebook, 422 without the place) */
  create(notebook: string, person: Person, saying: Saying & { target: AnnotationTarget }): Promise<Annotation>;
  /** Answers; a resolved thread is opened again. @throws Refusal (404) */
  reply(annotation: string, person: Person, saying: Saying): Promise<Annotation>;
  /** Changes a message of one's own. @throws Refusal (403, 404) */
  edit(annotation: string, message: string, person: Person, text: string): Promise<Annotation>;
  /** Deletes a message: one's own, or as owner anyone's. @throws Refusal (403, 404) */
  remove(annotation: string, message: string, person: Person): Promise<void>;
  resolve(annotation: string, person: Person, resolved: boolean): Promise<Annotation>;
  /** Notes how far someone has read, in ms since the epoch, and tells their other windows. @throws Refusal (404) */
  read(annotation: string, person: Person, to: number): Promise<void>;
  /** How many open threads of each notebook hold something that this person has not read. */
  unread(person: Person): Promise<{ notebook: string; threads: number }[]>;
  /** Threads go with the text, and with the cell, that they are about. */
  readonly moved: OnMoved;
  /** All threads go with their notebook. */
  readonly holder: Holder;
}

/** @param options.peopleOf who has these ids, from accounts */
export function createAnnotations(options: {
  db: Database;
  hub: Pick<Hub, 'emit' | 'tell'>;
  notebooks: Pick<Notebooks, 'get'>;
  documents: Pick<Documents, 'open'>;
  peopleOf: PeopleOf;
  onError?: (error: unknown) => void;
}): Annotations {
  const { db, hub, notebooks, documents, peopleOf, onError = () => {} } = options;

  const unknown = (annotation: string): Refusal =>
    new Refusal(404, {
      error: 'annotation-unknown',
      message: `there is no thread ${annotation}`,
      where: 'id',
      fix: 'It may have been deleted. Load the notebook again to see what there is.',
    });

  /** The thread as it is now, for whoever asked. */
  async function one(annotation: string, person: Person): Promise<Annotation> {
    const [thread] = await readThreads(db.em(), { id: annotation }, person.id, peopleOf);
    if (!thread) throw unknown(annotation);
    return thread;
  }

  /** Tells everyone in the notebook of a thread that no person has just changed. */
  async function tell(annotation: string): Promise<void> {
    const [thread] = await readThreads(db.em(), { id: annotation }, null, peopleOf);
    if (!thread) return;
    hub.emit(`notebook:${thread.notebook}`, 'annotation', { notebook: thread.notebook, annotation: thread });
  }

  /** Tells everyone in the notebook, and the person's other windows how far they have read. */
  async function announce(annotation: string, person: Person): Promise<Annotation> {
    const thread = await one(annotation, person);
    const { notebook } = thread;
    hub.emit(`notebook:${notebook}`, 'annotation', { notebook, annotation: { ...thread, readTo: 0 } });
    if (thread.readTo > 0) hub.tell(person.id, 'annotationRead', { notebook, annotation, to: thread.readTo });
    return thread;
  }

  /** The thread in which this was said before, if it was; someone else's request is refused. */
  async function saidBefore(request: string, person: Person): Promise<string | null> {
    const row = await db.em().findOne(AnnotationMessageRow, { request });
    if (!row) return null;
    if (row.author === person.id) return row.annotation;
    throw new Refusal(409, {
      error: 'request-taken',
      message: 'this request was made by someone else',
      where: 'body.request',
      fix: 'Make another one, e.g. with crypto.randomUUID().',
    });
  }

  async function requirePlace(notebook: string, target: AnnotationTarget): Promise<void> {
    const opened = await documents.open(notebook);
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
  }

  /** Someone's own message; with `owners` an owner may as well. */
  function requireOwn(author: string, person: Person, owners: boolean): void {
    if (author === person.id || (owners && person.role === 'owner')) return;
    throw new Refusal(403, {
      error: 'not-yours',
      message: owners ? 'only its author or an owner may delete a message' : 'only its author may change a message',
      where: 'message',
      fix: 'Answer it instead.',
    });
  }

  const messageOf = async (annotation: string, message: string): Promise<{ author: string }> => {
    const row = await db.em().findOne(AnnotationMessageRow, { id: message, annotation });
    if (row) return row;
    throw new Refusal(404, {
      error: 'message-unknown',
      message: `there is no message ${message} in this thread`,
      where: 'message',
      fix: 'It may have been deleted.',
    });
  };

  return {
    async list(notebook, person) {
      await notebooks.get(notebook);
      return readThreads(db.em(), { notebook }, person.id, peopleOf);
    },

    async create(notebook, person, { target, text, request }) {
      await notebooks.get(notebook);
      const before = await saidBefore(request, person);
      if (before) return one(before, person);
      await requirePlace(notebook, target);
      const id = ulid();
      const at = Date.now();
      const made = await db.em().transactional(async (em) => {
        // First, so that of two who ask at once the second waits here and then finds the thread of the first.
        if (!(await insertMessage(em, { id: ulid(), annotation: id, request, author: person.id, text, at })))
          return false;
        await em.insert(AnnotationRow, { id, notebook, target: JSON.stringify(target), createdAt: at, revision: 1 });
        await noteRead(em, person.id, id, at);
        return true;
      });
      return made ? announce(id, person) : one((await saidBefore(request, person)) ?? id, person);
    },

    async reply(annotation, person, { text, request }) {
      const before = await saidBefore(request, person);
      if (before) return one(before, person);
      const made = await db.em().transactional(async (em) => {
        if (!(await hold(em, annotation))) throw unknown(annotation);
        const last = await em.findOne(AnnotationMessageRow, { annotation }, { orderBy: { at: 'desc' } });
        // Later than what is answered, whatever the clock says: order and reading go by this time.
        const at = Math.max(Date.now(), Number(last?.at ?? 0) + 1);
        if (!(await insertMessage(em, { id: ulid(), annotation, request, author: person.id, text, at }))) return false;
        await em.nativeUpdate(AnnotationRow, { id: annotation }, { resolvedBy: null, resolvedAt: null });
        await noteRead(em, person.id, annotation, at);
        return true;
      });
      return made ? announce(annotation, person) : one((await saidBefore(request, person)) ?? annotation, person);
    },

    async edit(annotation, message, person, text) {
      requireOwn((await messageOf(annotation, message)).author, person, false);
      await db.em().transactional(async (em) => {
        if (!(await hold(em, annotation))) throw unknown(annotation);
        const change = { text: JSON.stringify(text), editedAt: Date.now() };
        await em.nativeUpdate(AnnotationMessageRow, { id: message, annotation }, change);
      });
      return announce(annotation, person);
    },

    async remove(annotation, message, person) {
      requireOwn((await messageOf(annotation, message)).author, person, true);
      const { notebook } = await one(annotation, person);
      const gone = await db.em().transactional(async (em) => {
        if (!(await hold(em, annotation))) throw unknown(annotation);
        await em.nativeDelete(AnnotationMessageRow, { id: message, annotation });
        if ((await em.count(AnnotationMessageRow, { annotation })) > 0) return false;
        await erase(em, [annotation]);
        return true;
      });
      if (gone) hub.emit(`notebook:${notebook}`, 'annotationGone', { notebook, id: annotation });
      else await announce(annotation, person);
    },

    async resolve(annotation, person, resolved) {
      await db.em().transactional(async (em) => {
        if (!(await hold(em, annotation))) throw unknown(annotation);
        // Who resolved it first stays who resolved it.
        const open = { id: annotation, resolvedAt: null };
        if (resolved) await em.nativeUpdate(AnnotationRow, open, { resolvedBy: person.id, resolvedAt: Date.now() });
        else await em.nativeUpdate(AnnotationRow, { id: annotation }, { resolvedBy: null, resolvedAt: null });
      });
      return announce(annotation, person);
    },

    async read(annotation, person, to) {
      const { notebook, messages } = await one(annotation, person);
      // Nobody has read what is yet to be written.
      const seen = Math.min(to, messages.at(-1)?.at ?? 0);
      await noteRead(db.em(), person.id, annotation, seen);
      hub.tell(person.id, 'annotationRead', { notebook, annotation, to: seen });
    },

    unread: (person) => countUnread(db.em(), person.id),

    async moved(tx, notebook, moves, doc) {
      const ids = await followMoves(tx, notebook, moves, doc);
      return () => {
        for (const id of ids) tell(id).catch(onError);
      };
    },

    holder: {
      async erase(em, notebook) {
        const rows = await em.find(AnnotationRow, { notebook }, { fields: ['id'] });
        await erase(
          em,
          rows.map(({ id }) => id),
        );
      },
    },
  };
}

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
