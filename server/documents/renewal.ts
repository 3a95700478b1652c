/**
 * Renewal: a document made anew with the same cells, texts and authors, and without what remains in the old one of all
 * that was ever deleted or moved. Yjs keeps a mark of every deleted piece for ever, so that a document that is worked on
 * for months outgrows what it says; compaction cannot take these marks away, renewal does. Copies of the old document do
 * not fit the new one: it has a generation of its own, and `connection.ts` turns such copies away.
 */
import { cellMetadataOf, cellOrder, cellsOf, extraOf, metadataOf, sourceOf } from '@trialroom/shared/notebook/document';
import { generateNKeysBetween } from 'fractional-indexing';
import * as Y from 'yjs';
import type { Returned } from './moves.ts';

/** What is stored may be so many times as large as the renewed document before it is renewed. */
export const MOST_TIMES = 2.5;
/** Documents that take less than this, in bytes, are left alone: two pages of the database. */
export const SMALL = 16 * 1024;

/** Says who wrote the character of this Yjs id; null: no person that is known. */
export type AuthorOf = (client: number, clock: number) => string | null;

/** The author of each character, given who is behind each client id and which text only came back. */
export function authorsFrom(people: ReadonlyMap<number, string>, returned: readonly Returned[]): AuthorOf {
  const byClient = new Map<number, Returned[]>();
  for (const run of returned) byClient.set(run.client, [...(byClient.get(run.client) ?? []), run]);
  return (client, clock) => {
    const seen = new Set<string>();
    for (;;) {
      const run = byClient.get(client)?.find((one) => one.clock <= clock && clock < one.clock + one.length);
      const key = `${client} ${clock}`;
      if (!run || seen.has(key)) return people.get(client) ?? null;
      seen.add(key);
      [client, clock] = [run.fromClient, run.fromClock + clock - run.clock];
    }
  };
}

/** A renewed document, and whose its client ids are. The caller destroys it. */
export interface Renewed {
  doc: Y.Doc;
  authors: { client: number; person: string }[];
}

/** Makes the document anew. Cell ids, their order and every character's author stay; places in texts keep their numbers. */
export function renewDocument(before: Y.Doc, authorOf: AuthorOf): Renewed {
  const doc = new Y.Doc();
  const own = doc.clientID;
  const clients = new Map<string, number>();
  const clientOf = (person: string | null): number => {
    if (person === null) return own;
    const client = clients.get(person) ?? new Y.Doc().clientID;
    clients.set(person, client);
    return client;
  };
  doc.transact(() => {
    for (const bag of [metadataOf, extraOf]) {
      for (const [key, value] of Object.entries(bag(before).toJSON())) bag(doc).set(key, value);
    }
    const ids = cellOrder(before);
    const orders = generateNKeysBetween(null, null, ids.length);
    ids.forEach((id, index) => {
      const old = cellsOf(before).get(id);
      if (!old) return;
      const cell = new Y.Map<unknown>();
      for (const [key, value] of Object.entries(old.toJSON())) {
        if (key !== 'source' && key !== 'metadata' && key !== 'order') cell.set(key, value);
      }
      const text = new Y.Text();
      cell.set('order', orders[index]);
      cell.set('source', text);
      cell.set('metadata', new Y.Map(Object.entries(cellMetadataOf(old).toJSON())));
      cellsOf(doc).set(id, cell);
      for (const { person, part } of runsOf(sourceOf(old), authorOf)) {
        doc.clientID = clientOf(person);
        text.insert(text.length, part);
      }
      doc.clientID = own;
    });
  });
  return { doc, authors: [...clients].map(([person, client]) => ({ client, person })) };
}

/** The text in stretches of one author each. */
function runsOf(text: Y.Text, authorOf: AuthorOf): { person: string | null; part: string }[] {
  const runs: { person: string | null; part: string }[] = [];
  for (let item = text._start; item; item = item.right) {
    if (item.deleted || !(item.content instanceof Y.ContentString)) continue;
    const { str } = item.content;
    for (let at = 0; at < str.length; at++) {
      const person = authorOf(item.id.client, item.id.clock + at);
      const last = runs.at(-1);
      if (last && last.person === person) last.part += str[at];
      else runs.push({ person, part: str[at] ?? '' });
    }
  }
  return runs;
}
