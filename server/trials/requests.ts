/**
 * What people ask of a trial: to end, to wait, to go on. That they asked becomes durable first; then whoever hosts the
 * trial hears of it, and the trial obeys after its step.
 */
import type { Person } from '@trialroom/shared/policy/policy';
import { isOver, type Trial } from '@trialroom/shared/trial/trial';
import { notPausable, type TrialRecords } from './records.ts';
import type { Wish } from './sink.ts';
import { storableText } from './storable.ts';

export interface TrialRequests {
  /** Asks a trial to end; one that is queued ends at once. `now`: without waiting for its step. @throws Refusal (404) */
  requestStop(id: string, person: Pick<Person, 'name'>, now?: boolean): Promise<Trial>;
  /** Asks a trial to wait after its step, or to go on. @throws Refusal (404; 409 when it does not run) */
  requestPause(id: string, person: Pick<Person, 'name'>): Promise<Trial>;
  requestResume(id: string): Promise<Trial>;
}

/** `tell` shows a changed trial to who watches; `wish` reaches its host, wherever that is. */
export function createRequests(
  records: TrialRecords,
  tell: (trial: Trial) => void,
  wish: (id: string, action: Wish['action']) => Promise<void>,
): TrialRequests {
  return {
    requestStop: async (id, person, now = false) => {
      const trial = await records.apply(
        id,
        { type: 'request-stop' },
        { reason: storableText(`stopped by ${person.name}`) },
      );
      if (trial) tell(trial);
      const known = trial ?? (await records.get(id));
      if (!isOver(known.status)) await wish(id, now ? 'stop-now' : 'stop');
      return known;
    },
    requestPause: async (id, person) => {
      const trial = await records.apply(
        id,
        { type: 'request-pause' },
        { reason: storableText(`paused by ${person.name}`) },
      );
      if (trial) tell(trial);
      const known = trial ?? (await records.get(id));
      if (!known.pauseRequested) throw notPausable(known);
      await wish(id, 'pause');
      return known;
    },
    requestResume: async (id) => {
      const trial = await records.apply(id, { type: 'request-resume' }, { reason: null });
      if (trial) tell(trial);
      const known = trial ?? (await records.get(id));
      if (!isOver(known.status) && !known.stopRequested) await wish(id, 'resume');
      return known;
    },
  };
}
