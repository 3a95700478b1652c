/** What happened to a trial, as marks on its curves and its ruler. Pure. */
import { stepOf, type TrialEvent } from '@trialroom/shared/trial/event';
import type { Mark } from '../../charts/marks.ts';

const SIGNS: Partial<Record<TrialEvent['kind'], string>> = { alert: '!', paused: 'Ⅱ', resumed: '▸', lost: '?' };
/** Most marks of one kind: of more, the newest. */
const MOST = 40;

/** Marks on the curves: alerts, and where it waited. Checkpoints stand on the ruler only, where they are out of the way. */
export function eventMarks(events: readonly TrialEvent[]): Mark[] {
  return events
    .flatMap((event): Mark[] => {
      const step = stepOf(event);
      const label = SIGNS[event.kind];
      if (label === undefined || step === null || !Number.isFinite(step)) return [];
      const kind = event.kind === 'alert' ? 'alert' : 'event';
      return [{ id: `event-${event.seq}`, label, from: step, to: step, kind, title: event.text || event.kind }];
    })
    .slice(-MOST);
}

/** Steps at which it can go on from, and the newest best. */
export function rulerMarks(
  events: readonly TrialEvent[],
): { at: number; title: string; kind: 'checkpoint' | 'best' }[] {
  const checkpoints = events.filter(({ kind }) => kind === 'checkpoint').slice(-MOST);
  const best = events.findLast(({ kind }) => kind === 'best');
  return [...checkpoints, ...(best ? [best] : [])].flatMap((event) => {
    const at = stepOf(event);
    if (at === null || !Number.isFinite(at)) return [];
    return [{ at, title: event.text, kind: event.kind === 'best' ? ('best' as const) : ('checkpoint' as const) }];
  });
}
