/**
 * A convolution over few channels that is pooled right after is computed in phases: one convolution with longer steps for
 * each place of the pooling's window. The phases lie beside one another as tensors of the pooled size, so that the
 * greatest of a window, and where the gradient goes, come of comparisons of whole tensors, which all threads share and
 * nothing has to be enlarged for. With few channels the convolution is short and what follows is long; with many it is
 * the other way round, and the places that a longer filter adds would cost more than is saved.
 */
import type { Phases, Value } from '../graph.ts';
import type { Operation, Ref } from '../recording.ts';
import { convolutionOf } from '../shapes/window.ts';
import { over } from './elementwise.ts';
import { type Lowering, sameShape, sizeOf } from './lowering.ts';
import { flat, places, type Window } from './window.ts';

/** As many channels at most, and places of the pooling's window. */
const FEW_CHANNELS = 4;
const FEW_PLACES = 4;

/** A convolution whose outcome is pooled. */
interface Source {
  /** What made the value before it was cut off at 0; undefined where it was not. */
  cut: Operation | undefined;
  x: Ref;
  filter: Ref;
  bias: Ref | undefined;
  window: Window;
}

/** The phases of what is pooled, and the greatest of the first one, two, three, … of them. */
export interface Phased {
  source: Source;
  /** Before anything is cut off at 0. */
  phases: string[];
  greatest: string[];
}

/** What is pooled, in phases; undefined where it is no convolution of that kind. */
export function phased(lowering: Lowering, pooled: Ref, pool: Window): Phased | undefined {
  const source = sourceOf(lowering, pooled);
  if (lowering.portable || !source || !divides(pool)) return undefined;
  const phases = places(pool).map((place) => convolved(lowering, source, pool, place));
  const greatest: string[] = [];
  for (const phase of phases) {
    const last = greatest.at(-1);
    greatest.push(last === undefined ? phase : lowering.graph.apply('Max', [last, phase]));
  }
  return { source, phases, greatest };
}

/** Whether windows lie side by side, nothing is padded and there are few places to each. */
const divides = ({ filter, stride, dilation, before, after }: Window): boolean =>
  filter.length === 2 &&
  sizeOf(filter) <= FEW_PLACES &&
  filter.every((length, axis) => length === stride[axis]) &&
  dilation.every((length) => length === 1) &&
  [...before, ...after].every((length) => length === 0);

function sourceOf(lowering: Lowering, pooled: Ref): Source | undefined {
  /** What made a value of the very same shape. */
  const maker = (ref: Ref | undefined): Operation | undefined => {
    const made = ref && lowering.maker(ref);
    return made && sameShape(made.outputs[0]?.shape ?? [], pooled.shape) ? made : undefined;
  };
  const last = maker(pooled);
  const sum = last?.kernel === 'Relu' ? maker(last.inputs.x) : last;
  if (!sum) return undefined;
  const cut = last === sum ? undefined : sum;
  if (sum.kernel === 'Conv2D') return convolution(lowering, sum, cut, undefined);
  const { a, b } = sum.inputs;
  const made = maker(a);
  if (sum.kernel !== 'Add' || made?.kernel !== 'Conv2D' || !b || sizeOf(b.shape) !== pooled.shape.at(-1))
    return undefined;
  return b.shape.at(-1) === pooled.shape.at(-1) ? convolution(lowering, made, cut, b) : undefined;
}

function convolution(
  lowering: Lowering,
  operation: Operation,
  cut: Operation | undefined,
  bias: Ref | undefined,
): Source | undefined {
  const [x, filter] = [lowering.input(operation, 'x'), lowering.input(operation, 'filter')];
  if (operation.attrs.dataFormat === 'NCHW') return undefined;
  const window = flat(convolutionOf(lowering.tf, x.shape, filter.shape, operation.attrs, false));
  const fits = window.inChannels <= FEW_CHANNELS && [...window.stride, ...window.dilation].every((step) => step === 1);
  return fits ? { cut, x, filter, bias, window } : undefined;
}

