/** What texts of files mean: numbers, truth, dates, nothing. */
import type { Kind } from './column.ts';

/** Texts that stand for "missing" in the files that one meets. */
export const MISSING: readonly string[] = ['', 'NA', 'N/A', 'NaN', 'nan', 'null', 'NULL', 'None', '?'];

/** True for whole numbers of 32 bits; −0 is none. */
export const isInt32 = (value: number): boolean => (value | 0) === value && !Object.is(value, -0);

const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/;
const INFINITE = /^\s*([+-]?)inf(inity)?\s*$/i;
/** A zero in front is no number's: such texts are codes, and would lose it. */
const CODE = /^\s*[+-]?0\d/;

/** The number that a text is; undefined when it is none. */
export function numberOf(text: string): number | undefined {
  if (NUMBER.test(text)) return Number(text);
  const infinite = INFINITE.exec(text);
  if (!infinite) return undefined;
  return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** Truth that a text is; undefined when it is none. */
export function boolOf(text: string): boolean | undefined {
  if (text === 'true' || text === 'True' || text === 'TRUE') return true;
  return text === 'false' || text === 'False' || text === 'FALSE' ? false : undefined;
}

const DATE = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * Milliseconds since 1970 of an ISO 8601 date; undefined when the text is none. A time without a zone is taken as UTC, so
 * that a file means the same on every machine.
 */
export function dateOf(text: string): number | undefined {
  const parts = DATE.exec(text);
  if (!parts) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = parts;
  const milliseconds = fraction.padEnd(3, '0').slice(0, 3);
  const offset = zone === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}${offset}`);
  // The parser takes the 31st of February for a day in March.
  if (Number.isNaN(time) || new Date(`${year}-${month}-${day}T00:00Z`).getUTCDate() !== Number(day)) return undefined;
  return time;
}

/** The narrowest kind that a text is of. */
export function kindOfText(text: string): Kind {
  const number = numberOf(text);
  if (number !== undefined) {
    if (CODE.test(text)) return 'string';
    return isInt32(number) && !/[.eE]/.test(text) ? 'int32' : 'float64';
  }
  if (boolOf(text) !== undefined) return 'bool';
  return dateOf(text) === undefined ? 'string' : 'date';
}

/** The narrowest kind that holds values of both. */
export function widened(a: Kind | undefined, b: Kind): Kind {
  if (a === undefined || a === b) return b;
  const numbers = (a === 'int32' || a === 'float64') && (b === 'int32' || b === 'float64');
  return numbers ? 'float64' : 'string';
}
