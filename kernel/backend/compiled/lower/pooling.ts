/**
 * Pooling, resizing and their gradients. Where several places of a window are greatest, the gradient goes to the first
 * of them alone, as in TensorFlow: a blank region would otherwise count several times.
 */
import { numbersOf } from '../attributes.ts';
import type { Value } from '../graph.ts';
import { ELEMENT } from '../onnx.ts';
import type { Operation } from '../recorder.ts';
import { poolingOf } from '../shapes.ts';
import type { Lower, Lowering } from './lowering.ts';
import { missing, padding, pieces, type Window } from './window.ts';

const geometry = (info: Window) => ({
  kernel_shape: [info.filterHeight, info.filterWidth],
  strides: [info.strideHeight, info.strideWidth],
  pads: [info.padInfo.top, info.padInfo.left, info.padInfo.bottom, info.padInfo.right],
});

const forward =
  (type: 'MaxPool' | 'AveragePool'): Lower =>
  (operation, lowering) => {
    const x = lowering.input(operation, 'x');
    const info = poolingOf(lowering.tf, x.shape, operation.attrs);
    const attributes = type === 'AveragePool' ? { ...geometry(info), count_include_pad: 0 } : geometry(info);
    lowering.made(operation, lowering.graph.apply(type, [lowering.first(x)], attributes), 'first');
  };

const ofMaximum: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const [x, y, dy] = [
    lowering.input(operation, 'input'),
    lowering.input(operation, 'output'),
    lowering.input(operation, 'dy'),
  ];
  const info = poolingOf(lowering.tf, x.shape, operation.attrs);
  const { inHeight, inWidth } = info;
  const pads = padding(info);
  const whole = lowering.first(x);
  const padded = pads ? graph.apply('Pad', [whole, graph.list(pads), graph.float(-3.4e38)]) : whole;
  const [top, gradient] = [lowering.first(y), lowering.first(dy)];
  let taken: string | undefined;
  const shares = pieces(graph, padded, info).map((piece) => {
    const greatest = graph.apply('Equal', [piece, top]);
    const chosen =
      taken === undefined ? greatest : graph.apply('Greater', [cast(lowering, greatest), cast(lowering, taken)]);
    taken = taken === undefined ? greatest : graph.apply('Or', [taken, greatest]);
    return graph.apply('Mul', [cast(lowering, chosen), gradient]);
  });
  const tiled =
    info.strideHeight === info.filterHeight &&
    info.strideWidth === info.filterWidth &&
    info.filterHeight === info.filterWidth &&
    pads === undefined;
  if (tiled) {
    // Windows do not overlap: the shares lie side by side.
    const mixed = graph.apply('Concat', shares, { axis: 1 });
    const laid = graph.apply('DepthToSpace', [mixed], { blocksize: info.filterHeight, mode: 'DCR' });
    const over = [inHeight - info.outHeight * info.filterHeight, inWidth - info.outWidth * info.filterWidth];
    const fitted = over.every((rest) => rest === 0)
      ? laid
      : graph.apply('Pad', [laid, graph.list([0, 0, 0, 0, 0, 0, over[0] ?? 0, over[1] ?? 0])]);
    lowering.made(operation, fitted, 'first');
    return;
  }
  lowering.made(operation, spread(lowering, shares, info), 'first');
};

const cast = ({ graph }: Lowering, name: string): string => graph.apply('Cast', [name], { to: ELEMENT.float32 });

