/** Where a trial can go on from: what its code says of it, and what a trial that runs again is given. */
import { dirname, resolve } from 'node:path';
import type { TrialOpened } from '@trialroom/shared/kernel/protocol';
import type { SaidEvent } from '@trialroom/shared/trial/event';
import { toWire } from '@trialroom/shared/trial/points';

/** What is known of a checkpoint beside its path. */
export interface CheckpointSaid {
  /** The newest step logged when not given. */
  step?: number;
  bytes?: number;
  /** What it was judged to be worth. */
  value?: number;
  /** SHA-256 of the data that its run learns from, in hex. */
  data?: string;
}

/** A checkpoint to go on from. */
export type Checkpoint = NonNullable<TrialOpened['resume']>['checkpoints'][number];

/** @throws TypeError when the path is no text */
export function checkpointSaid(path: string, { step, bytes, value, data }: CheckpointSaid, newest: number): SaidEvent {
  if (typeof path !== 'string' || path === '' || path.length > 1000) {
    throw new TypeError('trial.checkpoint: give the path of the file, a text of 1 to 1000 characters');
  }
  const at = step ?? newest;
  return {
    kind: 'checkpoint',
    at: Date.now(),
    step: toWire(at),
    text: `Can go on from step ${at.toLocaleString('en')}.`,
    data: {
      path,
      ...(bytes === undefined ? {} : { bytes }),
      ...(value === undefined ? {} : { value: toWire(value) }),
      ...(data === undefined ? {} : { data }),
    },
  };
}

/** The newest checkpoint that is in this folder; the newest of all when there is no folder. */
export function checkpointIn(resume: TrialOpened['resume'], folder: string | undefined): Checkpoint | undefined {
  if (folder === undefined) return resume?.checkpoints[0];
  return resume?.checkpoints.find(({ path }) => dirname(resolve(path)) === resolve(folder));
}
