/**
 * Random numbers of a compiled step. Each random tensor of TensorFlow.js is drawn from a generator of its own, which one
 * call of `Math.random` seeds. While a step is recorded that seed is known, so what was drawn tells the distribution;
 * in every later step the same generator is seeded anew, from the same calls of `Math.random` as eager code makes.
 * Dropout therefore masks the same numbers compiled as uncompiled, forward and backward, and a seed repeats them.
 */
import { AHEAD, Alea } from './alea.ts';
import { fillGamma, recognizeGamma } from './gamma.ts';
import { withUndo } from './undo.ts';

/** How the numbers of a tensor are drawn. */
export type Draw =
  | { kind: 'uniform'; low: number; high: number }
  | { kind: 'normal' | 'truncated normal'; mean: number; deviation: number }
  | { kind: 'gamma'; alpha: number; rate: number };

/** Draws as many numbers as there is place for. */
export function fill(values: Float32Array, draw: Draw, seed: number): void {
  if (draw.kind === 'gamma') {
    fillGamma(values, draw.alpha, draw.rate, seed);
    return;
  }
  const generator = new Alea(String(seed));
  if (draw.kind === 'uniform') {
    const { low } = draw;
    const range = draw.high - low;
    for (let from = 0; from < values.length; from += AHEAD) {
      const numbers = generator.draw();
      const count = Math.min(AHEAD, values.length - from);
      for (let index = 0; index < count; index++) values[from + index] = low + range * (numbers[index] ?? 0);
    }
    return;
  }
  // Marsaglia's polar method: two numbers from a point in the unit disc.
  const { mean, deviation } = draw;
  const far = draw.kind === 'normal' ? Number.POSITIVE_INFINITY : 2 * deviation;
  const near = (value: number): boolean => value <= mean + far && value >= mean - far;
  let numbers = generator.draw();
  let at = 0;
  for (let index = 0; index < values.length; ) {
    // They come in pairs, and so many are drawn ahead.
    if (at === AHEAD) {
      numbers = generator.draw();
      at = 0;
    }
    const x = 2 * (numbers[at++] ?? 0) - 1;
    const y = 2 * (numbers[at++] ?? 0) - 1;
    const square = x * x + y * y;
    if (square >= 1 || square === 0) continue;
    const scale = Math.sqrt((-2 * Math.log(square)) / square);
    const [first, second] = [mean + deviation * x * scale, mean + deviation * y * scale];
    if (!near(first)) continue;
    values[index++] = first;
    if (index < values.length && near(second)) values[index++] = second;
  }
}

/** Kinds of draws by two numbers: where zero and where one of the unit draw come to lie. */
const KINDS: ((zero: number, one: number) => Exclude<Draw, { kind: 'gamma' }>)[] = [
  (low, high) => ({ kind: 'uniform', low, high }),
  (mean, one) => ({ kind: 'normal', mean, deviation: one - mean }),
  (mean, one) => ({ kind: 'truncated normal', mean, deviation: one - mean }),
];

/**
 * A random tensor's distribution, from what the generator with this seed gave; undefined when it is none of ours.
 * @param kind which one it is, where that is known: a few numbers alone do not tell
 */
export function recognize(all: Float32Array, seed: number, kind?: Draw['kind']): Draw | undefined {
  // What the first numbers say, the others would only repeat.
  const values = all.subarray(0, 256);
  if (kind === 'gamma') {
    const found = recognizeGamma(values, seed);
    return found && { kind, ...found };
  }
  const kinds = kind === undefined ? KINDS : KINDS.filter((make) => make(0, 1).kind === kind);
  const lines = kinds.map((make) => {
    const unit = new Float32Array(values.length);
    fill(unit, make(0, 1), seed);
    return { make, line: lineThrough(unit, values) };
  });
  const drawn = new Float32Array(values.length);
  const gives = (draw: Exclude<Draw, { kind: 'gamma' }>, tolerance: number): boolean => {
    // A deviation below nought would be looked for without end.
    const span = draw.kind === 'uniform' ? draw.high - draw.low : draw.deviation;
    if (!(span > 0 && span < Number.POSITIVE_INFINITY)) return false;
    fill(drawn, draw, seed);
    return drawn.every((value, index) => Math.abs(value - (values[index] ?? 0)) <= tolerance * (1 + Math.abs(value)));
  };
  // The roundest numbers that give it to the bit are what was written; few values fit much that is less round.
  for (let digits = 1; digits <= (values.length < 3 ? 3 : 6); digits++) {
    for (const { make, line } of lines) {
      for (const [zero, scale] of line) {
        const round = (value: number): number => (Math.abs(value) < 1e-6 ? 0 : Number(value.toPrecision(digits)));
        const candidates = [make(round(zero), round(zero + scale)), make(round(zero), round(zero) + round(scale))];
        for (const draw of candidates) if (gives(draw, 0)) return draw;
      }
    }
  }
  if (values.length < 4) return undefined;
  for (const { make, line } of lines) {
    for (const [zero, scale] of line) {
      const draw = make(zero, zero + scale);
      if (gives(draw, 1e-6)) return draw;
    }
  }
  return undefined;
}

/** Offset and scale for which `values = offset + scale · unit`; some that may be, when there is one value alone. */
function lineThrough(unit: Float32Array, values: Float32Array): [number, number][] {
  const [x, y] = [unit[0] ?? 0, values[0] ?? 0];
  if (unit.length < 2) return [0, 1, -1].map((offset) => [offset, (y - offset) / x]);
  let far = 1;
  for (let index = 1; index < unit.length; index++) {
    if (Math.abs((unit[index] ?? 0) - x) > Math.abs((unit[far] ?? 0) - x)) far = index;
  }
  const scale = ((values[far] ?? 0) - y) / ((unit[far] ?? 0) - x);
  return [[y - scale * x, scale]];
}

/** Stands for `Math.random` while a step is recorded. */
export class Seeds {
  #calls = 0;
  #pending: number[] = [];

  /** Runs `work` with seeds that are known; the sequence of `Math.random` goes on after it as if nothing had happened. */
  during<T>(work: () => T): T {
    const { random } = Math;
    const giveBack = (): void => {
      Math.random = random;
    };
    return withUndo(giveBack, () => {
      Math.random = () => {
        const seed = ((++this.#calls * 0.6180339887498949) % 1) + 2 ** -30;
        this.#pending.push(seed);
        return seed;
      };
      return work();
    });
  }

  /** Seeds given out since the last call. */
  taken(): number[] {
    return this.#pending.splice(0);
  }
}