/** The lengths of a filter that reaches over all places of the pooling's window. */
const reach = (window: Window, pool: Window): number[] =>
  window.filter.map((length, axis) => length + (pool.filter[axis] ?? 1) - 1);

/** How many numbers are under the longer filter, and one for the bias. */
const rowsOf = (window: Window, pool: Window): number => sizeOf(reach(window, pool)) * window.inChannels + 1;

/**
 * What is under the longer filter, [batch, its places × channels, windows], and a row of ones behind it, by which the bias
 * is multiplied: a convolution that copies each number to a channel of its own.
 */
function columnsOf(lowering: Lowering, image: string, window: Window, pool: Window): string {
  const { graph } = lowering;
  const wide = reach(window, pool);
  const { batch, inChannels, before, after } = window;
  const rows = rowsOf(window, pool);
  const steps = { kernel_shape: wide, strides: pool.filter, pads: [...before, ...after] };
  return lowering.once(`under ${image} ${JSON.stringify(steps)}`, () => {
    const copies = new Float32Array(rows * (rows - 1));
    for (let place = 0; place < sizeOf(wide); place++) {
      for (let channel = 0; channel < inChannels; channel++) {
        copies[((place * inChannels + channel) * inChannels + channel) * sizeOf(wide) + place] = 1;
      }
    }
    const filter = graph.constant('float32', [rows, inChannels, ...wide], copies).name;
    const ones = Float32Array.from({ length: rows }, (_, row) => (row === rows - 1 ? 1 : 0));
    const copied = graph.apply('Conv', [image, filter, graph.constant('float32', [rows], ones).name], steps);
    return graph.apply('Reshape', [copied, graph.list([batch, rows, sizeOf(pool.output)])]);
  });
}

/** The convolution where it meets one place of each of the pooling's windows: the filter is moved there among zeros. */
function convolved(lowering: Lowering, { x, filter, bias, window }: Source, pool: Window, place: number[]): string {
  const { graph } = lowering;
  const { batch, outChannels } = window;
  const columns = columnsOf(lowering, lowering.first(x), window, pool);
  const first = graph.apply('Transpose', [lowering.last(filter)], { perm: [3, 0, 1, 2] });
  const behind = place.map((at, axis) => (pool.filter[axis] ?? 1) - 1 - at);
  const moved = graph.apply('Pad', [first, graph.list([0, ...place, 0, 0, ...behind, 0])]);
  const none = graph.constant('float32', [outChannels, 1], new Float32Array(outChannels)).name;
  const weights = graph.apply(
    'Concat',
    [
      graph.apply('Reshape', [moved, graph.list([outChannels, rowsOf(window, pool) - 1])]),
      bias ? lowering.last(bias, [outChannels, 1]) : none,
    ],
    { axis: 1 },
  );
  const product = graph.apply('MatMul', [weights, columns]);
  return graph.apply('Reshape', [product, graph.list([batch, outChannels, ...pool.output])]);
}

/** The pooled image. */
export function greatestOf({ graph }: Lowering, { source, greatest }: Phased): string {
  const top = greatest.at(-1) ?? '';
  return source.cut ? graph.apply('Relu', [top]) : top;
}

/** The gradient of what is pooled: to the first of the greatest of each window. */
export function gradientOf(lowering: Lowering, of: Phased, dy: string, pool: Window, shape: readonly number[]): Value {
  const { graph } = lowering;
  const cut = (name: string): string => (of.source.cut ? graph.apply('Relu', [name]) : name);
  const parts = shared(lowering, of.phases.map(cut), of.greatest.map(cut), dy);
  const { cut: before } = of.source;
  const phases: Phases = {
    parts,
    sum: dy,
    pool: pool.filter,
    ...(before ? { beforeCut: { operation: before, gradient: () => beforeCut(lowering, of, dy, pool, shape) } } : {}),
  };
  return { name: whole(lowering, parts, pool), type: 'float32', shape, order: 'first', phases };
}

