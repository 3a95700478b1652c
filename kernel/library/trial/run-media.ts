/** Pictures, histograms and tables as values of `log`, in the forms that W&B's library gives them. */
import type { Trial } from './trial.ts';

interface Medium {
  logTo(to: Trial, key: string, step: number): void;
}

/** `log({ sample: new Image(pixels, { caption: 'epoch 3' }) })`; see `Trial.image`. */
export class Image implements Medium {
  readonly #given: Parameters<Trial['image']> extends [string, ...infer Rest] ? Rest : never;

  constructor(picture: Parameters<Trial['image']>[1], options: Parameters<Trial['image']>[2] = {}) {
    this.#given = [picture, options];
  }

  logTo(to: Trial, key: string, step: number): void {
    const [picture, options] = this.#given;
    to.image(key, picture, { step, ...options });
  }
}

/** `log({ weights: new Histogram(values) })`; see `Trial.histogram`. */
export class Histogram implements Medium {
  readonly #values: Parameters<Trial['histogram']>[1];
  readonly #bins: number | undefined;

  constructor(values: Parameters<Trial['histogram']>[1], bins?: number) {
    this.#values = values;
    this.#bins = bins;
  }

  logTo(to: Trial, key: string, step: number): void {
    to.histogram(key, this.#values, { step, ...(this.#bins !== undefined && { bins: this.#bins }) });
  }
}

/** `log({ worst: new Table({ columns: ['input', 'score'], data: [['a', 0.1]] }) })`; see `Trial.table`. */
export class Table implements Medium {
  readonly columns: readonly string[];
  readonly data: unknown[][];

  constructor({ columns, data = [] }: { columns: readonly string[]; data?: readonly (readonly unknown[])[] }) {
    this.columns = columns;
    this.data = data.map((row) => [...row]);
  }

  /** Adds a row, a value for each column. @throws TypeError when there are more or fewer */
  addData(...row: unknown[]): void {
    if (row.length !== this.columns.length) {
      throw new TypeError(`Table: the row has ${row.length} values for ${this.columns.length} columns`);
    }
    this.data.push(row);
  }

  logTo(to: Trial, key: string, step: number): void {
    const rows = this.data.map((row) =>
      Object.fromEntries(this.columns.map((column, at) => [column, row[at] ?? null])),
    );
    to.table(key, rows, { step });
  }
}

export const isMedium = (value: object): value is Medium =>
  value instanceof Image || value instanceof Histogram || value instanceof Table;
