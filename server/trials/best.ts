/** When the objective of a trial was never better. Early in training that is at every step, so it is told now and then. */
import type { Trial } from '@trialroom/shared/trial/trial';
import type { NewEvent } from './events.ts';

/** Least time between two such events, in ms. */
const BEST_MS = 10_000;

export interface Best {
  /** Says what the trial is judged by; what came before is forgotten when that is another. */
  judgedBy(objective: Trial['objective']): void;
  /** What was logged before this process looked, and the best value that was told of it, if any. */
  before(values: readonly { step: number; value: number }[], told: unknown): void;
  concerns(key: string): boolean;
  point(key: string, step: number, value: number): void;
  /** What is to be told by now. */
  due(now: number): NewEvent[];
  /** What was not told yet. */
  rest(): NewEvent[];
}

export function createBest(): Best {
  let objective: Trial['objective'] = null;
  let best: { step: number; value: number } | null = null;
  let told: { step: number; value: number } | null = null;
  let toldAt = Number.NEGATIVE_INFINITY;
  const rest = (): NewEvent[] => {
    if (!objective || !best || best === told) return [];
    told = best;
    const { step, value } = best;
    const text = `${objective.key} was never better: ${Number(value.toPrecision(4))} at step ${step.toLocaleString('en')}.`;
    return [{ kind: 'best', text, step, data: { key: objective.key, value } }];
  };
  const point = (key: string, step: number, value: number): void => {
    if (objective?.key !== key || !Number.isFinite(value)) return;
    const better = !best || (objective.direction === 'minimise' ? value < best.value : value > best.value);
    if (better) best = { step, value };
  };
  return {
    judgedBy: (by) => {
      if (by?.key === objective?.key && by?.direction === objective?.direction) return;
      objective = by;
      best = null;
      told = null;
    },
    concerns: (key) => objective?.key === key,
    before: (values, value) => {
      for (const each of values) point(objective?.key ?? '', each.step, each.value);
      if (best && best.value === value) told = best;
    },
    point,
    due: (now) => {
      if (now - toldAt < BEST_MS) return [];
      const events = rest();
      if (events.length > 0) toldAt = now;
      return events;
    },
    rest,
  };
}
