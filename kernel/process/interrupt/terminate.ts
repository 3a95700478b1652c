/**
 * Ends the running JavaScript from within the thread that runs it. A request from another thread would hit whatever runs
 * by the time it arrives; here who asks can look first whose code that is, and nothing comes between.
 */
import { asWritten, openInspector } from '../evaluate/own-inspector.ts';

/** Asks V8 to end what runs on this thread; it does at the next turn of a loop or call of a function. */
export class Terminator {
  readonly #session = openInspector();

  /**
   * Ends the code that called, or that an inspector's question interrupted. V8 refuses a second request until the first
   * took effect. Nothing happens where cells have changed so much that nothing can be asked.
   */
  terminate(): void {
    try {
      asWritten(() => this.#session.post('Runtime.terminateExecution'));
    } catch {
      // As said.
    }
  }
}
