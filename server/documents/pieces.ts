/** Pieces of text in Yjs documents: what a transaction added and took away, and in which order it stood. */
import * as Y from 'yjs';

/** Text as it is or was: characters from (`client`, `clock`) on. */
export interface Run {
  client: number;
  clock: number;
  text: string;
}

interface Pieces {
  added: Y.Item[];
  deleted: Y.Item[];
}

const pieces = new WeakMap<Y.Transaction, Map<unknown, Pieces>>();

/**
 * What a transaction added to and deleted from a text. It looks at what changed only, once a transaction: a walk through
 * the text for every keystroke would grow with all that was ever typed.
 */
export function piecesOf(transaction: Y.Transaction, text: Y.Text): Pieces {
  let known = pieces.get(transaction);
  if (!known) {
    const made = new Map<unknown, Pieces>();
    const of = (item: Y.Item): Pieces => {
      const found = made.get(item.parent) ?? { added: [], deleted: [] };
      made.set(item.parent, found);
      return found;
    };
    for (const [client, clock] of transaction.afterState) {
      const before = transaction.beforeState.get(client) ?? 0;
      const structs = transaction.doc.store.clients.get(client);
      if (!structs || clock <= before) continue;
      for (let index = Y.findIndexSS(structs, before); index < structs.length; index++) {
        const struct = structs[index];
        if (struct instanceof Y.Item && struct.id.clock >= before) of(struct).added.push(struct);
      }
    }
    Y.iterateDeletedStructs(transaction, transaction.deleteSet, (struct) => {
      if (struct instanceof Y.Item) of(struct).deleted.push(struct);
    });
    pieces.set(transaction, made);
    known = made;
  }
  return known.get(text) ?? { added: [], deleted: [] };
}

/** The text that this transaction deleted in a text, in the order in which it stood. */
export function deletedRuns(text: unknown, transaction: Y.Transaction): Run[] {
  const runs: Run[] = [];
  if (!(text instanceof Y.Text)) return runs;
  for (let item = text._start; item; item = item.right) {
    if (!item.deleted || !(item.content instanceof Y.ContentString)) continue;
    if (!Y.isDeleted(transaction.deleteSet, item.id)) continue;
    runs.push({ client: item.id.client, clock: item.id.clock, text: item.content.str });
  }
  return runs;
}

/** The text that this transaction put into a text, as far as it is still there, in the order in which it stands. */
export function addedRuns(text: Y.Text, transaction: Y.Transaction): Run[] {
  const runs: Run[] = [];
  for (let item = text._start; item; item = item.right) {
    if (item.deleted || !(item.content instanceof Y.ContentString)) continue;
    if (item.id.clock < (transaction.beforeState.get(item.id.client) ?? 0)) continue;
    runs.push({ client: item.id.client, clock: item.id.clock, text: item.content.str });
  }
  return runs;
}

/** The text of a cell that has just been deleted: its entries do not answer any more. */
export function lastSource(cell: Y.Map<unknown>): unknown {
  const content = cell._map.get('source')?.content;
  return content instanceof Y.ContentType ? content.type : undefined;
}

/** The rest of the run that holds the character at this place of all runs together. */
export function runAt(runs: readonly Run[], at: number): Run | undefined {
  for (const run of runs) {
    if (at < run.text.length) return { client: run.client, clock: run.clock + at, text: run.text.slice(at) };
    at -= run.text.length;
  }
  return undefined;
}
