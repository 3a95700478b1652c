/**
 * Who changed which cell since a version. What people put in is read from the document itself; who only took something
 * away from a cell, Yjs does not say, and so neither does this.
 */
import { cellMetadataOf, cellsOf, sourceOf } from '@trialroom/shared/notebook/document';
import * as Y from 'yjs';

/** Of each cell, the Yjs clients that wrote what stands in it, each with the clock behind the last of it. */
export type Writings = ReadonlyMap<string, ReadonlyMap<number, number>>;

export function writingsIn(doc: Y.Doc): Writings {
  const cells = cellsOf(doc);
  return new Map(
    [...cells.entries()].map(([id, cell]) => {
      const clocks = new Map<number, number>();
      const see = (item: Y.Item | null | undefined): void => {
        if (!item || item.deleted) return;
        clocks.set(item.id.client, Math.max(clocks.get(item.id.client) ?? 0, item.id.clock + item.length));
      };
      see(cells._map.get(id));
      if (cell instanceof Y.Map) {
        for (const item of cell._map.values()) see(item);
        for (const item of cellMetadataOf(cell)._map.values()) see(item);
        for (let item = sourceOf(cell)._start; item; item = item.right) see(item);
      }
      return [id, clocks];
    }),
  );
}

/**
 * The people who wrote in each cell after the document was in the state `before`, by cell; cells in which nobody known
 * did are left out.
 */
export function authorsSince(
  before: Uint8Array,
  writings: Writings,
  people: ReadonlyMap<number, string>,
): Record<string, string[]> {
  const known = Y.decodeStateVector(before);
  return Object.fromEntries(
    [...writings].flatMap(([cell, clocks]) => {
      const fresh = [...clocks].filter(([client, clock]) => clock > (known.get(client) ?? 0));
      const authors = [...new Set(fresh.flatMap(([client]) => people.get(client) ?? []))];
      return authors.length > 0 ? [[cell, authors]] : [];
    }),
  );
}
