/**
 * Numbers of a gamma distribution as TensorFlow.js draws them (Marsaglia & Tsang 2000), and which distribution it was,
 * found from what was drawn: nobody says with which parameters a tensor was filled.
 */
import { AHEAD, Alea } from './alea.ts';

/** Gives the numbers of a generator one by one. */
function oneByOne(seed: number): () => number {
  const generator = new Alea(String(seed));
  let numbers = generator.draw();
  let at = 0;
  return () => {
    if (at === AHEAD) {
      numbers = generator.draw();
      at = 0;
    }
    return numbers[at++] ?? 0;
  };
}

/** Standard normal numbers one by one: two from each point in the unit disc. */
function normals(seed: number): () => number {
  const uniform = oneByOne(seed);
  let kept: number | undefined;
  return () => {
    if (kept !== undefined) {
      const value = kept;
      kept = undefined;
      return value;
    }
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      kept = y * scale;
      return x * scale;
    }
  };
}

/** Draws as many numbers as there is place for. The order of operations is the library's, to the bit. */
export function fillGamma(values: Float32Array, alpha: number, rate: number, seed: number): void {
  const uniform = oneByOne(seed);
  const normal = normals(uniform());
  const d = alpha < 1 ? alpha + 2 / 3 : alpha - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  const scale = 1 / (1 / rate);
  for (let index = 0; index < values.length; ) {
    const x = normal();
    const base = 1 + c * x;
    if (base <= 0) continue;
    const v = base * (base * base);
    const square = x * x;
    const u = uniform();
    if (u >= 1 - 0.331 * square * square && Math.log(u) >= 0.5 * square + d * (1 - v + Math.log(v))) continue;
    values[index++] = scale * d * v * (alpha < 1 ? uniform() ** (1 / alpha) : 1);
  }
}

/** Shapes between which it is looked for, and how finely. */
const [LEAST, MOST, PLACES] = [0.01, 1e4, 400];

/**
 * The distribution that a generator with this seed drew the values from; undefined when there is none.
 * The quotient of two values depends on the shape alone.
 */
export function recognizeGamma(values: Float32Array, seed: number): { alpha: number; rate: number } | undefined {
  const [first, second] = [values[0] ?? 0, values[1] ?? 0];
  // Two parameters go through any two values.
  if (values.length < 3 || !(first > 0 && second > 0)) return undefined;
  const unit = new Float32Array(2);
  const off = (alpha: number): number => {
    fillGamma(unit, alpha, 1, seed);
    return Math.log(first / second) - Math.log((unit[0] ?? 0) / (unit[1] ?? 0));
  };
  const drawn = new Float32Array(values.length);
  const gives = (alpha: number, rate: number, tolerance: number): boolean => {
    if (!(alpha > 0 && rate > 0 && rate < Number.POSITIVE_INFINITY)) return false;
    fillGamma(drawn, alpha, rate, seed);
    return drawn.every((value, index) => Math.abs(value - (values[index] ?? 0)) <= tolerance * (1 + Math.abs(value)));
  };
  // From one on it is drawn in another way: no sign changes there.
  const shapes = [1];
  let [from, before] = [LEAST, off(LEAST)];
  for (let place = 1; place <= PLACES; place++) {
    const to = LEAST * (MOST / LEAST) ** (place / PLACES);
    const after = off(to);
    if (before === 0 || before < 0 !== after < 0) shapes.push(zeroBetween(off, from, to));
    [from, before] = [to, after];
  }
  const rateOf = (alpha: number): number => {
    fillGamma(unit, alpha, 1, seed);
    return first / (unit[0] ?? 1);
  };
  // The roundest parameters that give it to the bit are what was written.
  for (let digits = 1; digits <= 6; digits++) {
    for (const shape of shapes) {
      const alpha = Number(shape.toPrecision(digits));
      const rate = rateOf(alpha);
      for (const parts of [digits, 6]) {
        const round = Number(rate.toPrecision(parts));
        if (gives(alpha, round, 0)) return { alpha, rate: round };
      }
    }
  }
  for (const alpha of shapes) if (gives(alpha, rateOf(alpha), 1e-6)) return { alpha, rate: rateOf(alpha) };
  return undefined;
}

/** Where a function that has different signs at both ends has none, or jumps. */
function zeroBetween(of: (x: number) => number, from: number, to: number): number {
  const below = of(from) < 0;
  let [low, high] = [from, to];
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (of(middle) < 0 === below) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
