/** Which alerts of a trial still stand. Pure. */
import { AlertData } from '@trialroom/shared/trial/alert';
import { stepOf, type TrialEvent } from '@trialroom/shared/trial/event';

export interface StandingAlert {
  seq: number;
  at: number;
  step: number | null;
  level: AlertData['level'];
  /** One line. */
  text: string;
  /** How often the code said the same. */
  times: number;
}

/**
 * The newest first. What a rule raised stands until it is cleared; what the code said stands as long as the trial is looked
 * at, once for the same title.
 */
export function standingAlerts(events: readonly TrialEvent[]): StandingAlert[] {
  const standing = new Map<string, StandingAlert>();
  for (const event of events) {
    if (event.kind !== 'alert') continue;
    const data = AlertData.safeParse(event.data).data;
    const title = data?.title ?? event.text;
    const name = data?.rule === undefined ? `code ${title}` : `rule ${data.rule}`;
    const before = standing.get(name);
    // Set anew, so that it stands where it was said last.
    standing.delete(name);
    if (data?.cleared) continue;
    const text = (event.text || title).replace(/\s+/g, ' ').trim();
    standing.set(name, {
      ...{ seq: event.seq, at: event.at, step: stepOf(event), level: data?.level ?? 'warning', text },
      times: (before?.times ?? 0) + 1,
    });
  }
  return [...standing.values()].reverse();
}