/** The same gradient before what is pooled was cut off at 0: nothing comes where the greatest was cut off. */
function beforeCut(lowering: Lowering, of: Phased, dy: string, pool: Window, shape: readonly number[]): Value {
  const { graph } = lowering;
  const sum = graph.apply('Mul', [dy, over(lowering, of.greatest.at(-1) ?? '')]);
  const parts = shared(lowering, of.phases, of.greatest, sum);
  const phases: Phases = { parts, sum, pool: pool.filter };
  return { name: whole(lowering, parts, pool), type: 'float32', shape, order: 'first', phases };
}

/** From the last place to the first: one that is over all before it takes what those behind have left. */
export function shared(
  lowering: Lowering,
  phases: readonly string[],
  greatest: readonly string[],
  dy: string,
): string[] {
  const { graph } = lowering;
  const parts: string[] = [];
  let left = dy;
  for (let at = phases.length - 1; at > 0; at--) {
    const above = graph.apply('Sub', [phases[at] ?? '', greatest[at - 1] ?? '']);
    const part = graph.apply('Mul', [left, over(lowering, above)]);
    left = graph.apply('Sub', [left, part]);
    parts[at] = part;
  }
  parts[0] = left;
  return parts;
}

/** The parts in their places, for whom they are no use apart. */
function whole({ graph }: Lowering, parts: readonly string[], pool: Window): string {
  const { batch, inChannels, input, output, filter } = pool;
  const laid = graph.list([batch, inChannels, 1, ...output]);
  const stacked = graph.apply(
    'Concat',
    parts.map((part) => graph.apply('Reshape', [part, laid])),
    { axis: 2 },
  );
  const split = graph.apply('Reshape', [stacked, graph.list([batch, inChannels, ...filter, ...output])]);
  const turned = graph.apply('Transpose', [split], { perm: [0, 1, 4, 2, 5, 3] });
  const covered = output.map((length, axis) => length * (filter[axis] ?? 1));
  const image = graph.apply('Reshape', [turned, graph.list([batch, inChannels, ...covered])]);
  const rest = input.map((length, axis) => length - (covered[axis] ?? 0));
  return rest.every((length) => length === 0)
    ? image
    : graph.apply('Pad', [image, graph.list([0, 0, 0, 0, 0, 0, ...rest])]);
}

/** The gradient of the filter from that of the phases; undefined where the image has many channels. */
export function filterGradient(lowering: Lowering, image: string, window: Window, phases: Phases): string | undefined {
  const { graph } = lowering;
  const { batch, inChannels, outChannels, filter, stride, dilation } = window;
  if (inChannels > FEW_CHANNELS || [...stride, ...dilation].some((step) => step !== 1)) return undefined;
  const output = window.output.map((length, axis) => Math.floor(length / (phases.pool[axis] ?? 1)));
  const pool: Window = { ...window, filter: [...phases.pool], output };
  const wide = reach(window, pool);
  const columns = columnsOf(lowering, image, window, pool);
  const rows = rowsOf(window, pool);
  const sums = phases.parts.map((part) => {
    const gradient = graph.apply('Reshape', [part, graph.list([batch, outChannels, sizeOf(output)])]);
    const products = graph.apply('FusedMatMul', [gradient, columns], { transA: 0, transB: 1 }, 'com.microsoft');
    return graph.apply('ReduceSum', [products, graph.list([0])], { keepdims: 0 });
  });
  // Each weight is met under one place of the longer filter in each phase.
  const taken = new Float32Array(sizeOf(filter) * inChannels * sums.length * rows);
  for (const [row, at] of places(window).entries()) {
    for (const [phase, moved] of places(pool).entries()) {
      const under = at.reduce((index, step, axis) => index * (wide[axis] ?? 1) + step + (moved[axis] ?? 0), 0);
      for (let channel = 0; channel < inChannels; channel++) {
        const from = phase * rows + under * inChannels + channel;
        taken[(row * inChannels + channel) * sums.length * rows + from] = 1;
      }
    }
  }
  const picked = graph.constant('float32', [sizeOf(filter) * inChannels, sums.length * rows], taken).name;
  return graph.apply('Gemm', [picked, graph.apply('Concat', sums, { axis: 1 })], { transA: 0, transB: 1 });
}
