/** What an import reads: runs, whatever file they come from. */
import type { SaidEvent } from '@trialroom/shared/trial/event';
import type { PointColumns } from '@trialroom/shared/trial/points';

/** A run that was recorded elsewhere. */
export interface ImportedRun {
  name: string;
  params: Record<string, unknown>;
  points: PointColumns[];
  events: SaidEvent[];
  /** When its first and last figure were recorded, in ms since the epoch; null: the file does not say. */
  began: number | null;
  ended: number | null;
  /** SHA-256 of what it was read from: the same run is known by it. */
  hash: string;
  /** What was left out, or was not as it should be, a sentence each. */
  remarks: string[];
}

/** A file of an import. */
export interface ImportedFile {
  /** Path within the folder that is imported, with `/` between its parts. */
  path: string;
  bytes: Uint8Array;
}

/** Points of one metric as they are read. */
export class Series {
  readonly #columns = new Map<string, { steps: number[]; walls: number[]; values: number[] }>();

  /** `wall` in ms since the epoch; NaN: the file does not say. */
  add(key: string, step: number, wall: number, value: number): void {
    let column = this.#columns.get(key);
    if (!column) {
      column = { steps: [], walls: [], values: [] };
      this.#columns.set(key, column);
    }
    column.steps.push(step);
    column.walls.push(wall);
    column.values.push(value);
  }

  /** Takes back all points from this step on: the run was begun again there. */
  takeBack(step: number): void {
    for (const [key, { steps, walls, values }] of this.#columns) {
      const kept = steps.flatMap((each, at) => (each < step ? [at] : []));
      const pick = (column: number[]): number[] => kept.map((at) => column[at] ?? Number.NaN);
      this.#columns.set(key, { steps: pick(steps), walls: pick(walls), values: pick(values) });
    }
  }

  /** Number of points. */
  get size(): number {
    return [...this.#columns.values()].reduce((sum, { steps }) => sum + steps.length, 0);
  }

  /** The columns, and when the first and the last point was recorded. Points without a time get `otherwise`. */
  done(otherwise: number): { points: PointColumns[]; began: number | null; ended: number | null } {
    let began: number | null = null;
    let ended: number | null = null;
    for (const { walls } of this.#columns.values()) {
      for (const wall of walls) {
        if (Number.isNaN(wall)) continue;
        began = Math.min(began ?? wall, wall);
        ended = Math.max(ended ?? wall, wall);
      }
    }
    const points = [...this.#columns]
      .filter(([, { steps }]) => steps.length > 0)
      .map(([key, { steps, walls, values }]) => ({
        key,
        steps: Float64Array.from(steps),
        walls: Float64Array.from(walls, (wall) => (Number.isNaN(wall) ? otherwise : wall)),
        values: Float64Array.from(values),
      }));
    return { points, began, ended };
  }
}
