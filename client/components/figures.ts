/**
 * How figures are written: tabular, with thousands commas, a true minus, small units, and no more digits than say
 * something. One place, so that the same number reads the same on every page.
 */

const MINUS = '\u2212';
const trueMinus = (text: string): string => text.replace('-', MINUS);

/** Making a format takes far longer than using it, and pages that are live write figures all the time. */
const formats = new Map<string, Intl.NumberFormat>();
const format = (kind: 'maximumSignificantDigits' | 'maximumFractionDigits', digits: number): Intl.NumberFormat => {
  const key = `${kind} ${digits}`;
  const made = formats.get(key) ?? new Intl.NumberFormat('en-US', { [kind]: digits });
  formats.set(key, made);
  return made;
};
const grouped = (value: number): string => format('maximumFractionDigits', 3).format(value);

/** A whole number with thousands commas: `61,400`. */
export function count(value: number): string {
  return trueMinus(grouped(Math.round(value)));
}

/** A measured value with about four significant digits: `1.139`, `0.00032`, `2,990`, `8.96e−5`, `NaN`, `∞`. */
export function figure(value: number, digits = 4): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : `${MINUS}∞`;
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 1e-4 || size >= 1e9) return trueMinus(value.toExponential(2).replace('e+', 'e'));
  if (size >= 10 ** (digits - 1)) return trueMinus(grouped(Math.round(value)));
  const decimals = Math.max(0, digits - 1 - Math.max(0, Math.floor(Math.log10(size))));
  return trueMinus(
    (size < 1 ? format('maximumSignificantDigits', digits) : format('maximumFractionDigits', decimals)).format(value),
  );
}

/**
 * A measured value in a column: {@link figure} with its last zeros, so that values below one another have their points
 * there, too: `0.6980` over `0.7035`. A whole number stays whole.
 */
export function measured(value: number): string {
  const text = figure(value);
  const size = Math.abs(value);
  if (!Number.isFinite(value) || Number.isInteger(value) || size < 1e-3 || size >= 1000) return text;
  return trueMinus(value.toFixed(3 - Math.floor(Math.log10(size))));
}

/** A difference, always with its sign: `+0.018`, `−0.021`, `±0`. */
export function difference(value: number): string {
  if (!Number.isFinite(value)) return figure(value);
  if (value === 0) return '±0';
  return `${value > 0 ? '+' : ''}${figure(value, 2)}`;
}

/** A share as a percentage: `64.0 %`. */
export const percent = (share: number): string => `${trueMinus((share * 100).toFixed(1))} %`;

/** A figure on an axis, which has little room: `16k`, `1.5M`; small ones as {@link figure} writes them. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size < 10_000) return figure(value);
  const [unit, suffix] = size >= 1e9 ? [1e9, 'G'] : size >= 1e6 ? [1e6, 'M'] : [1e3, 'k'];
  const scaled = value / unit;
  return trueMinus(`${Number.isInteger(scaled) ? grouped(scaled) : Number(scaled.toFixed(2))}${suffix}`);
}

/** A duration in ms, in its two largest units: `340 ms`, `4.2 s`, `1 m 10 s`, `3 h 17 m`, `1 d 4 h`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return '—';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${String(whole % 60).padStart(2, '0')} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} m`;
  const hours = Math.round(seconds / 3600);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** How long ago, in one unit: `now`, `40 s`, `6 min`, `4 h`, `yesterday`, `Monday`, `3 Oct`. */
export function ago(at: number, now: number): string {
  const seconds = Math.max(0, (now - at) / 1000);
  if (seconds < 10) return 'now';
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  const days = calendarDays(at, now);
  if (days === 0) return `${Math.round(seconds / 3600)} h`;
  if (days === 1) return 'yesterday';
  if (days < 7) return new Date(at).toLocaleDateString('en-GB', { weekday: 'long' });
  return new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
}

/** Time of day, `14:53`; another day's time carries the date. */
export function clock(at: number, now: number): string {
  const time = new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  if (calendarDays(at, now) === 0) return time;
  return `${new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ${time}`;
}

function calendarDays(from: number, to: number): number {
  const day = (at: number) => new Date(at).setHours(0, 0, 0, 0);
  return Math.round((day(to) - day(from)) / 86_400_000);
}

/** Words from elsewhere as a sentence of their own: a capital first, a full stop last. */
export function sentence(words: string): string {
  const text = words.trim();
  if (text === '') return '';
  const capital = text.charAt(0).toLocaleUpperCase() + text.slice(1);
  return /[.!?…]$/.test(capital) ? capital : `${capital}.`;
}

/** An amount of memory: `812 B`, `3.1 kB`, `24 MB`, `1.2 GB`. */
export function bytes(amount: number): string {
  const size = Math.max(0, amount);
  if (size < 1000) return `${Math.round(size)} B`;
  const [unit, suffix] = size >= 1e9 ? [1e9, 'GB'] : size >= 1e6 ? [1e6, 'MB'] : [1e3, 'kB'];
  const scaled = size / unit;
  return `${scaled < 9.95 ? scaled.toFixed(1) : Math.round(scaled).toLocaleString('en-US')} ${suffix}`;
}
