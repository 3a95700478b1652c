/**
 * Ends the whole process from the supervisor's thread with an exit code of our choice, which Node allows only to the
 * main thread: that one is made to do it, and if it cannot (native code blocks it), the process is killed.
 */
import inspector from 'node:inspector';
import { EXIT_NAME, type ToMain } from './channel.ts';
import { MainInspector } from './main-inspector.ts';

/** How long the main thread gets, in ms. */
const PATIENCE = 500;
/** How long it gets to come to the end of what it does, in ms. */
const TURN = 200;

/**
 * Ends the process with `code`, or with SIGKILL where the main thread does not answer. That one may finish its turn, so
 * that no inspector is attached by then: Node would remark on that on stderr.
 */
export function endProcess(main: MainInspector, code: number, toMain: (message: ToMain) => void): void {
  main.session.disconnect();
  toMain({ op: 'exit', code });
  setTimeout(() => {
    const session = new inspector.Session();
    session.connectToMainThread();
    endAtOnce(new MainInspector(session), code);
  }, TURN);
}

/** Ends the process with `code` in the midst of what the main thread does, or with SIGKILL where it does not answer. */
export function endAtOnce(main: MainInspector, code: number): void {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), PATIENCE);
  // While the main thread is still being set up, the function is not there yet.
  const exit = `(typeof ${EXIT_NAME} === 'function' ? ${EXIT_NAME} : process.reallyExit)(${code})`;
  main.post('Runtime.evaluate', { expression: exit }).catch(() => {});
}
