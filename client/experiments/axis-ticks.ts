/** What stands on the axis of a column of dots. Pure. */
import { figure, short } from '../components/figures.ts';
import type { Axis } from './cells.tsx';

/** Where an axis bears figures, as shares of its length. */
const TICKS = [0.15, 0.5, 0.85];
/** From this size on, figures are shortened: `16k`. */
const LARGE = 10_000;

/** The figures on an axis, written with just as many digits as tell them apart; `left` in percent of its length. */
export function ticksOf({ low, high }: Axis): { left: number; text: string }[] {
  const values = TICKS.map((share) => low + share * (high - low));
  const written = (digits: number): string[] =>
    values.map((value) => {
      const rounded = Number(value.toPrecision(digits));
      return Math.abs(rounded) >= LARGE ? short(rounded) : figure(rounded, digits);
    });
  let texts = written(2);
  for (let digits = 3; digits <= 6 && new Set(texts).size < texts.length; digits++) texts = written(digits);
  return TICKS.map((share, at) => ({ left: share * 100, text: texts[at] ?? '' }));
}
