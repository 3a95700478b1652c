/**
 * A person's wish to stop a trial, as a word in shared memory: the library reads it inside a loop that never yields,
 * where no message would arrive.
 */
import { SHARED, STOP_SLOTS } from './channel.ts';

/** The supervisor's side of the stop flags. */
export class StopFlags {
  #slots = new Map<string, number>();
  #wished = new Set<string>();
  #next = 0;
  #shared: Int32Array<SharedArrayBuffer>;

  constructor(shared: Int32Array<SharedArrayBuffer>) {
    this.#shared = shared;
  }

  /** Gives the trial in a `TrialOpened` reply its flag; undefined when there is no trial in it. */
  allot(reply: unknown): number | undefined {
    const trial: unknown = typeof reply === 'object' && reply !== null ? Reflect.get(reply, 'trial') : undefined;
    if (typeof trial !== 'string') return undefined;
    const slot = this.#next++ % STOP_SLOTS;
    for (const [other, taken] of this.#slots) if (taken === slot) this.#slots.delete(other);
    this.#slots.set(trial, slot);
    Atomics.store(this.#shared, SHARED.stop + slot, this.#wished.delete(trial) ? 1 : 0);
    return slot;
  }

  /** Raises a trial's flag; remembered when the trial is not open yet. */
  raise(trial: string): void {
    const slot = this.#slots.get(trial);
    if (slot === undefined) this.#wished.add(trial);
    else Atomics.store(this.#shared, SHARED.stop + slot, 1);
  }
}
