/** How long a session waits for a cell that was told to stop, or may run only so long. One cell at a time. */
export class Patience {
  #interrupted: NodeJS.Timeout | null = null;
  #limited: NodeJS.Timeout | null = null;

  /** The cell was interrupted: unless it ends in time, `lost` is called. A second interrupt grants no more time. */
  interrupted(ms: number, lost: () => void): void {
    this.#interrupted ??= setTimeout(() => {
      this.#interrupted = null;
      lost();
    }, ms);
  }

  /** The cell began and has a limit: unless it ends in time, `lost` is called. */
  limited(ms: number, lost: () => void): void {
    if (this.#limited) clearTimeout(this.#limited);
    // Longer than timers can wait is longer than anyone will.
    if (ms < 2 ** 31) this.#limited = setTimeout(lost, ms);
  }

  /** The cell ended, or its kernel did. */
  end(): void {
    if (this.#interrupted) clearTimeout(this.#interrupted);
    if (this.#limited) clearTimeout(this.#limited);
    this.#interrupted = null;
    this.#limited = null;
  }
}
