/**
 * Stops whatever an execution runs on the main thread, and as a rule nothing else. The main thread is asked through the
 * inspector, which is answered between two instructions of whatever runs: it looks whose code that is, and ends it only
 * if it belongs to what is stopped. The thread is free once it answers a ping, for which a turn must have ended. Code
 * that keeps it from that and belongs to nobody (native code has called it), or to an execution that is long over, is
 * ended too, after many a question; and so is what must not be ended half-way and does not get done.
 */
import { MET, STRIKE_NAME, type ToMain } from '../channel.ts';
import type { MainInspector } from '../main-inspector.ts';

/** An idle main thread answers within this many ms. */
const ANSWER_MS = 2;
/** Native code that the main thread waits for is ended again after this many ms, as a loop may begin it again. */
const NUDGE_MS = 10;
/** What is in the way without belonging to what is stopped is ended after so many questions, some 2 ms each. */
const MERCY = 40;
/** What loads modules gets so many ms: one that is ended half-way cannot be imported again. */
const MODULES_MS = 2500;
/** The same where nothing runs: then it is what is meant. */
const LITTLE_MERCY = 5;
/** Work that must not be ended half-way gets done within so many questions, some 2 ms each. */
const LATER = 10;
/** What has not ended itself after so many requests cannot: then it is ended from here. */
const REQUESTS = 5;

/** The only one who terminates cells. */
export class Interrupter {
  #main: Pick<MainInspector, 'post'>;
  #toMain: (message: ToMain) => void;
  #nudge: () => void;
  #serial = 0;
  #answered = 0;
  #onAnswer: (() => void) | undefined;
  #stopping: Promise<void> | undefined;
  /** Resolved once the main thread has answered for the first time: until then it only runs what makes it ready. */
  readonly #ready = Promise.withResolvers<void>();

  /** `nudge` is called again and again while native code runs: it ends what is no JavaScript. */
  constructor(main: Pick<MainInspector, 'post'>, toMain: (message: ToMain) => void, nudge: () => void) {
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

  /**
   * Resolves once the main thread runs nothing of what it ran at the call.
   * @param aimed whether an execution is to be stopped, and not whatever is there
   */
  stop(aimed = true): Promise<void> {
    this.#stopping ??= this.#stop(aimed ? MERCY : LITTLE_MERCY).finally(() => {
      this.#stopping = undefined;
    });
    return this.#stopping;
  }

  async #stop(mercy: number): Promise<void> {
    await this.#ready.promise;
    const patientUntil = performance.now() + MODULES_MS;
    const nudging = setInterval(this.#nudge, NUDGE_MS);
    try {
      this.#nudge();
      let [serial, spared, struck, later] = [this.#ping(), 0, 0, 0];
      for (;;) {
        // A question that is still open could hit what comes next.
        const met = await this.#strike(spared >= mercy, later >= LATER, performance.now() >= patientUntil);
        if (met === MET.struck) struck++;
        else if (met === MET.later) later++;
        else spared++;
        if (await this.#answers(serial)) return;
        if (met !== MET.struck && met !== MET.later) continue;
        // What it ended may have begun after the last ping was answered; what was spared has had its ping.
        serial = this.#ping();
        if (met === MET.struck && struck % REQUESTS === 0)
          this.#main.post('Runtime.terminateExecution').catch(() => {});
      }
    } finally {
      clearInterval(nudging);
    }
  }

  /** Resolves, between two instructions of the main thread's, with what is met there: {@link MET}. */
  async #strike(anyone: boolean, anywhere: boolean, evenModules: boolean): Promise<unknown> {
    const expression = `${STRIKE_NAME}(${anyone}, ${anywhere}, ${evenModules})`;
    const question = { expression, silent: true, returnByValue: true };
    const answer = await this.#main.post('Runtime.evaluate', question).catch(() => undefined);
    const { result } = answer ?? {};
    return typeof result === 'object' && result !== null ? Reflect.get(result, 'value') : undefined;
  }

  /** Asks the main thread for an answer at the end of its turn; returns what that answer will bear. */
  #ping(): number {
    const serial = ++this.#serial;
    this.#toMain({ op: 'ping', serial });
    return serial;
  }

  /** Resolves with whether the main thread has answered this ping, however late, or does within a moment. */
  #answers(serial: number): Promise<boolean> {
    if (this.#answered >= serial) return Promise.resolve(true);
    return new Promise((resolve) => {
      const settle = (answer: boolean): void => {
        clearTimeout(timer);
        this.#onAnswer = undefined;
        resolve(answer);
      };
      const timer = setTimeout(() => settle(false), ANSWER_MS);
      this.#onAnswer = () => {
        if (this.#answered >= serial) settle(true);
      };
    });
  }
}
