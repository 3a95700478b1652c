/**
 * To whom the running code belongs. A scope follows the code of one execution across awaits, timers and callbacks; what
 * prints, shows or fails is put down to it, and stopping it stops all of that code. Code without a scope is the
 * kernel's own.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { fasten } from './guard/intrinsics.ts';

/** The code of one execution, or of one call back into what it left (a widget's listener). */
export interface Scope {
  readonly execution: string;
  /** Number of the execution in this process, or 0 for a call back. */
  readonly serial: number;
  /** The cell whose text runs; undefined for a call back. */
  readonly cell: string | undefined;
  /** Once true, no code of this scope runs any more. */
  stopped: boolean;
  /** Made when the code first asks for its signal. */
  controller: AbortController | undefined;
}

const scopes = fasten(new AsyncLocalStorage<Scope | undefined>(), ['run', 'getStore', 'enterWith']);

/** A scope of its own for code that belongs to `execution`. */
export const newScope = (execution: string, serial = 0, cell?: string): Scope => ({
  execution,
  serial,
  cell,
  stopped: false,
  controller: undefined,
});

/** The scope of the running code, or undefined in the kernel's own. */
export const currentScope = (): Scope | undefined => scopes.getStore();

/** Runs code so that it, and all that it starts, belongs to `scope`. */
export const runInScope = <T>(scope: Scope | undefined, work: () => T): T => scopes.run(scope, work);

/** Runs the kernel's own work so that no execution owns it: what an interrupt stops must not be ours. */
export const withoutExecution = <T>(work: () => T): T => scopes.run(undefined, work);
