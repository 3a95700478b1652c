/**
 * Sends a value that changes under a hand: the first at once, then the newest at most every so many ms, one at a time,
 * and always the last. What lies between is never sent.
 */

export interface Sender<T> {
  /** The value is now this one. */
  offer(value: T): void;
  /** True while something is being sent or waits to be. */
  busy(): boolean;
  /** Nothing more is sent, save what is under way. */
  stop(): void;
}

/** Makes a sender. `settled` is called when nothing is left to send, with what refused the last one, if anything did. */
export function createSender<T>(
  send: (value: T) => Promise<void>,
  settled: (problem: unknown) => void,
  every = 50,
): Sender<T> {
  let next: { value: T } | undefined;
  let active = false;
  let stopped = false;

  const run = async (): Promise<void> => {
    active = true;
    let problem: unknown;
    while (next && !stopped) {
      const { value } = next;
      next = undefined;
      const pause = new Promise<void>((resolve) => setTimeout(resolve, every));
      try {
        await send(value);
        problem = undefined;
      } catch (error) {
        problem = error;
      }
      await pause;
    }
    active = false;
    if (!stopped) settled(problem);
  };
  return {
    offer(value) {
      next = { value };
      if (!active) void run();
    },
    busy: () => active,
    stop() {
      stopped = true;
    },
  };
}
