/** Geometry of windows that move over images and volumes, as the library computes it, and shapes that follow from it. */
import type { TensorFlow } from '../../tensorflow.ts';
import { numbersOf } from '../attributes.ts';
import { type Attrs, broadcast, float, like, need, type Outline, type ShapeOf } from './outline.ts';

/** Height and width; one number is both. */
const pair = (value: unknown): [number, number] => {
  const [height = 1, width = height] = numbersOf(value);
  return [height, width];
};
/** Depth, height and width; one number is all. */
const triple = (value: unknown): [number, number, number] => {
  const [depth = 1, height = depth, width = height] = numbersOf(value);
  return [depth, height, width];
};
const four = ([a = 1, b = 1, c = 1, d = 1]: readonly number[]): [number, number, number, number] => [a, b, c, d];
const five = ([a = 1, b = 1, c = 1, d = 1, e = 1]: readonly number[]): [number, number, number, number, number] => [
  ...four([a, b, c, d]),
  e,
];

type Padding = Parameters<TensorFlow['backend_util']['computeConv2DInfo']>[4];
type Rounding = Parameters<TensorFlow['backend_util']['computeConv2DInfo']>[5];

const padding = (value: unknown): Padding => {
  if (value === 'same' || value === 'valid' || typeof value === 'number') return value;
  if (Array.isArray(value)) {
    const side = (axis: number): [number, number] => {
      const [before = 0, after = 0] = numbersOf(value[axis]);
      return [before, after];
    };
    return [side(0), side(1), side(2), side(3)];
  }
  throw new TypeError(`padding ${JSON.stringify(value)} is not known`);
};
/** Padding of a volume. */
const solid = (value: unknown): 'same' | 'valid' | number =>
  value === 'same' || typeof value === 'number' ? value : 'valid';
const rounding = (value: unknown): Rounding =>
  value === 'floor' || value === 'round' || value === 'ceil' ? value : undefined;

/** Strides, dilations and padding of a 2D convolution over `x`. */
export const convolutionOf = (tf: TensorFlow, x: number[], filter: number[], attrs: Attrs, depthwise = false) =>
  tf.backend_util.computeConv2DInfo(
    four(x),
    four(filter),
    pair(attrs.strides),
    pair(attrs.dilations ?? 1),
    padding(attrs.pad),
    rounding(attrs.dimRoundingMode),
    depthwise,
    attrs.dataFormat === 'NCHW' ? 'channelsFirst' : 'channelsLast',
  );

/** Window of a 2D pooling of `x`. */
export const poolingOf = (tf: TensorFlow, x: number[], attrs: Attrs) =>
  tf.backend_util.computePool2DInfo(
    four(x),
    pair(attrs.filterSize),
    pair(attrs.strides),
    pair(attrs.dilations ?? 1),
    padding(attrs.pad),
    rounding(attrs.dimRoundingMode),
  );

/** Strides, dilations and padding of a 3D convolution over `x`. */
export const convolution3Of = (tf: TensorFlow, x: number[], filter: number[], attrs: Attrs) =>
  tf.backend_util.computeConv3DInfo(
    five(x),
    five(filter),
    triple(attrs.strides),
    triple(attrs.dilations ?? 1),
    attrs.pad === 'same' ? 'same' : 'valid',
  );

/** Window of a 3D pooling of `x`. */
export const pooling3Of = (tf: TensorFlow, x: number[], attrs: Attrs) =>
  tf.backend_util.computePool3DInfo(
    five(x),
    triple(attrs.filterSize),
    triple(attrs.strides),
    1,
    solid(attrs.pad),
    rounding(attrs.dimRoundingMode),
  );

const convolution =
  (depthwise: boolean): ShapeOf =>
  (inputs, attrs, tf) =>
    float(convolutionOf(tf, need(inputs, 'x').shape, need(inputs, 'filter').shape, attrs, depthwise).outShape);
const pool: ShapeOf = (inputs, attrs, tf) => float(poolingOf(tf, need(inputs, 'x').shape, attrs).outShape);
const pool3: ShapeOf = (inputs, attrs, tf) => float(pooling3Of(tf, need(inputs, 'x').shape, attrs).outShape);

/** What is as large as an attribute says. */
const told =
  (attribute: string): ShapeOf =>
  (_, attrs) =>
    float(numbersOf(attrs[attribute]));

const matMul: ShapeOf = (inputs, attrs) => {
  const [a, b] = [need(inputs, 'a').shape, need(inputs, 'b').shape];
  const rows = attrs.transposeA ? a.at(-1) : a.at(-2);
  const columns = attrs.transposeB ? b.at(-2) : b.at(-1);
  return float([...broadcast(a.slice(0, -2), b.slice(0, -2)), rows ?? 1, columns ?? 1]);
};

const resized =
  (dtype?: Outline['dtype']): ShapeOf =>
  (inputs, attrs) => {
    const images = need(inputs, 'images');
    const [batch = 1, , , channels = 1] = images.shape;
    return { shape: [batch, ...pair(attrs.size), channels], dtype: dtype ?? images.dtype };
  };

/** The shapes that these kernels give, by the kernel's name. */
export const WINDOW: Record<string, ShapeOf> = {
  BatchMatMul: matMul,
  _FusedMatMul: matMul,
  Conv2D: convolution(false),
  FusedConv2D: convolution(false),
  DepthwiseConv2dNative: convolution(true),
  FusedDepthwiseConv2D: convolution(true),
  Conv2DBackpropInput: told('inputShape'),
  Conv2DBackpropFilter: told('filterShape'),
  DepthwiseConv2dNativeBackpropInput: told('inputShape'),
  DepthwiseConv2dNativeBackpropFilter: told('filterShape'),
  Conv3D: (inputs, attrs, tf) =>
    float(convolution3Of(tf, need(inputs, 'x').shape, need(inputs, 'filter').shape, attrs).outShape),
  Conv3DBackpropInputV2: told('inputShape'),
  Conv3DBackpropFilterV2: told('filterShape'),
  MaxPool: pool,
  AvgPool: pool,
  MaxPoolGrad: like('input'),
  AvgPoolGrad: like('input'),
  MaxPool3D: pool3,
  AvgPool3D: pool3,
  MaxPool3DGrad: like('input'),
  AvgPool3DGrad: like('input'),
  ResizeNearestNeighbor: resized(),
  ResizeBilinear: resized('float32'),
  CropAndResize: (inputs, attrs) =>
    float([need(inputs, 'boxes').shape[0] ?? 0, ...pair(attrs.cropSize), need(inputs, 'image').shape[3] ?? 1]),
  ResizeNearestNeighborGrad: like('images'),
  ResizeBilinearGrad: like('images'),
};
