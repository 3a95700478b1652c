/**
 * Fourier transforms along the last axis, as products with constant matrices, which the native runtime is fastest at.
 * A long transform is cut into two short ones (Cooley and Tukey 1965); one of a great prime length becomes a convolution
 * of a length that can be cut (Bluestein 1970).
 */
import type { Graph } from '../graph.ts';
import { type Lower, sizeOf } from './lowering.ts';

/** One product up to this length, and for lengths that cannot be cut up to the other. */
const [SHORT, PRIME] = [256, 1024];

/** Names of the real and the imaginary part of rows of numbers; no imaginary part: all zeros. */
interface Complex {
  re: string;
  im: string | undefined;
}
/** A transform of `rows` rows: +1 turns as the inverse does, −1 as the forward one; all is multiplied by `scale`. */
interface Transform {
  graph: Graph;
  sign: 1 | -1;
}

const fourier: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const [real, imag] = [lowering.input(operation, 'real'), lowering.input(operation, 'imag')];
  const inverse = operation.attrs.inverse === true;
  const length = real.shape.at(-1) ?? 1;
  const rows = sizeOf(real.shape) / Math.max(1, length);
  const flat = [rows, length];
  const given: Complex = {
    re: lowering.last(real, flat),
    im: lowering.value(imag).uniform === 0 ? undefined : lowering.last(imag, flat),
  };
  const sign = inverse ? 1 : -1;
  const { re, im } = transform({ graph, sign }, given, rows, length, inverse ? 1 / length : 1);
  [re, im ?? graph.apply('Mul', [re, graph.float(0)])].forEach((name, at) => {
    lowering.made(operation, graph.apply('Reshape', [name, graph.list(real.shape)]), 'last', at);
  });
};

function transform(how: Transform, x: Complex, rows: number, length: number, scale: number): Complex {
  if (length <= SHORT) return direct(how, x, length, scale);
  const part = divisorOf(length);
  if (part > 1) return inParts(how, x, rows, part, length / part, scale);
  return length <= PRIME ? direct(how, x, length, scale) : asConvolution(how, x, rows, length, scale);
}

/** Cosines and sines of `turns(index)` turns. */
function waves(count: number, turns: (index: number) => number, scale = 1): { re: Float32Array; im: Float32Array } {
  const [re, im] = [new Float32Array(count), new Float32Array(count)];
  for (let index = 0; index < count; index++) {
    const angle = 2 * Math.PI * turns(index);
    re[index] = scale * Math.cos(angle);
    im[index] = scale * Math.sin(angle);
  }
  return { re, im };
}

function direct({ graph, sign }: Transform, { re, im }: Complex, length: number, scale: number): Complex {
  const matrix = waves(
    length ** 2,
    (index) => (sign * ((Math.floor(index / length) * (index % length)) % length)) / length,
    scale,
  );
  const [c, s] = [matrix.re, matrix.im].map((values) => graph.constant('float32', [length, length], values).name);
  const product = (x: string, by = ''): string => graph.apply('MatMul', [x, by]);
  if (im === undefined) return { re: product(re, c), im: product(re, s) };
  return {
    re: graph.apply('Sub', [product(re, c), product(im, s)]),
    im: graph.apply('Add', [product(re, s), product(im, c)]),
  };
}

/** The divisor nearest to the root; 1 for a prime. */
function divisorOf(length: number): number {
  for (let part = Math.floor(Math.sqrt(length)); part > 1; part--) if (length % part === 0) return part;
  return 1;
}

/** With index j = n·j₁ + j₂ and frequency k = k₁ + m·k₂: over j₁, turned by j₂·k₁, then over j₂. */
function inParts(how: Transform, x: Complex, rows: number, m: number, n: number, scale: number): Complex {
  const { graph, sign } = how;
  const columns = turned(graph, x, [rows, m, n]);
  const first = transform(how, shaped(graph, columns, [rows * n, m]), rows * n, m, 1);
  const factors = waves(n * m, (index) => (sign * Math.floor(index / m) * (index % m)) / (n * m));
  const twisted = times(graph, shaped(graph, first, [rows, n, m]), constant(graph, [n, m], factors));
  const back = turned(graph, twisted, [rows, n, m]);
  const second = transform(how, shaped(graph, back, [rows * m, n]), rows * m, n, scale);
  return shaped(graph, turned(graph, shaped(graph, second, [rows, m, n]), [rows, m, n], true), [rows, m * n]);
}

