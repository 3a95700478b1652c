/** Tick labels of the axes. */
import { figure, short } from '../components/figures.ts';
import { roundStep } from '../components/graduations.ts';

/** Round steps of a time axis, in seconds. */
export const TIME_STEPS = [
  0.001, 0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200,
  86_400, 172_800, 604_800,
];

/** A time on the axis, in the unit that suits the distance between ticks: `0.5 s`, `40 s`, `5 m`, `2 h`, `3 d`. */
export function timeTick(seconds: number, step: number): string {
  if (seconds === 0) return '0';
  if (step < 60 && seconds < 600) return `${Number(seconds.toFixed(3))} s`;
  if (step < 3600 && seconds < 36_000) {
    const minutes = Math.floor(seconds / 60);
    const rest = Math.round(seconds - minutes * 60);
    return rest === 0 ? `${minutes} m` : `${minutes} m ${rest}`;
  }
  if (step < 86_400) return `${Number((seconds / 3600).toFixed(2))} h`;
  return `${Number((seconds / 86_400).toFixed(1))} d`;
}

/** A time of day on the axis, from seconds since the epoch, with the date where ticks are days apart. */
export function clockTick(seconds: number, step: number): string {
  const date = new Date(seconds * 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (step >= 86_400) return `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return step < 60 ? `${time}:${two(date.getSeconds())}` : time;
}

/** A step on the axis: `16k`; whole steps only. */
export const stepTick = (value: number): string => (Number.isInteger(value) ? short(value) : '');

/** A value on the axis, written no finer than the distance between ticks asks for. */
export function valueTick(value: number, step: number): string {
  if (value === 0) return '0';
  if (Math.max(Math.abs(value), step) >= 10_000) return short(value);
  if (step < 1e-3 && Math.abs(value) < 0.1) {
    const digits = Math.floor(Math.log10(Math.abs(value)) + 1e-9) - Math.floor(Math.log10(step) + 1e-9);
    const more = Number.isInteger(Number((step / 10 ** Math.floor(Math.log10(step) + 1e-9)).toPrecision(6))) ? 0 : 1;
    const [lead, power] = value.toExponential(Math.max(0, digits + more)).split('e');
    return `${Number(lead)}e${power}`.replaceAll('-', '−').replace('+', '');
  }
  const decimals = Math.min(6, (Number(step.toPrecision(6)).toString().split('.')[1] ?? '').length);
  return value
    .toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
    .replace('-', '−');
}

/** A value on a log axis. */
export const logTick = (value: number): string => figure(value, 3);

/** Leading digits of the marks of a log axis, from fine to coarse. */
const LEADS: readonly (readonly number[])[] = [[1, 1.5, 2, 3, 4, 5, 6, 8], [1, 2, 5], [1, 3], [1]];

/** Round values between `from` and `to` on a log axis, about `most` of them at most: as fine as that allows. */
export function logTicks(from: number, to: number, most: number): number[] {
  const decades = Math.log10(to / from);
  if (decades < 0.25) {
    const step = roundStep((to - from) / Math.max(2, most));
    const first = Math.ceil(from / step);
    const count = Math.floor(to / step + 1e-9) - first + 1;
    return Array.from({ length: count }, (_, index) => Number(((first + index) * step).toPrecision(12)));
  }
  for (const leads of LEADS) {
    const ticks = marks(leads, from, to, 1);
    if (ticks.length <= most && ticks.length >= 2) return ticks;
  }
  return marks([1], from, to, Math.max(1, Math.ceil(decades / Math.max(1, most))));
}

function marks(leads: readonly number[], from: number, to: number, every: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(from)); power <= Math.ceil(Math.log10(to)); power++) {
    if (power % every !== 0) continue;
    for (const lead of leads) {
      const tick = Number((lead * 10 ** power).toPrecision(12));
      if (tick >= from && tick <= to) ticks.push(tick);
    }
  }
  return ticks;
}
