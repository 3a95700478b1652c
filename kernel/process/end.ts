/**
 * Ends the whole process from the supervisor's thread with an exit code of our choice, which Node allows only to the
 * main thread: that one is made to do it, and if it cannot (native code blocks it), the process is killed.
 */
import inspector from 'node:inspector';
import { MainInspector } from './main-inspector.ts';

/** How long the main thread gets, in ms. */
const PATIENCE = 500;
/** How long it gets to come to the end of what it does, in ms. */
const TURN = 100;

/** Global symbol of the function that ends the process; defined by the main thread. */
export const EXIT_KEY = 'trialroom.exit';

const EXIT = `(globalThis[Symbol.for("${EXIT_KEY}")] ?? process.reallyExit)`;

/**
 * Ends the process with `code`, or with SIGKILL where the main thread does not answer. Unless it is to be `atOnce`, the
 * main thread may finish its turn, so that no inspector is attached by then: Node would remark on that on stderr.
 */
export async function endProcess(main: MainInspector, code: number, atOnce = false): Promise<void> {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), PATIENCE);
  const exit = (): Promise<unknown> =>
    main.post('Runtime.evaluate', { expression: `${EXIT}(${code})` }).catch(() => {});
  if (atOnce) {
    await exit();
    return;
  }
  const later = `process.getBuiltinModule("node:timers").setImmediate(() => ${EXIT}(${code})), 0`;
  await main.post('Runtime.evaluate', { expression: later }).catch(() => {});
  main.session.disconnect();
  setTimeout(() => {
    const session = new inspector.Session();
    session.connectToMainThread();
    void endProcess(new MainInspector(session), code, true);
  }, TURN);
}
