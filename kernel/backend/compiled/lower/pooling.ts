/**
 * Pooling and its gradients. Where several places of a window are greatest, the gradient goes to the first
 * of them alone, as in TensorFlow: a blank region would otherwise count several times.
 */
import type { Value } from '../graph.ts';
import { ELEMENT } from '../onnx.ts';
import { pooling3Of, poolingOf } from '../shapes/window.ts';
import { greatestInBlocks, ofGreatestInBlocks, overlapping } from './blocked-pooling.ts';
import { type Lower, type Lowering, sizeOf } from './lowering.ts';
import { gradientOf, greatestOf, phased } from './phases.ts';
import { flat, geometry, missing, padding, pieces, places, solid, type Window } from './window.ts';

type WindowOf = (
  lowering: Lowering,
  ...rest: Parameters<typeof poolingOf> extends [unknown, ...infer R] ? R : never
) => Window;
const image: WindowOf = ({ tf }, x, attrs) => flat(poolingOf(tf, x, attrs));
const volume: WindowOf = ({ tf }, x, attrs) => solid(pooling3Of(tf, x, attrs));

const greatest =
  (windowOf: WindowOf): Lower =>
  (operation, lowering) => {
    const x = lowering.input(operation, 'x');
    const window = windowOf(lowering, x.shape, operation.attrs);
    const apart = phased(lowering, x, window);
    if (apart) {
      lowering.made(operation, greatestOf(lowering, apart), 'first');
      return;
    }
    if (overlapping(lowering, window) !== undefined) {
      lowering.made(operation, greatestInBlocks(lowering, lowering.first(x), window), 'first');
      return;
    }
    const attributes = { ...geometry(window), dilations: window.dilation };
    lowering.made(operation, lowering.graph.apply('MaxPool', [lowering.first(x)], attributes), 'first');
  };

const mean =
  (windowOf: WindowOf): Lower =>
  (operation, lowering) => {
    const x = lowering.input(operation, 'x');
    const window = windowOf(lowering, x.shape, operation.attrs);
    const attributes = { ...geometry(window), count_include_pad: 0 };
    lowering.made(operation, lowering.graph.apply('AveragePool', [lowering.first(x)], attributes), 'first');
  };

const ofGreatest =
  (windowOf: WindowOf): Lower =>
  (operation, lowering) => {
    const { graph } = lowering;
    const [x, y, dy] = [
      lowering.input(operation, 'input'),
      lowering.input(operation, 'output'),
      lowering.input(operation, 'dy'),
    ];
    const window = windowOf(lowering, x.shape, operation.attrs);
    const apart = phased(lowering, x, window);
    const [out] = operation.outputs;
    if (apart && out) {
      lowering.define(out, gradientOf(lowering, apart, lowering.first(dy), window, x.shape));
      return;
    }
    if (window.filter.every((length, axis) => length <= (window.stride[axis] ?? 1))) {
      const lay = isHalving(window) ? enlarged : unpooled;
      lowering.made(operation, lay(lowering, lowering.first(x), lowering.first(dy), window), 'first');
      return;
    }
    const block = overlapping(lowering, window);
    if (block !== undefined) {
      const made = ofGreatestInBlocks(lowering, lowering.first(x), lowering.first(dy), window, block);
      lowering.made(operation, made, 'first');
      return;
    }
    const pads = padding(window);
    const whole = lowering.first(x);
    const padded = pads ? graph.apply('Pad', [whole, graph.list(pads), graph.float(-3.4e38)]) : whole;
    const [top, gradient] = [lowering.first(y), lowering.first(dy)];
    let taken: string | undefined;
    const shares = pieces(graph, padded, window).map((piece) => {
      const found = graph.apply('Equal', [piece, top]);
      const chosen =
        taken === undefined ? found : graph.apply('Greater', [cast(lowering, found), cast(lowering, taken)]);
      taken = taken === undefined ? found : graph.apply('Or', [taken, found]);
      return graph.apply('Mul', [cast(lowering, chosen), gradient]);
    });
    lowering.made(operation, spread(lowering, shares, window), 'first');
  };

const cast = ({ graph }: Lowering, name: string): string => graph.apply('Cast', [name], { to: ELEMENT.float32 });

/** Whether windows of two by two cover an image without a rest, for which the runtime has fast paths. */
const isHalving = ({ filter, stride, input, output, before, dilation }: Window): boolean =>
  filter.length === 2 &&
  input.every((length, axis) => length === 2 * (output[axis] ?? 0)) &&
  [...filter, ...stride].every((length) => length === 2) &&
  dilation.every((length) => length === 1) &&
  before.every((length) => length === 0);

/**
 * Finds the greatest of each window by comparison with the pooled image, enlarged. Of several, the first is told from
 * the others by weights that fall from place to place. Those are whole numbers: less one below the greatest of their window,
 * they are 1 there and at most 0 elsewhere. All threads share that; what comes of a comparison, one alone makes a number.
 */
