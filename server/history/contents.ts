/**
 * What a version holds, as pieces named by their hash: the text of each cell, its outputs, lists of cells, and one root.
 * Two versions share the pieces in which they agree, so that keeping one costs what changed. It knows no database.
 */
import { createHash } from 'node:crypto';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import type { CellMark } from '@trialroom/shared/history/compare';
import { VersionCell } from '@trialroom/shared/history/history';
import type { Output } from '@trialroom/shared/notebook/outputs';
import { z } from 'zod';

/** A notebook at one moment. */
export interface Snapshot {
  metadata: Record<string, unknown>;
  /** Unknown keys at the top of the file. */
  extra: Record<string, unknown>;
  cells: VersionCell[];
}

/** A piece of content: its hash, and its bytes compressed. */
export interface Piece {
  hash: string;
  data: Uint8Array;
}

/** Outputs of one cell, and of one notebook, that are kept at most, in characters of JSON. */
const MOST_OF_CELL = 2_000_000;
const MOST_OF_ALL = 16_000_000;
/** Cells of a list on average: a list ends behind a cell whose hash says so, so that lists stay as they are around a change. */
const LIST = 32;

const Bag = z.record(z.string(), z.unknown());
const Text = VersionCell.pick({ type: true, source: true, metadata: true, extra: true });
const Shown = VersionCell.pick({ outputs: true, count: true });
/** A list of cells: id, hash of the text, hash of the outputs (absent: none, never run). */
const List = z.array(z.tuple([z.string(), z.string(), z.string().nullable()]));
const Root = z.object({ metadata: Bag, extra: Bag, lists: z.array(z.string()) });

/** A snapshot as pieces, made without reading any; `root` names the one that leads to all others. */
export interface Split {
  root: string;
  /** Every piece by hash, not compressed yet. */
  pieces: Map<string, string>;
  marks: CellMark[];
}

/** Takes a snapshot apart. */
export function split({ metadata, extra, cells }: Snapshot): Split {
  const pieces = new Map<string, string>();
  const put = (value: unknown): string => {
    const text = JSON.stringify(sorted(value));
    const hash = createHash('sha256').update(text).digest('hex');
    pieces.set(hash, text);
    return hash;
  };
  const marks: CellMark[] = [];
  const lists: string[] = [];
  const list: z.infer<typeof List> = [];
  for (const cell of cells) {
    const text = put({ type: cell.type, source: cell.source, metadata: cell.metadata, extra: cell.extra });
    const said = cell.outputs.length > 0 || cell.count !== null;
    list.push([cell.id, text, said ? put({ outputs: cell.outputs, count: cell.count }) : null]);
    marks.push({ id: cell.id, mark: text });
    if (Number.parseInt(text.slice(0, 6), 16) % LIST === 0) lists.push(put(list.splice(0)));
  }
  if (list.length > 0) lists.push(put(list));
  return { root: put({ metadata, extra, lists }), pieces, marks };
}

/** Makes the pieces of these hashes ready to be stored. */
export const pack = ({ pieces }: Split, hashes: Iterable<string>): Piece[] =>
  [...hashes].flatMap((hash) => {
    const text = pieces.get(hash);
    if (text === undefined) return [];
    const params = { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_SIZE_HINT]: text.length };
    return [{ hash, data: brotliCompressSync(text, { params }) }];
  });

/** Reads stored pieces; every asked hash is in the answer. @throws when one is missing */
export type ReadPieces = (hashes: readonly string[]) => Promise<Map<string, Uint8Array>>;

const unpack = (pieces: Map<string, Uint8Array>, hash: string): unknown => {
  const data = pieces.get(hash);
  if (!data) throw new Error(`a piece of a version is missing: ${hash}`);
  return JSON.parse(brotliDecompressSync(data).toString());
};

/** The cells of a version by their hashes alone, and all hashes that lead to them. */
export interface Skeleton {
  root: z.infer<typeof Root>;
  list: z.infer<typeof List>;
  marks: CellMark[];
  /** Every piece that this version needs. */
  hashes: Set<string>;
}

/** Reads what cells a version holds, without their contents. */
export async function readSkeleton(hash: string, read: ReadPieces): Promise<Skeleton> {
  const root = Root.parse(unpack(await read([hash]), hash));
  const lists = await read(root.lists);
  const list = root.lists.flatMap((one) => List.parse(unpack(lists, one)));
  const hashes = new Set([hash, ...root.lists]);
  for (const [, text, outputs] of list) {
    hashes.add(text);
    if (outputs !== null) hashes.add(outputs);
  }
  return { root, list, marks: list.map(([id, mark]) => ({ id, mark })), hashes };
}

/** Puts a version together again. @param beside another one: outputs that it has under the same cell are left out */
export async function readSnapshot(hash: string, read: ReadPieces, beside: Skeleton | null = null): Promise<Snapshot> {
  const { root, list } = await readSkeleton(hash, read);
  const theirs = new Map(beside?.list.map(([id, , outputs]) => [id, outputs]));
  const isLeftOut = (id: string, outputs: string): boolean => theirs.get(id) === outputs;
  const pieces = await read(
    list.flatMap(([id, text, outputs]) => (outputs === null || isLeftOut(id, outputs) ? [text] : [text, outputs])),
  );
  const shown = (id: string, outputs: string | null): Pick<VersionCell, 'outputs' | 'count' | 'sameOutputs'> => {
    if (outputs === null) return { outputs: [], count: null };
    return isLeftOut(id, outputs)
      ? { outputs: [], count: null, sameOutputs: true }
      : Shown.parse(unpack(pieces, outputs));
  };
  return {
    metadata: root.metadata,
    extra: root.extra,
    cells: list.map(([id, text, outputs]) => ({
      id,
      ...Text.parse(unpack(pieces, text)),
      ...shown(id, outputs),
    })),
  };
}

/** Keys in one order at every level, so that equal things have equal hashes wherever they come from. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

/** Leaves out what is too large to be kept with every version, and says so in its place. */
export function bounded(cells: readonly VersionCell[]): VersionCell[] {
  let left = MOST_OF_ALL;
  return cells.map((cell) => {
    let own = MOST_OF_CELL;
    const outputs = cell.outputs.map((output): Output => {
      const size = JSON.stringify(output).length;
      if (size > Math.min(own, left)) return notKept(output, size);
      own -= size;
      left -= size;
      return output;
    });
    return { ...cell, outputs };
  });
}

function notKept(output: Output, size: number): Output {
  const plain = output.type === 'display' || output.type === 'result' ? output.data['text/plain'] : undefined;
  const said = typeof plain === 'string' && plain.length < 2000 ? `${plain}\n` : '';
  const text = `${said}(an output of ${(size / 1e6).toFixed(1)} MB, too large for the history)`;
  return { type: 'display', data: { 'text/plain': text }, metadata: {} };
}
