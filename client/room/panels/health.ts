/** How well a trial does as a process, in words that a person can act on. Pure. */

import type { TrialEvent } from '@trialroom/shared/trial/event';
import { isSystemMetric } from '@trialroom/shared/trial/metric-names';
import type { Trial } from '@trialroom/shared/trial/trial';
import { count, duration, figure } from '../../components/figures.ts';
import type { Curve } from '../../data/curves.ts';

export interface Finding {
  /** `bad`: someone should look now. `odd`: worth a look. `good`: as it should be. */
  state: 'good' | 'odd' | 'bad';
  /** What was looked at. */
  name: string;
  /** What was found, in a sentence. */
  says: string;
}

/** A trial that logs nothing for so many of its usual pauses, and so long, in ms, stalls. */
const STALL = { pauses: 20, least: 15_000 };

/** All findings, what needs someone first. `now` in ms since the epoch. */
export function healthOf(
  trial: Pick<Trial, 'status' | 'startedAt'>,
  curves: ReadonlyMap<string, Curve>,
  events: readonly TrialEvent[],
  now: number,
): Finding[] {
  const metrics = [...curves.values()].filter(({ key }) => !isSystemMetric(key));
  const findings = [
    heartbeat(trial, events),
    numbers(metrics),
    gradient(metrics),
    pace(trial, metrics, now),
    alerts(events),
  ];
  const rank = { bad: 0, odd: 1, good: 2 } as const;
  return findings.filter((one) => one !== null).sort((a, b) => rank[a.state] - rank[b.state]);
}

function heartbeat(trial: Pick<Trial, 'status'>, events: readonly TrialEvent[]): Finding | null {
  const lost = events.filter(({ kind }) => kind === 'lost').length;
  if (trial.status === 'lost') return { state: 'bad', name: 'Heartbeat', says: 'There is no word from its process.' };
  if (lost > 0)
    return {
      state: 'odd',
      name: 'Heartbeat',
      says: `It was lost ${lost === 1 ? 'once' : `${count(lost)} times`}, and came back.`,
    };
  if (trial.status === 'running') return { state: 'good', name: 'Heartbeat', says: 'Its process is alive.' };
  return null;
}

function numbers(metrics: readonly Curve[]): Finding | null {
  if (metrics.length === 0) return null;
  const odd = metrics.flatMap((curve) => {
    const first = curve.values.findIndex((value) => !Number.isFinite(value));
    return first < 0
      ? []
      : [{ key: curve.key, step: curve.steps[first] ?? 0, now: !Number.isFinite(curve.values.at(-1)) }];
  });
  const [one] = odd.sort((a, b) => Number(b.now) - Number(a.now) || a.step - b.step);
  if (!one) return { state: 'good', name: 'Numbers', says: 'Every value so far is a number.' };
  const others = odd.length > 1 ? `, and ${odd.length - 1} more ${odd.length === 2 ? 'metric' : 'metrics'}` : '';
  return {
    state: one.now ? 'bad' : 'odd',
    name: 'Numbers',
    says: `${one.key.slice(0, 60)} ${one.now ? 'is no number any more' : 'was no number for a while'}, first at step ${count(one.step)}${others}.`,
  };
}

function gradient(metrics: readonly Curve[]): Finding | null {
  const curve = metrics.find(({ key }) => /grad.*norm|norm.*grad/i.test(key));
  const finite = curve?.values.filter(Number.isFinite) ?? [];
  if (!curve || finite.length < 10) return null;
  const usual = median(finite.slice(0, -3));
  const last = finite.at(-1) ?? 0;
  if (last > 10 * usual)
    return {
      state: 'bad',
      name: 'Gradient',
      says: `Its norm is ${figure(last)}, ${count(last / usual)} times what is usual.`,
    };
  if (last < usual / 1000)
    return { state: 'odd', name: 'Gradient', says: `Its norm is ${figure(last)}: hardly anything is learned.` };
  return { state: 'good', name: 'Gradient', says: `Its norm is ${figure(last)}, about what is usual.` };
}

function pace(trial: Pick<Trial, 'status'>, metrics: readonly Curve[], now: number): Finding | null {
  const curve = metrics.toSorted((a, b) => b.walls.length - a.walls.length)[0];
  const walls = curve?.walls.slice(-100) ?? [];
  const last = walls.at(-1);
  if (walls.length < 5 || last === undefined) return null;
  const pauses = walls.slice(1).map((wall, index) => wall - (walls[index] ?? wall));
  const usual = Math.max(1, median(pauses));
  const silent = now - last;
  if (trial.status === 'running' && silent > Math.max(STALL.least, STALL.pauses * usual))
    return {
      state: 'bad',
      name: 'Pace',
      says: `Nothing was logged for ${duration(silent)}; usually it takes ${duration(usual)}.`,
    };
  const each = usual >= 1000 ? `one every ${duration(usual)}` : `${figure(1000 / usual, 3)} a second`;
  return { state: 'good', name: 'Pace', says: `Steps are logged at ${each}.` };
}

function alerts(events: readonly TrialEvent[]): Finding | null {
  const raised = events.filter(({ kind }) => kind === 'alert');
  const last = raised.at(-1);
  if (!last) return null;
  return {
    state: 'odd',
    name: 'Alerts',
    says: raised.length === 1 ? last.text : `${count(raised.length)} were raised, the last: ${last.text}`,
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
