/**
 * Errors that nobody caught, in timers, listeners and promises: each is told as an error of the execution that set it
 * going, which may be long over. A timer that fails for ever must not fill a page: after some, the rest is printed.
 */

import type { CellError } from '@trialroom/shared/notebook/outputs';
import { uncaughtText } from '@trialroom/shared/notebook/uncaught';
import type { Output } from './output.ts';

/** So many of one execution are told as errors. */
const MOST = 50;
/** Of so many executions it is known how many were told. */
const KNOWN = 200;

/** Tells what nobody caught. */
export class Uncaught {
  /** How many were told, by execution; the one that failed last is the last. */
  readonly #told = new Map<string, number>();
  readonly #output: Output;

  constructor(output: Output) {
    this.#output = output;
  }

  /** Tells an error of an execution. @param cell whose code it is, if that is known */
  tell(execution: string, error: CellError, cell: string | undefined): void {
    const told = (this.#told.get(execution) ?? 0) + 1;
    this.#told.delete(execution);
    this.#told.set(execution, told);
    if (this.#told.size > KNOWN) for (const oldest of this.#told.keys()) if (this.#told.delete(oldest)) break;
    if (told > MOST) {
      this.#output.print(execution, 'stderr', uncaughtText(error, cell));
      return;
    }
    this.#output.send({ type: 'uncaught', execution, error, ...(cell === undefined ? {} : { cell }) });
    this.#output.wait();
  }
}
