/**
 * What people want of trials, as words in shared memory: the library reads them inside a loop that never yields, where
 * no message would arrive.
 */
import type { ToKernel } from '@trialroom/shared/kernel/protocol';
import { type Allotted, SHARED, WISH, WISH_SLOTS } from './channel.ts';

type Action = Extract<ToKernel, { type: 'trial.control' }>['action'];

const WORD: Readonly<Record<Action, number>> = {
  stop: WISH.stop,
  pause: WISH.pause,
  release: WISH.release,
  released: WISH.released,
  resume: WISH.none,
};

/** The supervisor's side of the wishes. */
export class Wishes {
  #slots = new Map<string, number>();
  /** Of trials that are not open yet. */
  #early = new Map<string, Action>();
  #next = 0;
  #shared: Int32Array<SharedArrayBuffer>;

  constructor(shared: Int32Array<SharedArrayBuffer>) {
    this.#shared = shared;
  }

  /** Whether a trial was ever opened. */
  get any(): boolean {
    return this.#slots.size > 0;
  }

  /** Gives the trial in a `TrialOpened` reply its word; undefined when there is no trial in it. */
  allot(reply: unknown): Allotted | undefined {
    const trial: unknown = typeof reply === 'object' && reply !== null ? Reflect.get(reply, 'trial') : undefined;
    if (typeof trial !== 'string') return undefined;
    const slot = this.#next++ % WISH_SLOTS;
    for (const [other, taken] of this.#slots) if (taken === slot) this.#slots.delete(other);
    this.#slots.set(trial, slot);
    const early = this.#early.get(trial);
    this.#early.delete(trial);
    Atomics.store(this.#shared, SHARED.wish + slot, early === undefined ? WISH.none : WORD[early]);
    return { trial, slot };
  }

  /** Notes what is wanted of a trial; remembered when it is not open yet. A stop is never taken back. */
  set(trial: string, action: Action): void {
    const slot = this.#slots.get(trial);
    if (slot === undefined) {
      if (this.#early.get(trial) !== 'stop') this.#early.set(trial, action);
    } else if (Atomics.load(this.#shared, SHARED.wish + slot) !== WISH.stop) {
      Atomics.store(this.#shared, SHARED.wish + slot, WORD[action]);
    }
  }
}
