/**
 * What people ask of a trial: to end, to wait, to go on. That they asked becomes durable first; then whoever hosts the
 * trial hears of it, and the trial obeys after its step.
 */
import type { Person } from '@trialroom/shared/policy/policy';
import { isOver, mayGoOn, type Trial } from '@trialroom/shared/trial/trial';
import { Refusal } from '../http/refusal.ts';
import { OPERATION, type Wanted, wished } from './happened.ts';
import { notPausable, type TrialChange, type TrialRecords } from './records.ts';
import type { Wish } from './sink.ts';
import { storableText } from './storable.ts';

/** Who asks. */
export type Asker = Pick<Person, 'id' | 'name' | 'colour'>;

export interface TrialRequests {
  /** Asks a trial to end; one that no process holds ends at once. `now`: without waiting for its step. @throws Refusal (404) */
  requestStop(id: string, person: Asker, now?: boolean): Promise<Trial>;
  /**
   * Asks a trial to wait after its step. `release`: to write a checkpoint and give back what it holds, where its code can.
   * @throws Refusal (404; 409 when it does not run)
   */
  requestPause(id: string, person: Asker, release?: boolean): Promise<Trial>;
  /**
   * Asks a trial that waits to go on. One that no process holds (it gave back what it held, failed, was stopped or lost) is
   * run again from its checkpoint, as the same trial.
   * @throws Refusal (404; 409 when there is nothing to go on from)
   */
  requestResume(id: string, person: Asker): Promise<Trial>;
  /** Ends a trial that waits to be run, and will not be. Does nothing to any other. @throws Refusal (404) */
  giveUp(id: string, end: 'failed' | 'stopped', reason: string): Promise<void>;
}

/** How trials whose process has ended are run again. */
export interface Continuation {
  /** @throws Refusal when this trial cannot be run again */
  check(trial: Trial): Promise<void>;
  /** The trial is queued: someone asked it to go on. */
  queued(trial: Trial, by: Asker): Promise<void>;
}

export interface RequestsOptions {
  records: TrialRecords;
  /** Shows a changed trial to who watches. */
  tell(trial: Trial): void;
  /** Reaches the trial's host, wherever that is. */
  wish(id: string, action: Wish['action']): Promise<void>;
  continuation(): Continuation | null;
}

export function createRequests({ records, tell, wish, continuation }: RequestsOptions): TrialRequests {
  const runAgain = async (trial: Trial): Promise<Continuation> => {
    const by = continuation();
    if (!by) throw new Refusal(503, { error: 'nothing-runs-trials', message: 'No process here runs trials.' });
    await by.check(trial);
    return by;
  };

  /** The trial after the wish, and whether the wish changed it. */
  const ask = async (
    id: string,
    { id: by, name, colour }: Asker,
    action: Wanted,
    change: TrialChange,
  ): Promise<{ known: Trial; changed: boolean }> => {
    const person = { id: by, name, colour };
    const trial = await records.apply(id, OPERATION[action], {
      change,
      // To ask for what is over, or to go on with what goes on, is nothing that happened to it.
      events: (before) => (isOver(before.status) && action !== 'go-on' ? [] : [wished(person, action, before)]),
    });
    if (trial) tell(trial);
    return { known: trial ?? (await records.get(id)), changed: trial !== null };
  };

  return {
    requestStop: async (id, person, now = false) => {
      const reason = storableText(`stopped by ${person.name}`);
      const { known } = await ask(id, person, now ? 'stop-now' : 'stop', { reason });
      if (!isOver(known.status)) await wish(id, now ? 'stop-now' : 'stop');
      return known;
    },
    requestPause: async (id, person, release = false) => {
      if (release) await runAgain(await records.get(id));
      const reason = storableText(`paused by ${person.name}`);
      const { known } = await ask(id, person, release ? 'release' : 'pause', { reason });
      if (!known.pauseRequested) throw notPausable(known);
      if (known.release !== 'done') await wish(id, known.release === 'requested' ? 'release' : 'pause');
      return known;
    },
    requestResume: async (id, person) => {
      const before = await records.get(id);
      if (mayGoOn(before)) {
        if (!before.checkpoint) throw nothingToGoOnFrom(before);
        const by = await runAgain(before);
        const { known, changed } = await ask(id, person, 'go-on', { reason: null, owner: null });
        if (changed) await by.queued(known, person);
        return known;
      }
      const { known } = await ask(id, person, 'resume', { reason: null });
      if (!isOver(known.status) && !known.stopRequested && known.release !== 'done') await wish(id, 'resume');
      return known;
    },
    giveUp: async (id, end, reason) => {
      const trial = await records.apply(id, { type: 'give-up', end }, { change: { reason: storableText(reason) } });
      if (trial) tell(trial);
    },
  };
}

const nothingToGoOnFrom = ({ name }: Trial): Refusal =>
  new Refusal(409, {
    error: 'no-checkpoint',
    message: `"${name}" wrote no checkpoint that it could go on from.`,
    fix: 'Run it anew; give `fit` a folder for `checkpoints`, or `trial.steps` a `checkpoint`, to be able to go on.',
  });
