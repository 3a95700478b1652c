/** The scale of a slider: which figures it shows and where its marks stand. */

/** A mark on the rule: its share of the way, and whether it is a long one. */
export interface Mark {
  at: number;
  major: boolean;
}

/** Decimals that tell every step of a slider apart, and no more. */
export function decimalsOf({ min, max, step }: { min: number; max: number; step: number }): number {
  return Math.max(...[min, max, step].map(decimals));
}

function decimals(value: number): number {
  const [digits = '', exponent = '0'] = Number(value.toPrecision(12)).toString().split('e');
  const after = digits.split('.')[1]?.length ?? 0;
  return Math.min(12, Math.max(0, after - Number(exponent)));
}

/** Marks at round numbers between two ends; `graduate` gives those from nought to a span. */
export function marksWithin(
  min: number,
  max: number,
  graduate: (span: number) => { major: number[]; minor: number[] },
): Mark[] {
  const span = max - min;
  // The graduations count whole steps: a small span is counted in thousandths of itself, at round places all the same.
  const unit = 10 ** Math.floor(Math.log10(span) - 1);
  const whole = span / unit;
  if (!Number.isFinite(whole) || !(whole > 0)) return [];
  const { major, minor } = graduate(whole);
  const from = (Math.ceil(min / unit - 1e-9) * unit - min) / span;
  const mark = (isMajor: boolean) => (value: number) => ({ at: from + value / whole, major: isMajor });
  return [...minor.map(mark(false)), ...major.map(mark(true))].filter(({ at }) => at <= 1 + 1e-9);
}
