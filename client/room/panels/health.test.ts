import type { TrialEvent } from '@trialroom/shared/trial/event';
import { describe, expect, it } from 'vitest';
import { healthOf } from './health.ts';

const curve = (key: string, values: number[], every = 100) => ({
  ...{ key, steps: values.map((_, i) => i), walls: values.map((_, i) => i * every), values },
  ...{ total: values.length, mergedTo: -Infinity },
});
const event = (kind: TrialEvent['kind'], text = ''): TrialEvent => ({
  seq: 1,
  at: 1,
  step: null,
  kind,
  text,
  data: {},
  by: null,
});
const running = { status: 'running', startedAt: 0 } as const;
const states = (...parts: Parameters<typeof healthOf>) =>
  healthOf(...parts).map(({ name, state }) => `${name} ${state}`);
const of = (...curves: ReturnType<typeof curve>[]) => new Map(curves.map((one) => [one.key, one]));
const steady = Array.from({ length: 50 }, () => 1);

describe('the health of a trial', () => {
  it('is good where nothing is wrong', () => {
    expect(states(running, of(curve('loss', steady), curve('grad_norm', steady)), [], 5000)).toEqual([
      ...['Heartbeat good', 'Numbers good', 'Gradient good', 'Pace good'],
    ]);
    expect(healthOf(running, new Map(), [], 0)).toHaveLength(1);
  });

  it('says what is wrong, the worst first', () => {
    const curves = of(curve('loss', [...steady, Number.NaN]), curve('grad_norm', [...steady, 40]));
    const found = healthOf(running, curves, [event('alert', 'loss is NaN')], 10 * 60_000);
    expect(found.map(({ name, state }) => `${name} ${state}`)).toEqual([
      ...['Numbers bad', 'Gradient bad', 'Pace bad', 'Alerts odd', 'Heartbeat good'],
    ]);
    expect(found[0]?.says).toBe('loss is no number any more, first at step 50.');
    expect(found[3]?.says).toBe('loss is NaN');
  });

  it('remembers what is over', () => {
    const curves = of(curve('loss', [1, Number.NaN, ...steady]));
    expect(states({ ...running, status: 'completed' }, curves, [event('lost')], 1e9)).toEqual([
      ...['Heartbeat odd', 'Numbers odd', 'Pace good'],
    ]);
    expect(states({ ...running, status: 'lost' }, new Map(), [], 0)).toEqual(['Heartbeat bad']);
  });
});
