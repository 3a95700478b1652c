/** What texts of files mean: numbers, truth, dates, nothing. */
import type { Kind } from './column.ts';

/** Texts that stand for "missing" in the files that one meets. */
export const MISSING: readonly string[] = ['', 'NA', 'N/A', 'NaN', 'nan', 'null', 'NULL', 'None', '?'];

/** True for whole numbers of 32 bits; −0 is none. */
export const isInt32 = (value: number): boolean => (value | 0) === value && !Object.is(value, -0);

const INFINITE = /^\s*([+-]?)inf(inity)?\s*$/i;

/** Position of the first letter that is no sign. */
const afterSign = (text: string): number => (text.startsWith('-') || text.startsWith('+') ? 1 : 0);

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** A zero in front is no number's: such texts are codes, and would lose it. */
export function isCode(text: string): boolean {
  const at = afterSign(text);
  return text.charCodeAt(at) === 48 && isDigit(text.charCodeAt(at + 1));
}

/** The number that a text is; undefined when it is none. Files hold millions of them: no pattern is tried on a number. */
export function numberOf(text: string): number | undefined {
  const at = afterSign(text);
  const first = text.charCodeAt(at);
  if (isDigit(first) || first === 46) {
    const number = Number(text);
    // What begins with 0x, 0b or 0o is a number for JavaScript alone.
    const second = first === 48 ? text.charCodeAt(at + 1) | 32 : 0;
    return Number.isNaN(number) || second === 120 || second === 98 || second === 111 ? undefined : number;
  }
  if (first === 32 || first === 9) {
    const trimmed = text.trim();
    return trimmed.length < text.length && trimmed !== '' ? numberOf(trimmed) : undefined;
  }
  const infinite = INFINITE.exec(text);
  if (!infinite) return undefined;
  return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** Truth that a text is; undefined when it is none. */
export function boolOf(text: string): boolean | undefined {
  if (text === 'true' || text === 'True' || text === 'TRUE') return true;
  return text === 'false' || text === 'False' || text === 'FALSE' ? false : undefined;
}

const TIME = /^[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?$/;
const DAY = 86_400_000;

/**
 * Milliseconds since 1970 of an ISO 8601 date; undefined when the text is none. A time without a zone is taken as UTC, so
 * that a file means the same on every machine.
 */
export function dateOf(text: string): number | undefined {
  if (text.length < 10 || text[4] !== '-' || text[7] !== '-') return undefined;
  const [year, month, day] = [digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10)];
  if (!(year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month))) return undefined;
  const midnight = daysSince1970(year, month, day) * DAY;
  if (text.length === 10) return midnight;
  const parts = TIME.exec(text.slice(10));
  if (!parts) return undefined;
  const [, hour = '', minute = '', second = '0', fraction = '', zone = 'Z'] = parts;
  const milliseconds = Number(fraction.padEnd(3, '0').slice(0, 3));
  const time = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000 + milliseconds;
  const ahead = zone === 'Z' ? 0 : Number(`${zone[0]}1`) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2)));
  return midnight + time - ahead * 60_000;
}

/** The number that some letters are; NaN when one of them is no digit. */
function digits(text: string, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (!isDigit(code)) return Number.NaN;
    number = number * 10 + code - 48;
  }
  return number;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days of the Gregorian calendar, counted in years that begin in March, so that the leap day comes last. */
function daysSince1970(year: number, month: number, day: number): number {
  const years = month <= 2 ? year - 1 : year;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return years * 365 + Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400) + dayOfYear - 719_468;
}

/** The narrowest kind that a text is of which is a number. */
export function kindOfNumber(text: string, number: number): Kind {
  if (isCode(text.trim())) return 'string';
  return isInt32(number) && !/[.eE]/.test(text) ? 'int32' : 'float64';
}

/** The narrowest kind that a text is of. */
export function kindOfText(text: string): Kind {
  const number = numberOf(text);
  if (number !== undefined) return kindOfNumber(text, number);
  if (boolOf(text) !== undefined) return 'bool';
  return dateOf(text) === undefined ? 'string' : 'date';
}

/** The narrowest kind that holds values of both. */
export function widened(a: Kind | undefined, b: Kind): Kind {
  if (a === undefined || a === b) return b;
  const numbers = (a === 'int32' || a === 'float64') && (b === 'int32' || b === 'float64');
  return numbers ? 'float64' : 'string';
}
