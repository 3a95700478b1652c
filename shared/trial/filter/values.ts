/** Values as they are written: numbers, lengths of time, times, texts. Reading and writing stand side by side. */
import type { Kind } from './fields.ts';
import type { Value } from './types.ts';

const UNITS = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

const ODD: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '+inf': Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  '-infinity': Number.NEGATIVE_INFINITY,
};

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const SPAN = /^(\d+(?:\.\d+)?)(ms|[wdhms])$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?Z?)?$/;

/** What a bare word means for a field of this kind. */
export function readValue(word: string, kind: Kind): Value {
  const lower = word.toLowerCase();
  if (lower === 'none') return { type: 'none' };
  if (kind === 'number' || kind === 'any') {
    const odd = ODD[lower];
    if (odd !== undefined && kind === 'number') return { type: 'number', value: odd };
    if (NUMBER.test(word)) return { type: 'number', value: Number(word) };
  }
  if (kind === 'any' && (lower === 'true' || lower === 'false')) return { type: 'truth', value: lower === 'true' };
  if (kind === 'time' || kind === 'span') {
    const [, amount, unit] = SPAN.exec(word) ?? [];
    if (amount !== undefined) return { type: 'span', ms: Number(amount) * UNITS[unit as keyof typeof UNITS] };
    const ms = INSTANT.test(word)
      ? Date.parse(word.includes('T') && !word.endsWith('Z') ? `${word}Z` : word)
      : Number.NaN;
    if (!Number.isNaN(ms)) return { type: 'instant', ms };
  }
  return { type: 'text', value: word };
}

/** Writes a value so that {@link readValue}, for the same kind of field, gives it back. */
export function writeValue(value: Value, kind: Kind): string {
  switch (value.type) {
    case 'none':
      return 'none';
    case 'truth':
      return String(value.value);
    case 'number':
      if (Number.isNaN(value.value)) return 'NaN';
      if (!Number.isFinite(value.value)) return value.value > 0 ? 'inf' : '-inf';
      return Object.is(value.value, -0) ? '-0' : String(value.value);
    case 'span':
      return writeSpan(value.ms);
    case 'instant':
      return new Date(value.ms).toISOString().replace(/T00:00:00\.000Z$|:00\.000Z$|\.000Z$/, '');
    case 'text':
      return isBare(value.value) && readValue(value.value, kind).type === 'text' ? value.value : quote(value.value);
  }
}

function writeSpan(ms: number): string {
  const [unit, size] = Object.entries(UNITS).find(([, size]) => ms % size === 0 && ms >= size) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}

/** True when a text needs no quotes where a value stands. */
const isBare = (text: string): boolean => /^[\p{L}\p{N}_.@%+*-][\p{L}\p{N}_.@%+*/:-]*$/u.test(text);

export const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
