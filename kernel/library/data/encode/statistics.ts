/** What standardising needs to know of a column, gathered in one pass however long it is. */

/** Count, mean and spread of numbers as they come (Welford, 1962). Missing and infinite ones do not count. */
export class Statistics {
  count = 0;
  mean = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  #squares = 0;

  add(value: number): void {
    if (!Number.isFinite(value)) return;
    this.count++;
    const difference = value - this.mean;
    this.mean += difference / this.count;
    this.#squares += difference * (value - this.mean);
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
  }

  /** Of the sample: divided by n − 1. NaN for fewer than two numbers. */
  get deviation(): number {
    return this.count > 1 ? Math.sqrt(this.#squares / (this.count - 1)) : Number.NaN;
  }
}
