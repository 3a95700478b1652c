/**
 * Questions to a live kernel (values, variables, what can follow a dot) and their answers, matched by number. A question
 * that is not answered in time is answered with nothing: it was asked by someone who types, and the moment has passed.
 */
import type { FromKernel, ToKernel } from '@trialroom/shared/kernel/protocol';

/** What can be asked, before it has a number. */
export type Question =
  | { type: 'inspect'; expression: string }
  | { type: 'complete'; expression: string }
  | { type: 'variables' };

/** How long a kernel has to answer, in ms. */
const PATIENCE_MS = 2000;

/** The questions that one kernel has been asked. */
export class Questions {
  readonly #send: (message: ToKernel) => void;
  readonly #waiting = new Map<number, (value: unknown) => void>();
  #serial = 0;

  constructor(send: (message: ToKernel) => void) {
    this.#send = send;
  }

  /** The answer; undefined when the kernel has none, is gone or takes too long. */
  ask(question: Question): Promise<unknown> {
    const request = ++this.#serial;
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle(undefined), PATIENCE_MS);
      const settle = (value: unknown): void => {
        clearTimeout(timer);
        this.#waiting.delete(request);
        resolve(value);
      };
      this.#waiting.set(request, settle);
      this.#send({ ...question, request });
    });
  }

  /** The kernel answered. What nobody waits for any more is dropped. */
  answered({ request, ok, value }: Extract<FromKernel, { type: 'answer' }>): void {
    this.#waiting.get(request)?.(ok ? value : undefined);
  }

  /** The kernel is gone. */
  dropAll(): void {
    for (const settle of [...this.#waiting.values()]) settle(undefined);
  }
}
