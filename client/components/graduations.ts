/** Where the marks of a graduated rule go: at round numbers, whatever the span. */

/** Marks from 0 to `span`; every fifth step (or fourth, for halves) is major. At most about 50 minor and 12 major marks. */
export function graduations(span: number): { major: number[]; minor: number[] } {
  if (!(span > 0)) return { major: [0], minor: [] };
  // Steps are counted in whole numbers.
  const step = Math.max(1, roundStep(span / 8));
  const parts = step === 1 ? 1 : step / 10 ** Math.floor(Math.log10(step)) === 2 ? 4 : 5;
  const minorStep = step / parts;
  const major: number[] = [];
  const minor: number[] = [];
  const marks = Math.floor(span / minorStep + 1e-9);
  for (let index = 0; index <= marks; index++) (index % parts === 0 ? major : minor).push(index * minorStep);
  return { major, minor };
}

/** The round number (1, 2 or 5 times a power of ten) nearest above `least`. */
export function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const lead = least / power;
  return (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10) * power;
}
