/** Matrix products, and the activations that TensorFlow.js fuses to products and convolutions. */
import { numberOf } from '../attributes.ts';
import type { Operation, Ref } from '../recording.ts';
import { type Lower, type Lowering, sizeOf } from './lowering.ts';

/** The value after a fused activation. `attrs` are the kernel's. */
export function activated(lowering: Lowering, name: string, operation: Operation): string {
  const { graph } = lowering;
  const { activation, leakyreluAlpha } = operation.attrs;
  switch (activation) {
    case undefined:
    case null:
    case 'linear':
      return name;
    case 'relu':
      return graph.apply('Relu', [name]);
    case 'relu6':
      return graph.apply('Clip', [name, graph.float(0), graph.float(6)]);
    case 'sigmoid':
      return graph.apply('Sigmoid', [name]);
    case 'tanh':
      return graph.apply('Tanh', [name]);
    case 'elu':
      return graph.apply('Elu', [name]);
    case 'leakyrelu':
      return graph.apply('LeakyRelu', [name], { alpha: { float: numberOf(leakyreluAlpha, 0.2) } });
    default:
      return lowering.refuse(operation, `with the activation ${String(activation)} has no compiled form`);
  }
}

const product: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const [a, b] = [lowering.input(operation, 'a'), lowering.input(operation, 'b')];
  const { bias } = operation.inputs;
  const transA = operation.attrs.transposeA === true ? 1 : 0;
  const transB = operation.attrs.transposeB === true ? 1 : 0;
  const [out] = operation.outputs;
  if (!out) throw new Error('a product without an output');
  const flat = sizeOf(a.shape.slice(0, -2)) === 1 && sizeOf(b.shape.slice(0, -2)) === 1;
  if (flat) {
    const inputs = [lowering.last(a, a.shape.slice(-2)), lowering.last(b, b.shape.slice(-2))];
    if (bias) inputs.push(lowering.last(bias));
    const name = activated(lowering, graph.apply('Gemm', inputs, { transA, transB }), operation);
    // Kept as the matrix that it is: the next product takes it as one.
    const shape = out.shape.slice(-2);
    const last = out.shape.length === 2 ? name : graph.apply('Reshape', [name, graph.list(out.shape)]);
    lowering.define(out, {
      name: last,
      type: 'float32',
      shape: out.shape.length === 2 ? shape : out.shape,
      order: 'last',
    });
    return;
  }
  const turned = (ref: Ref, turn: number): string => {
    const axes = ref.shape.map((_, axis) => axis);
    const perm = [...axes.slice(0, -2), ...axes.slice(-2).reverse()];
    return turn ? graph.apply('Transpose', [lowering.last(ref)], { perm }) : lowering.last(ref);
  };
  let name =
    lowering.portable || (transA === 0 && transB === 0)
      ? graph.apply('MatMul', [turned(a, transA), turned(b, transB)])
      : graph.apply('FusedMatMul', [lowering.last(a), lowering.last(b)], { transA, transB }, 'com.microsoft');
  if (bias) name = graph.apply('Add', [name, lowering.last(bias)]);
  lowering.made(operation, activated(lowering, name, operation));
};

const einsum: Lower = (operation, lowering) => {
  const names = Object.values(operation.inputs).map((ref) => lowering.floating(lowering.last(ref), ref.dtype));
  const equation = String(operation.attrs.equation).replaceAll(' ', '');
  lowering.made(operation, lowering.graph.apply('Einsum', names, { equation }));
};

/** The lowerings of these kernels, by the kernel's name. */
export const MATMUL: Record<string, Lower> = { BatchMatMul: product, _FusedMatMul: product, Einsum: einsum };
