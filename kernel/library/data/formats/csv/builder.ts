/** Collects the texts of one column as values of its kind, in arrays that grow. */
import { type Column, categorise, type Kind, textColumn } from '../../table/column.ts';
import { boolOf, dateOf, isInt32, kindOfText, numberOf, widened } from '../../table/texts.ts';
import type { Dialect } from './dialect.ts';

/** What a text means in a file that is written this way. */
export interface Meaning {
  missing: ReadonlySet<string>;
  /** With a point before fractions. */
  plain(text: string): string;
}

/** See {@link Meaning}. */
export function meaningOf({ missing, decimal }: Pick<Dialect, 'missing' | 'decimal'>): Meaning {
  return {
    missing: new Set(missing),
    // A date or word with a comma in it is none of the numbers, before and after.
    plain: decimal === ',' ? (text) => text.replace(',', '.') : (text) => text,
  };
}

/** Finds out what kind of column texts make, without keeping them. */
export class KindFinder {
  #kind: Kind | undefined;
  #missing = false;
  readonly #meaning: Meaning;

  constructor(meaning: Meaning) {
    this.#meaning = meaning;
  }

  add(text: string): void {
    if (this.#kind === 'string') return;
    if (this.#meaning.missing.has(text)) {
      this.#missing = true;
      return;
    }
    this.#kind = widened(this.#kind, kindOfText(this.#meaning.plain(text)));
  }

  /** Whole numbers have no sign for "missing". */
  get kind(): Kind {
    return this.#kind === 'int32' && this.#missing ? 'float64' : (this.#kind ?? 'string');
  }
}

/** Takes the texts of a column, one after the other. */
export interface ColumnBuilder {
  /** Returns false, and takes nothing, when the text is not of the column's kind. */
  add(text: string): boolean;
  column(): Column;
}

/**
 * A builder for a column of one kind.
 * @param choose texts that come again and again become categories
 */
export function columnBuilder(kind: Kind, meaning: Meaning, choose: boolean): ColumnBuilder {
  const number = (text: string): number | undefined =>
    meaning.missing.has(text) ? Number.NaN : numberOf(meaning.plain(text));
  switch (kind) {
    case 'float64':
      return numbers(
        (length) => new Float64Array(length),
        number,
        (values) => ({ kind, values }),
      );
    case 'float32':
      return numbers(
        (length) => new Float32Array(length),
        number,
        (values) => ({ kind, values }),
      );
    case 'int32': {
      const whole = (text: string): number | undefined => {
        const value = numberOf(meaning.plain(text));
        return value !== undefined && isInt32(value) ? value : undefined;
      };
      return numbers(
        (length) => new Int32Array(length),
        whole,
        (values) => ({ kind, values }),
      );
    }
    case 'bool': {
      const truth = (text: string): number | undefined => {
        if (meaning.missing.has(text)) return 2;
        const value = boolOf(text);
        return value === undefined ? undefined : Number(value);
      };
      return numbers(
        (length) => new Uint8Array(length),
        truth,
        (values) => ({ kind, values }),
      );
    }
    case 'date': {
      const time = (text: string): number | undefined => (meaning.missing.has(text) ? Number.NaN : dateOf(text));
      return numbers(
        (length) => new Float64Array(length),
        time,
        (values) => ({ kind, values }),
      );
    }
    case 'string':
    case 'categorical': {
      const values: (string | null)[] = [];
      const known = new Map<string, string>();
      return {
        add(text) {
          values.push(meaning.missing.has(text) ? null : interned(text, known));
          return true;
        },
        column: () => (kind === 'categorical' ? categorise(values) : choose ? textColumn(values) : { kind, values }),
      };
    }
  }
}

/** Texts that are kept once however often they occur. */
const MOST_KNOWN = 10_000;

/** The same text, without what it was cut out of: that would stay in memory with it. */
function interned(text: string, known: Map<string, string>): string {
  const same = known.get(text);
  if (same !== undefined) return same;
  const own = text.length < 13 ? text : Buffer.from(text, 'utf16le').toString('utf16le');
  if (known.size < MOST_KNOWN) known.set(own, own);
  return own;
}

type Numbers = Float64Array | Float32Array | Int32Array | Uint8Array;

function numbers<T extends Numbers>(
  make: (length: number) => T,
  value: (text: string) => number | undefined,
  finish: (values: T) => Column,
): ColumnBuilder {
  let values = make(1024);
  let length = 0;
  return {
    add(text) {
      const next = value(text);
      if (next === undefined) return false;
      if (length === values.length) {
        const wider = make(length * 2);
        wider.set(values);
        values = wider;
      }
      values[length++] = next;
      return true;
    },
    column() {
      const exact = make(length);
      exact.set(values.subarray(0, length));
      return finish(exact);
    },
  };
}