/** Adds each place's share to where that place lies in the input, for windows that may overlap. */
function spread({ graph }: Lowering, shares: readonly string[], info: Window): string {
  const { batchSize, inChannels, outHeight, outWidth, filterHeight, filterWidth } = info;
  const places = shares.length;
  const stacked = graph.apply('Reshape', [
    graph.apply(
      'Concat',
      shares.map((share) =>
        graph.apply('Reshape', [share, graph.list([batchSize, inChannels, 1, outHeight, outWidth])]),
      ),
      { axis: 2 },
    ),
    graph.list([batchSize, inChannels * places, outHeight, outWidth]),
  ]);
  // One filter a place, which is 1 there and 0 elsewhere.
  const ones = new Float32Array(inChannels * places * filterHeight * filterWidth);
  for (let channel = 0; channel < inChannels; channel++) {
    for (let place = 0; place < places; place++) ones[(channel * places + place) * places + place] = 1;
  }
  const filter: Value = graph.constant('float32', [inChannels * places, 1, filterHeight, filterWidth], ones);
  const attributes = { ...geometry(info), group: inChannels, output_padding: missing(info) };
  return graph.apply('ConvTranspose', [stacked, filter.name], attributes);
}

const ofAverage: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const [x, dy] = [lowering.input(operation, 'input'), lowering.input(operation, 'dy')];
  const info = poolingOf(lowering.tf, x.shape, operation.attrs);
  const { inChannels, outHeight, outWidth, filterHeight, filterWidth } = info;
  // Padding does not count, so windows at the border share among fewer.
  const shares = new Float32Array(outHeight * outWidth);
  for (let row = 0; row < outHeight; row++) {
    for (let column = 0; column < outWidth; column++) {
      const tall = inside(row * info.strideHeight - info.padInfo.top, filterHeight, info.inHeight);
      const wide = inside(column * info.strideWidth - info.padInfo.left, filterWidth, info.inWidth);
      shares[row * outWidth + column] = 1 / (tall * wide);
    }
  }
  const each = graph.constant('float32', [1, 1, outHeight, outWidth], shares);
  const weighted = graph.apply('Mul', [lowering.first(dy), each.name]);
  const ones = new Float32Array(inChannels * filterHeight * filterWidth).fill(1);
  const filter = graph.constant('float32', [inChannels, 1, filterHeight, filterWidth], ones);
  const attributes = { ...geometry(info), group: inChannels, output_padding: missing(info) };
  lowering.made(operation, graph.apply('ConvTranspose', [weighted, filter.name], attributes), 'first');
};

const inside = (from: number, length: number, limit: number): number =>
  Math.min(from + length, limit) - Math.max(from, 0);

const enlarge: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const x = lowering.input(operation, 'images');
  const [factorHeight, factorWidth] = factors(operation, numbersOf(operation.attrs.size), x.shape, lowering);
  const scales = graph.constant('float32', [4], [1, 1, factorHeight, factorWidth]);
  const name = graph.apply('Resize', [lowering.first(x), '', scales.name], {
    mode: 'nearest',
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  });
  lowering.made(operation, name, 'first');
};

const ofEnlarged: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const [images, dy] = [lowering.input(operation, 'images'), lowering.input(operation, 'dy')];
  const [factorHeight, factorWidth] = factors(operation, dy.shape.slice(1, 3), images.shape, lowering);
  const window = [factorHeight, factorWidth];
  const mean = graph.apply('AveragePool', [lowering.first(dy)], { kernel_shape: window, strides: window });
  lowering.made(operation, graph.apply('Mul', [mean, graph.float(factorHeight * factorWidth)]), 'first');
};

function factors(
  operation: Operation,
  size: readonly number[],
  shape: readonly number[],
  lowering: Lowering,
): [number, number] {
  const found = [(size[0] ?? 0) / (shape[1] ?? 1), (size[1] ?? 0) / (shape[2] ?? 1)];
  const { alignCorners, halfPixelCenters } = operation.attrs;
  if (alignCorners === true || halfPixelCenters === true || !found.every(Number.isInteger)) {
    lowering.refuse(operation, 'by other than whole factors has no compiled form');
  }
  return [found[0] ?? 1, found[1] ?? 1];
}

export const POOLING: Record<string, Lower> = {
  MaxPool: forward('MaxPool'),
  AvgPool: forward('AveragePool'),
  MaxPoolGrad: ofMaximum,
  AvgPoolGrad: ofAverage,
  ResizeNearestNeighbor: enlarge,
  ResizeNearestNeighborGrad: ofEnlarged,
};
