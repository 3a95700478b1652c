/**
 * A step as people write it: with or without commas, with a true minus or a hyphen.
 * @returns null for nothing written, undefined for what is no step
 */
export function readStep(text: string): number | null | undefined {
  const plain = text.trim().replaceAll(',', '').replaceAll('\u2212', '-').replaceAll(/\s/g, '');
  if (plain === '') return null;
  const short = /^(-?\d+(?:\.\d+)?)([kM])$/.exec(plain);
  const step = short ? Number(short[1]) * (short[2] === 'k' ? 1e3 : 1e6) : Number(plain);
  return Number.isFinite(step) ? step : undefined;
}
