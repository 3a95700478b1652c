/** What is said of a trial whose status changed, or of which someone wanted something: one sentence each, for people. */
import {
  applyToTrial,
  isOver,
  type Trial,
  type TrialCheckpoint,
  type TrialOperation,
  type TrialState,
} from '@trialroom/shared/trial/trial';
import type { TrialRow } from './entities.ts';
import type { NewEvent } from './events.ts';

/** What of a trial can be brought back, as data of an event. */
export const recoverable = ({ checkpoint }: { checkpoint?: TrialCheckpoint | null | undefined }): object =>
  checkpoint ? { path: checkpoint.path, step: checkpoint.step, savedAt: checkpoint.at } : {};

/** A sentence that says what can be brought back; begins with a space. */
export const recoverableText = ({ checkpoint }: { checkpoint?: TrialCheckpoint | null | undefined }): string =>
  checkpoint ? ` It can go on from step ${checkpoint.step.toLocaleString('en')}.` : ' It wrote no checkpoint.';

/** The events of a change of status; `row` is the trial after it, `again` says that it had run before. */
export function happened(before: TrialState, row: TrialRow, operation: TrialOperation, again: boolean): NewEvent[] {
  const { status } = row;
  const reason = row.reason ?? '';
  const data = { status };
  switch (operation.type) {
    case 'start':
      return [
        again && row.checkpoint
          ? {
              kind: 'started',
              text: `Goes on from step ${count(row.checkpoint.step)}.`,
              step: row.checkpoint.step,
              data: { ...data, ...recoverable(row) },
            }
          : { kind: 'started', text: 'Began.', data },
      ];
    case 'pause':
      return [{ kind: 'paused', text: 'Waits, with all that it holds.', data }];
    case 'resume':
      return [{ kind: 'resumed', text: 'Goes on.', data }];
    case 'release':
      return [
        {
          kind: 'paused',
          text: `Gave back what it held; it can go on from step ${count(row.checkpoint?.step ?? 0)}.`,
          step: row.checkpoint?.step ?? null,
          data: { ...data, released: true, ...recoverable(row) },
        },
      ];
    case 'find':
      return [{ kind: 'resumed', text: 'Its server is heard from again; it had gone on.', data }];
    case 'lose':
      return [{ kind: 'lost', text: reason, data: { ...data, ...recoverable(row) } }];
    case 'finish':
    case 'give-up':
    case 'request-stop': {
      if (!isOver(status) || isOver(before.status)) return [];
      const text = status === 'completed' ? 'Completed.' : `${ENDED[status] ?? 'Ended'}${reason ? `: ${reason}` : '.'}`;
      return [{ kind: 'ended', text, data: { ...data, ...(status === 'completed' ? {} : recoverable(row)) } }];
    }
    default:
      return [];
  }
}

const ENDED: Partial<Record<Trial['status'], string>> = { failed: 'Failed', stopped: 'Stopped' };

const count = (step: number): string => step.toLocaleString('en');

/** What a person may want of a trial. */
export type Wanted = 'stop' | 'stop-now' | 'pause' | 'release' | 'resume' | 'go-on';

/** The audit line of a wish. It is kept when the wish changes nothing too: that someone asked is what happened. */
export function wished(by: NonNullable<Trial['by']>, action: Wanted, before: TrialState): NewEvent {
  const taken = applyToTrial(before, OPERATION[action]) !== before;
  const text = `${by.name} asked it to ${ASKED[action]}${taken ? '.' : ', which changed nothing.'}`;
  return { kind: 'wished', text, by, data: { action, taken } };
}

const ASKED: Record<Wanted, string> = {
  stop: 'stop',
  'stop-now': 'stop at once',
  pause: 'wait after its step',
  release: 'wait, and give back what it holds',
  resume: 'go on',
  'go-on': 'go on from its checkpoint',
};

/** What a wish does to the status machine. */
export const OPERATION: Record<Wanted, TrialOperation> = {
  stop: { type: 'request-stop' },
  'stop-now': { type: 'request-stop' },
  pause: { type: 'request-pause' },
  release: { type: 'request-pause', release: true },
  resume: { type: 'request-resume' },
  'go-on': { type: 'go-on' },
};
