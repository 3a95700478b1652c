/** When a trial waited, read from what happened to it. Pure. */
import type { TrialEvent } from '@trialroom/shared/trial/event';
import type { Pause } from '../../charts/axis.ts';

/** Pauses in order. One that lasts has no end; what is said twice counts once. */
export function pausesOf(events: readonly Pick<TrialEvent, 'kind' | 'at'>[]): Pause[] {
  const pauses: Pause[] = [];
  for (const { kind, at } of events) {
    const last = pauses.at(-1);
    const waits = last !== undefined && last.to === null;
    if (kind === 'paused' && !waits) pauses.push({ from: at, to: null });
    else if ((kind === 'resumed' || kind === 'ended' || kind === 'started') && waits && last) last.to = at;
  }
  return pauses;
}
