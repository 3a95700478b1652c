/** The horizontal axes that a series can be read on. */
import type { Points } from './points.ts';

/** A stretch of time in which a trial waited, in ms since the epoch. */
export interface Pause {
  from: number;
  to: number;
}

/**
 * `step` · `wall`: ms since the epoch · `relative`: ms since `start`, without the pauses (in order, apart) · `metric`: the
 * value of another metric at the same step; a window on it is still given in steps.
 */
export type Axis =
  | { kind: 'step' | 'wall' }
  | { kind: 'relative'; start: number; pauses: readonly Pause[] }
  | { kind: 'metric'; key: string };

/** Where points stand. All axes but another metric's grow with the step or with the time, so that ends of stretches do. */
export function placeOn(axis: Axis, step: number, wall: number): number {
  switch (axis.kind) {
    case 'step':
    case 'metric':
      return step;
    case 'wall':
      return wall;
    case 'relative': {
      let place = wall - axis.start;
      for (const { from, to } of axis.pauses) {
        if (wall <= from) break;
        place -= Math.min(wall, to) - from;
      }
      return place;
    }
  }
}

export function placesOn(axis: Axis, { steps, walls }: Points): Float64Array {
  if (axis.kind === 'step' || axis.kind === 'metric') return steps;
  if (axis.kind === 'wall') return walls;
  return steps.map((step, i) => placeOn(axis, step, walls[i] ?? Number.NaN));
}
