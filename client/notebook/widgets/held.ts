/**
 * A widget's value under a person's hand: while they move it they see their own, and as soon as all of it is sent they
 * see everyone's again. What others do meanwhile shows at once where nobody here is holding on.
 */
import { type Accessor, createEffect, createSignal, on, onCleanup } from 'solid-js';
import { createSender } from './sender.ts';

/** A value that a hand holds: while it does, nobody else's change moves it. */
export interface Held<T> {
  /** What to show. */
  shown: Accessor<T>;
  /** The hand has moved it here. */
  move(value: T): void;
  /** The hand holds on, or has let go. */
  hold(on: boolean): void;
  /** What refused the last move; null once another was taken. */
  problem: Accessor<unknown>;
}

/** How long the own value is shown after it was taken, should nobody say so. */
const GRACE_MS = 1000;

/** Puts a hand on the value that everyone sees. */
export function createHeld<T>(everyones: Accessor<T>, send: (value: T) => Promise<void>): Held<T> {
  const [own, setOwn] = createSignal<{ value: T } | null>(null);
  const [problem, setProblem] = createSignal<unknown>(null);
  let holding = false;
  let grace: ReturnType<typeof setTimeout> | undefined;
  const letGo = (): void => {
    clearTimeout(grace);
    if (!holding && !sender.busy()) setOwn(null);
  };
  const sender = createSender<T>(send, (refused) => {
    setProblem(refused ?? null);
    // The news of one's own change may come after the answer; until then the old value would show for a moment.
    if (refused !== undefined || Object.is(everyones(), own()?.value)) letGo();
    else {
      clearTimeout(grace);
      grace = setTimeout(letGo, GRACE_MS);
    }
  });
  createEffect(on(everyones, letGo, { defer: true }));
  onCleanup(() => {
    sender.stop();
    clearTimeout(grace);
  });
  return {
    shown: () => {
      const mine = own();
      return mine ? mine.value : everyones();
    },
    move(value) {
      setOwn({ value });
      sender.offer(value);
    },
    hold(on) {
      holding = on;
      if (!on && !sender.busy()) letGo();
    },
    problem,
  };
}
