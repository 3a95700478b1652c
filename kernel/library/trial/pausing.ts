/** Waiting as people wish, between two steps of a trial. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Checkpoint } from './checkpoints.ts';

/** What waits and counts ask of a trial. */
export interface Pausable {
  readonly stopping: boolean;
  readonly pausing: boolean;
  readonly finished: boolean;
  pausePoint(save?: () => Promise<void>): Promise<void>;
  progress(done: number, total?: number): void;
  checkpoint(path: string, said: { step: number }): void;
  goesOnFrom(): Checkpoint | undefined;
}

/** How a loop of one's own is kept, so that it can be paused without holding anything, and go on elsewhere. */
export interface StepOptions {
  /** Writes all that the loop needs to go on with `step` into a file, and returns its path. */
  checkpoint?: (step: number) => Promise<string> | string;
  /** Reads such a file, before the first step: the trial ran before. */
  restore?: (path: string, step: number) => Promise<void> | void;
  /** A checkpoint after each so many steps too, and not only when people pause or stop it. */
  every?: number;
}

/** Waits for something as a process that has something to do: a script must not end because all it does is wait. */
export async function alive<T>(awaited: Promise<T>): Promise<T> {
  const held = setInterval(() => {}, 2 ** 30);
  try {
    return await awaited;
  } finally {
    clearInterval(held);
  }
}

/** How long an open loop may hold the event loop, in ms. */
const TURN_AFTER = 16;

/**
 * The steps that are left of `count`.
 * @throws TypeError for options that do not fit together
 */
export async function* stepsOf(
  trial: Pausable,
  count: number,
  { checkpoint, restore, every }: StepOptions,
): AsyncGenerator<number, void, undefined> {
  if (every !== undefined && !(checkpoint && Number.isInteger(every) && every > 0)) {
    throw new TypeError('trial.steps: { every } is a whole number of steps from 1, and needs { checkpoint }');
  }
  let saved = -1;
  const save = async (done: number): Promise<void> => {
    if (!checkpoint || saved === done) return;
    const path = await checkpoint(done);
    trial.checkpoint(path, { step: done });
    saved = done;
  };
  let first = 0;
  const from = restore && trial.goesOnFrom();
  if (from) {
    await restore(from.path, from.step);
    first = from.step;
  }
  let turned = performance.now();
  for (let step = first; step < count && !trial.stopping; step++) {
    yield step;
    if (trial.finished) return;
    const done = step + 1;
    trial.progress(done, count);
    if (every !== undefined && done % every === 0) await save(done);
    if (performance.now() - turned >= TURN_AFTER) {
      await nextTurn();
      turned = performance.now();
    }
    if (trial.stopping && done < count) await save(done);
    else await trial.pausePoint(checkpoint && (() => save(done)));
  }
}