function enlarged({ graph }: Lowering, whole: string, gradient: string, window: Window): string {
  const [height = 1, width = 1] = window.input;
  const scales = graph.constant('float32', [4], [1, 1, 2, 2]).name;
  const nearest = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
  const enlarge = (name: string): string => graph.apply('Resize', [name, '', scales], nearest);
  // Attributes as the pooling itself has them, so that it is done once.
  const pool = (values: string): string =>
    graph.apply('MaxPool', [values], { ...geometry(window), dilations: window.dilation });
  const among = graph.apply('Cast', [graph.apply('Equal', [enlarge(pool(whole)), whole])], { to: ELEMENT.float32 });
  const falling = Float32Array.from(
    { length: height * width },
    (_, at) => 4 - 2 * (Math.floor(at / width) % 2) - ((at % width) % 2),
  );
  const ranks = graph.apply('Mul', [among, graph.constant('float32', [1, 1, height, width], falling).name]);
  const under = graph.apply('Sub', [pool(ranks), graph.float(1)]);
  const first = graph.apply('Relu', [graph.apply('Sub', [ranks, enlarge(under)])]);
  return graph.apply('Mul', [first, enlarge(gradient)]);
}

/** Windows do not overlap, so each share has its own place, which the pooling knows. */
function unpooled({ graph }: Lowering, whole: string, gradient: string, window: Window): string {
  const { batch, inChannels, input, dilation } = window;
  const [, places = ''] = graph.applyAll('MaxPool', [whole], { ...geometry(window), dilations: dilation }, 2);
  // Where nothing in a window is a number, the place is none at all.
  const real = graph.apply('Max', [places, graph.list([0])]);
  const { kernel_shape, strides, pads } = geometry(window);
  const shape = graph.list([batch, inChannels, ...input]);
  return graph.apply('MaxUnpool', [gradient, real, shape], { kernel_shape, strides, pads });
}

/** Adds each place's share to where that place lies in the input, for windows that may overlap. */
function spread({ graph }: Lowering, shares: readonly string[], window: Window): string {
  const { batch, inChannels, output, filter } = window;
  const count = shares.length;
  const laid = graph.list([batch, inChannels, 1, ...output]);
  const stacked = graph.apply('Reshape', [
    graph.apply(
      'Concat',
      shares.map((share) => graph.apply('Reshape', [share, laid])),
      { axis: 2 },
    ),
    graph.list([batch, inChannels * count, ...output]),
  ]);
  // One filter a place, which is 1 there and 0 elsewhere.
  const ones = new Float32Array(inChannels * count * count);
  for (let channel = 0; channel < inChannels; channel++) {
    for (let place = 0; place < count; place++) ones[(channel * count + place) * count + place] = 1;
  }
  const weights: Value = graph.constant('float32', [inChannels * count, 1, ...filter], ones);
  const attributes = { ...geometry(window), group: inChannels, output_padding: missing(window) };
  return graph.apply('ConvTranspose', [stacked, weights.name], attributes);
}

const ofMean =
  (windowOf: WindowOf): Lower =>
  (operation, lowering) => {
    const { graph } = lowering;
    const [x, dy] = [lowering.input(operation, 'input'), lowering.input(operation, 'dy')];
    const window = windowOf(lowering, x.shape, operation.attrs);
    const { inChannels, output, filter } = window;
    const each = graph.constant('float32', [1, 1, ...output], shares(window));
    const weighted = graph.apply('Mul', [lowering.first(dy), each.name]);
    const ones = new Float32Array(inChannels * sizeOf(filter)).fill(1);
    const weights = graph.constant('float32', [inChannels, 1, ...filter], ones);
    const attributes = { ...geometry(window), group: inChannels, output_padding: missing(window) };
    lowering.made(operation, graph.apply('ConvTranspose', [weighted, weights.name], attributes), 'first');
  };

/** What each place of the output gives to each cell under it: padding does not count, so border windows share among fewer. */
function shares(window: Window): Float32Array {
  const lengths = window.output.map((length, axis) =>
    Array.from({ length }, (_, at) => {
      const from = at * (window.stride[axis] ?? 1) - (window.before[axis] ?? 0);
      return Math.min(from + (window.filter[axis] ?? 1), window.input[axis] ?? 0) - Math.max(from, 0);
    }),
  );
  const found = places({ ...window, filter: window.output });
  return Float32Array.from(
    found,
    (place) => 1 / place.reduce((area, at, axis) => area * (lengths[axis]?.[at] ?? 1), 1),
  );
}

/** The lowerings of these kernels, by the kernel's name. */
export const POOLING: Record<string, Lower> = {
  MaxPool: greatest(image),
  AvgPool: mean(image),
  MaxPoolGrad: ofGreatest(image),
  AvgPoolGrad: ofMean(image),
  MaxPool3D: greatest(volume),
  AvgPool3D: mean(volume),
  MaxPool3DGrad: ofGreatest(volume),
  AvgPool3DGrad: ofMean(volume),
};
