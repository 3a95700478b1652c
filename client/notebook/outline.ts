/** The outline of a notebook: its headings, each with the state of the code below it. Pure, so that it can be tested. */
import type { RunStatus, Validity } from '@trialroom/shared/notebook/session';
import type { StatusShape } from '../components/icons.ts';

/** What the outline needs to know of a cell. */
export interface CellDigest {
  id: string;
  headings: readonly { level: number; text: string }[];
  code: boolean;
  status: RunStatus;
  validity: Validity;
  count: number | null;
}

/** A heading of the outline, and the cell that it is in. */
export interface OutlineEntry {
  /** Stable while the heading keeps its place within its cell. */
  key: string;
  cell: string;
  level: number;
  text: string;
  /** The state that most needs to be seen among the cells up to the next heading; null when none was run. */
  face: StatusShape | null;
  /** Number of the last run below. */
  count: number | null;
}

/** States from the one that most needs to be seen. */
const URGENCY: readonly StatusShape[] = ['running', 'failed', 'queued', 'stopped', 'stale', 'completed'];

/** The headings from top to bottom, each with what most needs to be seen of the code below it. */
export function outlineOf(cells: readonly CellDigest[]): OutlineEntry[] {
  const entries: OutlineEntry[] = [];
  for (const cell of cells) {
    cell.headings.forEach((heading, index) => {
      entries.push({ key: `${cell.id}/${index}`, cell: cell.id, ...heading, face: null, count: null });
    });
    const above = entries.at(-1);
    if (!above || !cell.code) continue;
    above.face = moreUrgent(above.face, faceOf(cell));
    if (cell.count !== null) above.count = Math.max(above.count ?? 0, cell.count);
  }
  return entries;
}

function faceOf({ status, validity }: CellDigest): StatusShape | null {
  if (status === 'evaluating') return 'running';
  if (status === 'queued') return 'queued';
  switch (validity) {
    case 'failed':
      return 'failed';
    case 'aborted':
      return 'stopped';
    case 'stale':
      return 'stale';
    case 'evaluated':
      return 'completed';
    case 'fresh':
      return null;
  }
}

function moreUrgent(a: StatusShape | null, b: StatusShape | null): StatusShape | null {
  if (a === null || b === null) return a ?? b;
  return URGENCY.indexOf(a) <= URGENCY.indexOf(b) ? a : b;
}

/** The entries of `now`, those that say the same as one of `before` being that very one. */
export function keepSame(before: readonly OutlineEntry[], now: readonly OutlineEntry[]): OutlineEntry[] {
  const known = new Map(before.map((entry) => [entry.key, entry]));
  return now.map((entry) => {
    const old = known.get(entry.key);
    return old && PARTS.every((part) => old[part] === entry[part]) ? old : entry;
  });
}

const PARTS = ['cell', 'level', 'text', 'face', 'count'] as const satisfies readonly (keyof OutlineEntry)[];
