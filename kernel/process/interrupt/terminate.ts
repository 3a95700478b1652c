/**
 * Ends the running JavaScript from within the thread that runs it. A request from another thread would hit whatever runs
 * by the time it arrives; here who asks can look first whose code that is, and nothing comes between.
 */
import { asWritten, openInspector } from '../evaluate/own-inspector.ts';

/** After so many a request is taken for lost. */
const REFUSALS = 8;

/** Asks V8 to end what runs on this thread; it does at the next turn of a loop or call of a function. */
export class Terminator {
  readonly #session = openInspector();
  /** How many requests in a row were refused. */
  #refused = 0;

  /**
   * Ends the code that called, or that an inspector's question interrupted. Nothing happens where cells have changed so
   * much that nothing can be asked.
   */
  terminate(): void {
    try {
      if (this.#request()) {
        this.#refused = 0;
        return;
      }
      // As a rule the earlier one is just about to.
      if (++this.#refused < REFUSALS) return;
      this.#refused = -5 * REFUSALS;
      this.#clear();
      this.#refused = 0;
      this.#request();
    } catch {
      // As said.
    }
  }

  /** @returns false where V8 still waits for an earlier request to take effect, and refuses any other until then */
  #request(): boolean {
    let refused = false;
    asWritten(() =>
      this.#session.post('Runtime.terminateExecution', (error) => {
        refused = error !== null;
      }),
    );
    return !refused;
  }

  /**
   * A request may have hit what Node calls from native code that goes on regardless, as it does for each promise that is
   * rejected. Only what the inspector itself runs into an end makes V8 forget about it.
   */
  #clear(): void {
    asWritten(() => this.#session.post('Runtime.evaluate', ENDED));
  }
}

const ENDED = { __proto__: null, expression: 'for(;;);', silent: true, timeout: 1 };
