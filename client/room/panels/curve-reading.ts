/** From what is under the hand on a figure to steps and words. Pure. */
import { onAxis } from '../../charts/axis.ts';
import type { DrawnCurve, Look } from '../../charts/model.ts';
import { figure } from '../../components/figures.ts';
import type { Curve } from '../../data/curves.ts';
import type { Room } from '../context.ts';
import type { Table } from './kind.ts';

/** First and last step drawn between two places of another axis; null when there are none. */
export function stepsBetween(
  lines: readonly DrawnCurve[],
  look: Look,
  from: number,
  to: number,
): { from: number; to: number } | null {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { curve, startedAt = 0, pauses, axis } of lines) {
    for (let index = 0; index < curve.steps.length; index++) {
      const point: Pick<Curve, 'steps' | 'walls' | 'values'> = {
        steps: curve.steps.slice(index, index + 1),
        walls: curve.walls.slice(index, index + 1),
        values: curve.values.slice(index, index + 1),
      };
      const x = onAxis(point, look.x, { startedAt, pauses, axis }).x[0];
      const step = curve.steps[index];
      if (x === undefined || step === undefined || x < from || x > to) continue;
      low = Math.min(low, step);
      high = Math.max(high, step);
    }
  }
  return low <= high ? { from: low, to: high } : null;
}

/** Every point that is drawn of these metrics, for CSV and JSON. */
export function tableOf(room: Pick<Room, 'trials' | 'curves'>, keys: readonly string[]): Table {
  return {
    columns: ['trial', 'metric', 'step', 'wall', 'value'],
    rows: room.trials().flatMap((trial) =>
      keys.flatMap((key) => {
        const curve = room.curves(trial).get(key);
        if (!curve) return [];
        return curve.steps.map((step, index) => [
          trial.trial.name,
          key,
          step,
          curve.walls[index] ?? Number.NaN,
          curve.values[index] ?? Number.NaN,
        ]);
      }),
    ),
  };
}

/** What a screen reader says of the values under the crosshair. */
export function spoken(reading: { x: string; lines: { name: string; value: number | undefined }[] } | null): string {
  if (!reading) return 'no points yet';
  const values = reading.lines
    .slice(0, 10)
    .map(({ name, value }) => `${name} ${value === undefined ? 'none' : figure(value)}`.trim());
  return `at ${reading.x}, ${values.join(', ')}. Arrow keys read along the curve.`;
}
