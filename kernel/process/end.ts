/**
 * Ends the whole process from the supervisor's thread with an exit code of our choice, which Node allows only to the
 * main thread: that one is made to do it, and if it cannot (native code blocks it), the process is killed.
 */
import type { MainInspector } from './main-inspector.ts';

/** How long the main thread gets, in ms. */
const PATIENCE = 500;

/** Global symbol of the function that ends the process; defined by the main thread. */
export const EXIT_KEY = 'trialroom.exit';

/** Ends the process with `code`, or with SIGKILL where the main thread does not answer. */
export async function endProcess(main: MainInspector, code: number): Promise<void> {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), PATIENCE);
  await main
    .post('Runtime.evaluate', { expression: `(globalThis[Symbol.for("${EXIT_KEY}")] ?? process.reallyExit)(${code})` })
    .catch(() => {});
}
