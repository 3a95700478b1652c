/**
 * Stops whatever JavaScript runs on the main thread, and only then. A request to terminate that meets an idle thread
 * would hit the next thing that runs there, our own code included; so the thread is asked first, and after a
 * termination it is asked until it answers, which uses up a request that came too late.
 */
import type { ToMain } from './channel.ts';
import type { MainInspector } from './main-inspector.ts';

/** An idle main thread answers within this many ms. */
const ANSWER_MS = 2;
const RETRY_MS = 10;
/** What a termination has not ended (a flood of promises, a loop that catches) is tried again after this many ms. */
const AGAIN_MS = 25;

/** The only one who terminates cells. */
export class Interrupter {
  #main: MainInspector;
  #toMain: (message: ToMain) => void;
  #nudge: () => void;
  #serial = 0;
  #answered = 0;
  #onAnswer: (() => void) | undefined;
  #stopping: Promise<void> | undefined;
  /** Resolved once the main thread has answered for the first time: until then it only runs what makes it ready. */
  readonly #ready = Promise.withResolvers<void>();

  /** `nudge` is called with each attempt: it ends what is no JavaScript. */
  constructor(main: MainInspector, toMain: (message: ToMain) => void, nudge: () => void) {
    this.#main = main;
    this.#nudge = nudge;
    this.#toMain = toMain;
    toMain({ op: 'ping', serial: 0 });
  }

  /** True while a stop is under way. */
  get busy(): boolean {
    return this.#stopping !== undefined;
  }

  /** Takes in the main thread's answer to a ping. */
  pong(serial: number): void {
    this.#ready.resolve();
    this.#answered = Math.max(this.#answered, serial);
    this.#onAnswer?.();
  }

  /** True when the main thread runs nothing right now. */
  async isIdle(): Promise<boolean> {
    return this.#ping(ANSWER_MS);
  }

  /** Resolves once the main thread runs nothing of what it ran at the call. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop().finally(() => {
      this.#stopping = undefined;
    });
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    await this.#ready.promise;
    if (await this.isIdle()) return;
    let open = false;
    const close = (): void => {
      open = false;
    };
    for (;;) {
      this.#nudge();
      // A second request while one is open would only be refused. One that took effect need not have been enough.
      if (!open) {
        open = true;
        void this.#main.post('Runtime.terminateExecution').then(close, close);
      }
      const asked = performance.now();
      while (performance.now() - asked < AGAIN_MS) {
        const answered = await this.#ping(RETRY_MS);
        if (answered && !open) return;
      }
    }
  }

  #ping(patience: number): Promise<boolean> {
    const serial = ++this.#serial;
    this.#toMain({ op: 'ping', serial });
    return new Promise((resolve) => {
      const settle = (answer: boolean): void => {
        clearTimeout(timer);
        this.#onAnswer = undefined;
        resolve(answer);
      };
      const timer = setTimeout(() => settle(false), patience);
      this.#onAnswer = () => {
        if (this.#answered >= serial) settle(true);
      };
    });
  }
}
