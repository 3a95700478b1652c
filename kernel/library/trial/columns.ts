/**
 * Metric points waiting to be sent, in one typed column set a key. Adding a point allocates nothing until a column
 * is full, because it happens inside training loops.
 */
import type { PointColumns } from '@trialroom/shared/trial/points';

interface Column {
  length: number;
  steps: Float64Array;
  walls: Float64Array;
  values: Float64Array;
}

const FIRST_CAPACITY = 64;

export class PointBuffer {
  readonly #columns = new Map<string, Column>();
  #size = 0;

  /** Number of points held. */
  get size(): number {
    return this.#size;
  }

  /** Adds a point. `wall` in ms since the epoch; any float64 is a legal `value`. */
  add(key: string, step: number, wall: number, value: number): void {
    let column = this.#columns.get(key);
    if (!column) {
      column = empty(FIRST_CAPACITY);
      this.#columns.set(key, column);
    } else if (column.length === column.values.length) {
      const larger = empty(column.length * 2);
      larger.steps.set(column.steps);
      larger.walls.set(column.walls);
      larger.values.set(column.values);
      larger.length = column.length;
      column = larger;
      this.#columns.set(key, column);
    }
    const at = column.length++;
    column.steps[at] = step;
    column.walls[at] = wall;
    column.values[at] = value;
    this.#size++;
  }

  /** Takes all points out. The columns are views that the next {@link add} overwrites: pack them at once. */
  take(): PointColumns[] {
    const taken: PointColumns[] = [];
    for (const [key, column] of this.#columns) {
      const { length } = column;
      if (length === 0) continue;
      taken.push({
        key,
        steps: column.steps.subarray(0, length),
        walls: column.walls.subarray(0, length),
        values: column.values.subarray(0, length),
      });
      column.length = 0;
    }
    this.#size = 0;
    return taken;
  }
}

const empty = (capacity: number): Column => ({
  length: 0,
  steps: new Float64Array(capacity),
  walls: new Float64Array(capacity),
  values: new Float64Array(capacity),
});
