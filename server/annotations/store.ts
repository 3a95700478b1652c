/**
 * Threads in SQL: rows in, `Annotation`s out. Every change of a thread counts its revision up first, which also holds
 * the thread's row, so that changes of one thread come one after another, whoever makes them.
 */
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Annotation, Author } from '@trialroom/shared/annotation/annotation';
import { AnnotationTarget, type Subject } from '@trialroom/shared/annotation/target';
import { z } from 'zod';
import { AnnotationMessageRow, AnnotationReadRow, AnnotationRow } from './entities.ts';

/** The people of these ids, as far as there are any. */
export type PeopleOf = (ids: readonly string[]) => Promise<readonly Author[]>;

const Text = z.string();
const Ids = z.array(z.object({ id: z.string() }));

/** A new message; `text` is Markdown. */
export interface NewMessage {
  id: string;
  annotation: string;
  request: string;
  author: string;
  text: string;
  at: number;
}

/** Writes a message; false, and nothing is written, when this request was carried out before. */
export async function insertMessage(em: EntityManager, message: NewMessage): Promise<boolean> {
  const { id, annotation, request, author, text, at } = message;
  const written = await em.execute(
    `insert into annotation_messages (id, annotation, request, author, text, at) values (?, ?, ?, ?, ?, ?)
      on conflict (request) do nothing returning id`,
    [id, annotation, request, author, JSON.stringify(text), at],
  );
  return Ids.parse(written).length > 0;
}

/** Writes a thread, with the next number of its subject. Who begins another one there meanwhile waits for this one. */
export async function insertThread(
  em: EntityManager,
  { id, subject, target, at }: { id: string; subject: Subject; target: AnnotationTarget; at: number },
): Promise<void> {
  await em.execute('select pg_advisory_xact_lock(hashtext(?))', [`annotations ${subject.kind} ${subject.id}`]);
  await em.execute(
    `insert into annotations (id, kind, subject, number, target, created_at, revision)
      select ?, ?, ?, coalesce(max(number), 0) + 1, ?, ?, 1 from annotations where kind = ? and subject = ?`,
    [id, subject.kind, subject.id, JSON.stringify(target), at, subject.kind, subject.id],
  );
}

/** Counts the thread's revision up and holds its row until the transaction ends; false when there is no such thread. */
export async function hold(em: EntityManager, annotation: string): Promise<boolean> {
  const held = await em.execute('update annotations set revision = revision + 1 where id = ? returning id', [
    annotation,
  ]);
  return Ids.parse(held).length > 0;
}

/** Notes how far someone has read; it never goes back. */
export async function noteRead(em: EntityManager, person: string, annotation: string, to: number): Promise<void> {
  await em.execute(
    `insert into annotation_reads (person, annotation, read_to) values (?, ?, ?)
      on conflict (person, annotation) do update set read_to = greatest(annotation_reads.read_to, excluded.read_to)`,
    [person, annotation, to],
  );
}

/** Takes threads away with all that belongs to them. */
export async function erase(em: EntityManager, annotations: readonly string[]): Promise<void> {
  if (annotations.length === 0) return;
  const which = { annotation: { $in: [...annotations] } };
  await em.nativeDelete(AnnotationReadRow, which);
  await em.nativeDelete(AnnotationMessageRow, which);
  await em.nativeDelete(AnnotationRow, { id: { $in: [...annotations] } });
}

/** Takes all threads of these subjects away. */
export async function eraseOf(em: EntityManager, kind: Subject['kind'], subjects: readonly string[]): Promise<void> {
  const rows = await em.find(AnnotationRow, { kind, subject: { $in: [...subjects] } }, { fields: ['id'] });
  await erase(
    em,
    rows.map(({ id }) => id),
  );
}

/**
 * Threads with their messages, oldest first. `reader` is whose reading they carry; null: nobody's.
 * Those that are being taken away are left out.
 */
export async function readThreads(
  em: EntityManager,
  which: { ids: readonly string[] } | { kind: Subject['kind']; subjects: readonly string[] },
  reader: string | null,
  peopleOf: PeopleOf,
): Promise<Annotation[]> {
  const where =
    'ids' in which ? { id: { $in: [...which.ids] } } : { kind: which.kind, subject: { $in: [...which.subjects] } };
  const rows = await em.find(AnnotationRow, where, { orderBy: { createdAt: 'asc', id: 'asc' } });
  const inThese = { annotation: { $in: rows.map(({ id }) => id) } };
  const messages = await em.find(AnnotationMessageRow, inThese, { orderBy: { at: 'asc', id: 'asc' } });
  const reads = reader === null ? [] : await em.find(AnnotationReadRow, { ...inThese, person: reader });
  const readTo = new Map(reads.map(({ annotation, readTo }) => [annotation, Number(readTo)]));
  const ids = [...messages.map(({ author }) => author), ...rows.flatMap(({ resolvedBy }) => resolvedBy ?? [])];
  const people = new Map((await peopleOf([...new Set(ids)])).map((person) => [person.id, person]));
  const authorOf = (id: string): Author => {
    const known = people.get(id);
    return known ? { id, name: known.name, colour: known.colour } : { id, name: 'Someone who left', colour: 'a' };
  };
  const said = Map.groupBy(messages, ({ annotation }) => annotation);
  return rows.flatMap((row) => {
    const own = said.get(row.id) ?? [];
    if (own.length === 0) return [];
    return {
      id: row.id,
      subject: { kind: row.kind, id: row.subject },
      number: row.number,
      target: AnnotationTarget.parse(JSON.parse(row.target)),
      messages: own.map(({ id, author, text, at, editedAt }) => ({
        id,
        author: authorOf(author),
        text: Text.parse(JSON.parse(text)),
        at: Number(at),
        editedAt: editedAt == null ? null : Number(editedAt),
      })),
      createdAt: Number(row.createdAt),
      resolved: row.resolvedBy && row.resolvedAt ? { by: authorOf(row.resolvedBy), at: Number(row.resolvedAt) } : null,
      revision: row.revision,
      readTo: readTo.get(row.id) ?? 0,
    };
  });
}
