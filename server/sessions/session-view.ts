/** How a session's state comes out of the store, and how it goes to people. */
import { createHash } from 'node:crypto';
import { type CellState, type ConsoleEntry, freshCell, type SessionState } from '@trialroom/shared/notebook/session';
import type { StoredCell } from './outputs/store.ts';

/** Hash of a cell's source. */
export const hashOf = (source: string): string => createHash('sha256').update(source).digest('hex');

/** Most waiting runs that are told one by one; of the others, their cells say that they wait. */
const QUEUE_SHOWN = 20;

/** A session as everyone may see it: without the source of what runs and waits, which is in the document. */
export const shareable = ({ running, queue, ...rest }: SessionState): SessionState => ({
  ...rest,
  running: running && { ...running, source: '' },
  queue: queue.slice(0, QUEUE_SHOWN).map((execution) => ({ ...execution, source: '' })),
});

const VALIDITY = { ok: 'stale', error: 'failed', aborted: 'aborted' } as const;

/** A cell that ran under a kernel of the past. */
export const remembered = ({ execution, end, count, by, startedAt, ms }: StoredCell): CellState => ({
  ...freshCell(),
  validity: end === null ? 'aborted' : VALIDITY[end],
  execution,
  count,
  by,
  startedAt,
  ms,
});

/** What ran without being a cell's text, as far as it is kept. */
export const rememberedConsole = (stored: readonly StoredCell[]): ConsoleEntry[] =>
  stored.flatMap(({ cell, source, by, queuedAt: at }) => (source === undefined ? [] : [{ cell, source, by, at }]));

const UNITS = [
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
] as const;

/** A duration as a sentence names it, e.g. `5 s`. */
export function spoken(ms: number): string {
  const [size, unit] = UNITS.find(([size]) => ms >= size) ?? [1, 'ms'];
  return `${Number((ms / size).toPrecision(3))} ${unit}`;
}
