/** Collects the texts of one column as values of its kind, in arrays that grow. */
import { type Column, categorise, type Kind, textColumn } from '../../table/column.ts';
import { boolOf, dateOf, isCode, isInt32, kindOfNumber, kindOfText, numberOf, widened } from '../../table/texts.ts';
import type { Dialect } from './dialect.ts';

/** What a text means in a file that is written this way. */
export interface Meaning {
  isMissing(text: string): boolean;
  /** The number that a text is; undefined when it is none, or stands for "missing". */
  number(text: string): number | undefined;
}

/** See {@link Meaning}. */
export function meaningOf({ missing, decimal }: Pick<Dialect, 'missing' | 'decimal'>): Meaning {
  const signs = new Set(missing);
  const number = decimal === ',' ? (text: string) => numberOf(text.replace(',', '.')) : numberOf;
  const isMissing = (text: string): boolean => signs.has(text);
  // Numbers need not be looked up unless one of them stands for "missing", such as -999.
  const plain = missing.every((sign) => number(sign) === undefined);
  return { isMissing, number: plain ? number : (text) => (isMissing(text) ? undefined : number(text)) };
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
    const kind = this.#kind;
    if (kind === 'string') return;
    const number = this.#meaning.number(text);
    if (number !== undefined) {
      if (kind !== 'float64' || isCode(text)) this.#kind = widened(kind, kindOfNumber(text, number));
    } else if (this.#meaning.isMissing(text)) this.#missing = true;
    else this.#kind = widened(kind, kindOfText(text));
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
    meaning.number(text) ?? (meaning.isMissing(text) ? Number.NaN : undefined);
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
        const value = meaning.number(text);
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
        const value = boolOf(text);
        if (value !== undefined) return Number(value);
        return meaning.isMissing(text) ? 2 : undefined;
      };
      return numbers(
        (length) => new Uint8Array(length),
        truth,
        (values) => ({ kind, values }),
      );
    }
    case 'date': {
      const time = (text: string): number | undefined =>
        dateOf(text) ?? (meaning.isMissing(text) ? Number.NaN : undefined);
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
          values.push(meaning.isMissing(text) ? null : interned(text, known));
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
