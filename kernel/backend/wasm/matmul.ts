/**
 * Matrix products. The stock backend has a fast path (XNNPACK) for one plain product only; the transposed products
 * that every dense gradient needs, and batches of products, fall to a loop that is 7–18 times slower. Here a
 * transposed operand is transposed first and a batch is cut into products, so that all take the fast path.
 */
import type {
  BatchMatMulAttrs,
  BatchMatMulInputs,
  TensorInfo,
  TransposeAttrs,
  TransposeInputs,
} from '@tensorflow/tfjs';
import { type Kernel, reshaped, type Wasm } from './kernel.ts';

type Inputs = Pick<BatchMatMulInputs, 'a' | 'b'>;

/** Below this many multiplications a product is too small for a path with set-up costs. */
const SMALL = 4096;

/** Puts these kernels in the place of the stock ones. */
export function registerMatMul(wasm: Wasm): void {
  const stock: Kernel<Inputs, BatchMatMulAttrs> = wasm.kernel('BatchMatMul');
  const transpose: Kernel<TransposeInputs, TransposeAttrs> = wasm.kernel('Transpose');

  const transposed = (x: TensorInfo): TensorInfo => {
    const perm = x.shape.map((_, axis) => axis);
    perm.push(...perm.splice(-2).reverse());
    return transpose({ inputs: { x }, attrs: { perm } });
  };

  wasm.register<Inputs, BatchMatMulAttrs>('BatchMatMul', ({ inputs, attrs }) => {
    const { a, b } = inputs;
    const { transposeA, transposeB } = attrs;
    const outerA = count(a.shape.slice(0, -2));
    const outerB = count(b.shape.slice(0, -2));
    const outer = wasm.tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const batch = count(outer);
    // The stock kernel takes the larger batch for the batch of the result, and so misreads [2, 1] against [1, 3].
    const stockIsRight = [1, batch].includes(outerA) && [1, batch].includes(outerB);
    const work = (count(a.shape) / Math.max(1, outerA)) * (b.shape.at(transposeB ? -2 : -1) ?? 0);
    const stockIsFast = work < SMALL || (batch === 1 && !transposeA && !transposeB);
    if (stockIsRight && stockIsFast) return stock({ inputs, attrs });
    const left = transposeA ? transposed(a) : a;
    const right = transposeB ? transposed(b) : b;
    const out =
      batch === 1
        ? stock({ inputs: { a: left, b: right }, attrs: { transposeA: false, transposeB: false } })
        : batched(wasm, stock, left, right, outer);
    if (transposeA) wasm.dispose(left);
    if (transposeB) wasm.dispose(right);
    return out;
  });
}

/** Products of a batch one by one; the batch axes broadcast against each other. */
function batched(
  wasm: Wasm,
  stock: Kernel<Inputs, BatchMatMulAttrs>,
  a: TensorInfo,
  b: TensorInfo,
  outer: readonly number[],
): TensorInfo {
  const [rows = 0, inner = 0] = a.shape.slice(-2);
  const columns = b.shape.at(-1) ?? 0;
  const out = wasm.output([...outer, rows, columns]);
  const leftAt = broadcastIndex(a.shape.slice(0, -2), outer);
  const rightAt = broadcastIndex(b.shape.slice(0, -2), outer);
  for (let i = 0; i < count(outer); i++) {
    const left = slice(wasm, a, leftAt(i), [rows, inner]);
    const right = slice(wasm, b, rightAt(i), [inner, columns]);
    const product = stock({ inputs: { a: left, b: right }, attrs: { transposeA: false, transposeB: false } });
    wasm.floats(out).set(wasm.floats(product), i * rows * columns);
    wasm.dispose(left, right, product);
  }
  return out;
}

/** Copies matrix number `index` of `x`. */
function slice(wasm: Wasm, x: TensorInfo, index: number, [rows, columns]: [number, number]): TensorInfo {
  const matrix = wasm.output([1, rows, columns]);
  const size = rows * columns;
  wasm.floats(matrix).set(wasm.floats(x).subarray(index * size, (index + 1) * size));
  return matrix;
}

/** Maps a flat index of shape `outer` to the flat index of `shape`, which broadcasts to it. */
function broadcastIndex(shape: readonly number[], outer: readonly number[]): (index: number) => number {
  const padded = [...Array<number>(outer.length - shape.length).fill(1), ...shape];
  return (index) => {
    let rest = index;
    let flat = 0;
    let stride = 1;
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      const size = outer[axis] ?? 1;
      const own = padded[axis] ?? 1;
      if (own > 1) flat += (rest % size) * stride;
      stride *= own;
      rest = Math.floor(rest / size);
    }
    return flat;
  };
}

/** Number of elements of a shape. */
export const count = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** The product of two matrices, by the registered kernel. */
export function product(wasm: Wasm, a: TensorInfo, b: TensorInfo): TensorInfo {
  const multiply: Kernel<Inputs, BatchMatMulAttrs> = wasm.kernel('BatchMatMul');
  return multiply({
    inputs: { a: reshaped(a, [1, ...a.shape]), b: reshaped(b, [1, ...b.shape]) },
    attrs: { transposeA: false, transposeB: false },
  });
}