/** j·k is half of j² + k² − (k − j)²: turned before and after, it is a convolution with turns. */
function asConvolution(how: Transform, x: Complex, rows: number, length: number, scale: number): Complex {
  const { graph, sign } = how;
  const wide = 2 ** Math.ceil(Math.log2(2 * length - 1));
  const half = (index: number): number => ((index * index) % (2 * length)) / (2 * length);
  const chirp = waves(length, (index) => sign * half(index));
  const turns = constant(graph, [length], chirp);
  const { name: zero } = graph.constant('float32', [], [0]);
  const pad = (name: string): string => graph.apply('Pad', [name, graph.list([0, 0, 0, wide - length]), zero]);
  const { re, im = '' } = times(graph, x, turns);
  const spectrum = transform({ graph, sign: -1 }, { re: pad(re), im: pad(im) }, rows, wide, 1);
  const against = waves(wide, (index) => {
    const distance = Math.min(index, wide - index);
    return distance < length ? -sign * half(distance) : 0;
  });
  for (let index = length; index <= wide - length; index++) {
    against.re[index] = 0;
    against.im[index] = 0;
  }
  const filter = constant(graph, [wide], spectrumOf(against));
  const back = transform({ graph, sign: 1 }, times(graph, spectrum, filter), rows, wide, scale / wide);
  const cut = (name: string): string =>
    graph.apply('Slice', [name, graph.list([0]), graph.list([length]), graph.list([1])]);
  return times(graph, { re: cut(back.re), im: cut(back.im ?? '') }, turns);
}

/** The transform of numbers that are known now, of a length that is a power of two. */
function spectrumOf({ re, im }: { re: Float32Array; im: Float32Array }): { re: Float32Array; im: Float32Array } {
  const walk = (from: number, step: number, count: number): [number, number][] => {
    if (count === 1) return [[re[from] ?? 0, im[from] ?? 0]];
    const [even, odd] = [walk(from, 2 * step, count / 2), walk(from + step, 2 * step, count / 2)];
    const all: [number, number][] = new Array(count);
    for (let k = 0; k < count / 2; k++) {
      const angle = (-2 * Math.PI * k) / count;
      const [[a, b], [c, d]] = [even[k] ?? [0, 0], odd[k] ?? [0, 0]];
      const [x, y] = [c * Math.cos(angle) - d * Math.sin(angle), c * Math.sin(angle) + d * Math.cos(angle)];
      all[k] = [a + x, b + y];
      all[k + count / 2] = [a - x, b - y];
    }
    return all;
  };
  const all = walk(0, 1, re.length);
  return { re: Float32Array.from(all, ([x]) => x), im: Float32Array.from(all, ([, y]) => y) };
}

const constant = (graph: Graph, shape: number[], values: { re: Float32Array; im: Float32Array }): Complex => ({
  re: graph.constant('float32', shape, values.re).name,
  im: graph.constant('float32', shape, values.im).name,
});

/** Products element by element; the second has both parts. */
function times(graph: Graph, { re, im }: Complex, { re: c, im: s = '' }: Complex): Complex {
  const product = (a: string, b: string): string => graph.apply('Mul', [a, b]);
  if (im === undefined) return { re: product(re, c), im: product(re, s) };
  return {
    re: graph.apply('Sub', [product(re, c), product(im, s)]),
    im: graph.apply('Add', [product(re, s), product(im, c)]),
  };
}

const both = ({ re, im }: Complex, of: (name: string) => string): Complex => ({
  re: of(re),
  im: im === undefined ? undefined : of(im),
});

const shaped = (graph: Graph, x: Complex, shape: number[]): Complex =>
  both(x, (name) => graph.apply('Reshape', [name, graph.list(shape)]));

/** The last two axes of three change places; `is`: it has this shape already. */
const turned = (graph: Graph, x: Complex, shape: number[], is = false): Complex =>
  both(is ? x : shaped(graph, x, shape), (name) => graph.apply('Transpose', [name], { perm: [0, 2, 1] }));

/** The lowerings of these kernels, by the kernel's name. */
export const FOURIER: Record<string, Lower> = { Fourier: fourier };
