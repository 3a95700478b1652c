/**
 * The supervisor's inspector session into the main thread, with promises. What it asks is answered even while the main
 * thread is in a loop that never yields.
 */
import type inspector from 'node:inspector';

/** An answer of the inspector's; its shape depends on the question. */
export type InspectorAnswer = Record<string, unknown>;

/** Asks the main thread's inspector. */
export class MainInspector {
  readonly session: inspector.Session;

  constructor(session: inspector.Session) {
    this.session = session;
  }

  /** Calls an inspector method. Rejects with the inspector's message when it refuses. */
  post(method: string, params: object = {}): Promise<InspectorAnswer> {
    return new Promise((resolve, reject) => {
      this.session.post(method, params, (error, answer: unknown) => {
        if (error) reject(error instanceof Error ? error : new Error(JSON.stringify(error)));
        else resolve(typeof answer === 'object' && answer !== null ? { ...answer } : {});
      });
    });
  }
}
