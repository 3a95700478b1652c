/** One thing after another, what is urgent first. */
export class Turns {
  #busy = false;
  readonly #urgent: (() => void)[] = [];
  readonly #patient: (() => void)[] = [];

  /** Acts when nobody else does. What it throws is the caller's. */
  async take<Result>(act: () => Promise<Result>, { urgent }: { urgent: boolean }): Promise<Result> {
    if (this.#busy) await new Promise<void>((resolve) => (urgent ? this.#urgent : this.#patient).push(resolve));
    this.#busy = true;
    try {
      return await act();
    } finally {
      const next = this.#urgent.shift() ?? this.#patient.shift();
      // Still busy when there is a next one, so that nobody comes between.
      if (next) next();
      else this.#busy = false;
    }
  }
}
