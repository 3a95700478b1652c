/**
 * Gradients of dilated convolutions. Where a backend's own kernels know of dilation, they are told of it; elsewhere the
 * filter is written out with zeros in its holes, which is the same convolution without dilation.
 */
import type { NamedTensorMap, Tensor, Tensor4D } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow.ts';
import type { Gradient } from './register.ts';

/** Which kernels compute a convolution's gradients, and how many axes of space it has. */
interface Kernels {
  kernel: string;
  ofInput: string;
  ofFilter: string;
  space: number;
}

const KERNELS: Kernels[] = [
  { kernel: 'Conv2D', ofInput: 'Conv2DBackpropInput', ofFilter: 'Conv2DBackpropFilter', space: 2 },
  { kernel: 'Conv3D', ofInput: 'Conv3DBackpropInputV2', ofFilter: 'Conv3DBackpropFilterV2', space: 3 },
  {
    kernel: 'DepthwiseConv2dNative',
    ofInput: 'DepthwiseConv2dNativeBackpropInput',
    ofFilter: 'DepthwiseConv2dNativeBackpropFilter',
    space: 2,
  },
];

/** @param dilating names of backends whose kernels take `dilations` */
export const convolutionGradients = (tf: TensorFlow, dilating: (kernel: string) => boolean): Gradient[] =>
  KERNELS.map(({ kernel, ofInput, ofFilter, space }) => ({
    kernel,
    inputs: ['x', 'filter'],
    of: (dy, [x, filter], attrs) => {
      if (!x || !filter) throw new Error(`${kernel} did not keep its inputs`);
      const dilations = spread(attrs.dilations, space);
      const plain = dilations.every((dilation) => dilation === 1);
      const whole = plain || dilating(kernel);
      const rest = { ...attrs, dilations: whole ? dilations : dilations.map(() => 1) };
      return {
        x: () =>
          run(
            tf,
            ofInput,
            { dy, filter: whole ? filter : opened(filter, dilations) },
            { ...rest, inputShape: x.shape },
          ),
        filter: () => {
          const filterShape = whole ? filter.shape : openedShape(filter.shape, dilations);
          const gradient = run(tf, ofFilter, { x, dy }, { ...rest, filterShape });
          return whole ? gradient : closed(tf, gradient, filter.shape, dilations);
        },
      };
    },
  }));

const run = (tf: TensorFlow, kernel: string, inputs: NamedTensorMap, attrs: object): Tensor =>
  tf.engine().runKernel(kernel, inputs, Object(attrs));

/** One number for each axis of space. */
function spread(value: unknown, space: number): number[] {
  if (Array.isArray(value)) return value.map(Number);
  return Array.from({ length: space }, () => (typeof value === 'number' ? value : 1));
}

/** Shape of a filter with its holes written out. */
const openedShape = (shape: readonly number[], dilations: readonly number[]): number[] =>
  shape.map((length, axis) => (length - 1) * (dilations[axis] ?? 1) + 1);

/** The filter with zeros in its holes, one axis after the other. */
function opened(filter: Tensor, dilations: readonly number[]): Tensor {
  return dilations.reduce((found, dilation, axis) => {
    if (dilation === 1) return found;
    const [before, length, after] = around(found.shape, axis);
    const holes = found.reshape([before * length, 1, after]).pad([
      [0, 0],
      [0, dilation - 1],
      [0, 0],
    ]);
    const long = holes.reshape([before, length * dilation, after]);
    const shape = found.shape.with(axis, (length - 1) * dilation + 1);
    return long.slice([0, 0, 0], [before, shape[axis] ?? 1, after]).reshape(shape);
  }, filter);
}

/** What of an opened filter's gradient belongs to the filter. */
function closed(tf: TensorFlow, gradient: Tensor, shape: readonly number[], dilations: readonly number[]): Tensor {
  return dilations.reduce((found, dilation, axis) => {
    if (dilation === 1) return found;
    const [before, , after] = around(found.shape, axis);
    const length = shape[axis] ?? 1;
    const long = tf.pad(found.reshape([before, -1, after]), [
      [0, 0],
      [0, dilation - 1],
      [0, 0],
    ]);
    const firsts = long.reshape([before * length, dilation, after]).slice([0, 0, 0], [before * length, 1, after]);
    return firsts.reshape(found.shape.with(axis, length));
  }, gradient);
}

/** Elements before, along and behind an axis. */
function around(shape: readonly number[], axis: number): [number, number, number] {
  const size = (part: readonly number[]): number => part.reduce((product, length) => product * length, 1);
  return [size(shape.slice(0, axis)), shape[axis] ?? 1, size(shape.slice(axis + 1))];
}

/** Gradient of a transposed convolution of volumes, which is itself the gradient of a convolution by its input. */
export const transposedGradient = (tf: TensorFlow): Gradient => ({
  kernel: 'Conv3DBackpropInputV2',
  inputs: ['dy', 'filter'],
  of: (ddx, [dy, filter], attrs) => {
    if (!dy || !filter) throw new Error('the transposed convolution did not keep its inputs');
    const shared = { strides: attrs.strides, pad: attrs.pad, dilations: attrs.dilations ?? 1, dataFormat: 'NDHWC' };
    return {
      dy: () => run(tf, 'Conv3D', { x: ddx, filter }, shared),
      filter: () => run(tf, 'Conv3DBackpropFilterV2', { x: ddx, dy }, { ...shared, filterShape: filter.shape }),
    };
  },
});

type Fused = Parameters<TensorFlow['fused']['conv2d']>[0] & { x: Tensor4D };
type Act = (tf: TensorFlow, x: Tensor4D) => Tensor4D;
const ACTIVATIONS: Readonly<Record<string, Act>> = {
  linear: (_, x) => x,
  relu: (tf, x) => tf.relu(x),
  relu6: (tf, x) => tf.relu6(x),
  elu: (tf, x) => tf.elu(x),
  sigmoid: (tf, x) => tf.sigmoid(x),
};

/**
 * The fused convolution has a gradient of its own making, which refuses dilation before anyone else is asked. Where a
 * gradient is wanted of a dilated one, its parts are computed one after the other.
 */
export function unfuseDilated(tf: TensorFlow): void {
  const engine: { state: { gradientDepth: number } } = Object(tf.engine());
  const { fused } = tf;
  for (const name of ['conv2d', 'depthwiseConv2d'] as const) {
    const original: (options: Fused) => Tensor4D = Object(fused[name]);
    const unfused = (options: Fused): Tensor4D => {
      const { x, filter, strides, pad, dataFormat, dilations, dimRoundingMode, bias, activation } = options;
      const plain = spread(dilations, 2).every((dilation) => dilation === 1);
      const act = ACTIVATIONS[activation ?? 'linear'];
      if (plain || !act || engine.state.gradientDepth === 0) return original(options);
      const result = tf[name](x, filter, strides, pad, dataFormat, dilations, dimRoundingMode);
      return act(tf, bias === undefined ? result : result.add(bias));
    };
    Reflect.set(fused, name, unfused);
  }
}
