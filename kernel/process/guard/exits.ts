/**
 * Ending the process is the parent's decision. A cell that calls `process.exit()` (scripts do) would take everyone's
 * variables with it, so the calls throw instead and say what to do. A real end stays possible: `SIGKILL`.
 */

import process from 'node:process';

/** Thrown by `process.exit()` and its like in a cell. */
class KernelExitError extends Error {
  override readonly name = 'KernelExit';
}

/** The real `process.exit`, for the kernel's own use. */
export type Exit = (code: number) => void;

/** Replaces the calls that end the process; returns the real exit. */
export function guardExits(): Exit {
  const really: unknown = Reflect.get(process, 'reallyExit');
  const refuse = (call: string) => () => {
    throw new KernelExitError(
      `${call} ends the kernel; it was not ended and its variables are kept. To stop a cell, throw an error or return; to begin anew, use Restart.`,
    );
  };
  process.exit = refuse('process.exit()');
  Reflect.set(process, 'reallyExit', refuse('process.reallyExit()'));
  process.abort = refuse('process.abort()');
  const kill = process.kill.bind(process);
  process.kill = (pid, signal) => {
    if (isEnd(pid, signal)) refuse('process.kill() of the kernel’s own process')();
    return kill(pid, signal);
  };
  // Ctrl-C in the parent's terminal reaches the whole group of processes; only the parent decides what it means.
  process.on('SIGINT', () => {});
  return (code) => {
    if (typeof really === 'function') Reflect.apply(really, process, [code]);
  };
}

/** True for a signal that would end this process, or the group that it shares with its parent. */
function isEnd(pid: number, signal: string | number = 'SIGTERM'): boolean {
  if (signal === 0) return false;
  if (pid === 0 || pid === -1 || pid === -process.pid) return true;
  if (pid !== process.pid) return false;
  // One that a cell listens to is for that cell.
  return signal === 'SIGINT' || typeof signal === 'number' || process.listenerCount(signal) === 0;
}

/**
 * A listener of a cell's for errors that nobody caught may fail as well, and a cell may take all listeners away, the
 * kernel's too; Node would end the process for either.
 */
export function guardLastListeners(complain: (thrown: unknown) => void): void {
  const { emit } = process;
  const { apply } = Reflect;
  // Handed on as they came: spreading them would ask arrays how they are gone through, which cells may have replaced.
  const guarded = (...all: [name: string | symbol, ...unknown[]]): boolean => {
    if (all[0] !== 'uncaughtException' && all[0] !== 'unhandledRejection') return apply(emit, process, all);
    try {
      if (!apply(emit, process, all)) complain(all[1]);
      return true;
    } catch (error) {
      complain(error);
      return true;
    }
  };
  Object.defineProperty(process, 'emit', { value: guarded, configurable: true, writable: true, enumerable: false });
}
