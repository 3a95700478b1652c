/** Looks at a batch before anything is done with it. */
import type { Batch } from './points.ts';

/** A batch cannot be what was sent: it was cut, or put together wrongly. Nothing of it is stored. */
export class MalformedBatch extends Error {
  constructor({ trial, source, seq }: Batch, what: string) {
    super(`batch ${seq} (${source}) of trial ${trial} is refused: ${what}`);
    this.name = 'MalformedBatch';
  }
}

/**
 * The batch, without empty columns and with a wall time for every point.
 * @throws MalformedBatch
 */
export function checkedBatch(batch: Batch): Batch {
  if (!Number.isSafeInteger(batch.seq) || batch.seq < 1) {
    throw new MalformedBatch(batch, 'its number is not a whole number from 1 on');
  }
  const columns = batch.columns.filter(({ steps }) => steps.length > 0);
  for (const { key, steps, walls, values } of batch.columns) {
    if (steps.length === walls.length && steps.length === values.length) continue;
    throw new MalformedBatch(
      batch,
      `${shown(key)} has ${steps.length} steps, ${walls.length} times and ${values.length} values; each point has one of each`,
    );
  }
  const now = Date.now();
  return {
    ...batch,
    columns: columns.map((column) =>
      column.walls.every(Number.isFinite)
        ? column
        : { ...column, walls: column.walls.map((wall) => (Number.isFinite(wall) ? wall : now)) },
    ),
  };
}

/** The beginning of a name, for messages: names may be as long as their logger likes. */
export const shown = (key: string): string => JSON.stringify(key.length > 60 ? `${key.slice(0, 60)}…` : key);
