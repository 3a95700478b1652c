/**
 * Sums of many values. The gradient of a weight that a recurrent layer uses in each of its steps is a sum of as many
 * products aᵀ·b: one product of all the a, one below the other, and all the b. The same holds for sums of rows.
 */

import type { Operation, Ref } from '../recording.ts';
import { reducedAxes } from '../shapes/outline.ts';
import { aligned } from './elementwise.ts';
import { type Lower, type Lowering, sizeOf } from './lowering.ts';

/** From how many on joining pays. */
const MANY = 4;

const sum: Lower = (operation, lowering) => {
  const refs = Object.values(operation.inputs);
  const [out] = operation.outputs;
  if (!out) throw new Error('a sum without an output');
  const joined = refs.length < MANY ? undefined : (ofProducts(lowering, refs) ?? ofRows(lowering, refs));
  if (joined !== undefined) {
    lowering.made(operation, lowering.graph.apply('Reshape', [joined, lowering.graph.list(out.shape)]));
    return;
  }
  const { names, order } = aligned(lowering, refs, out);
  // One by one: all threads share an addition, and one alone does `Sum`.
  const [first = '', ...rest] = names;
  const total = rest.reduce((added, name) => lowering.graph.apply('Add', [added, name]), first);
  lowering.made(operation, total, order);
};

/** The operations of one kernel that made all of the values; undefined when others did. */
function makers(lowering: Lowering, refs: readonly Ref[], kernel: string): Operation[] | undefined {
  const found = refs.flatMap((ref) => lowering.maker(ref) ?? []);
  return found.length === refs.length && found.every((each) => each.kernel === kernel) ? found : undefined;
}

/** The values, one below the other. */
const stacked = (lowering: Lowering, refs: readonly Ref[], width: number): string =>
  lowering.graph.apply(
    'Concat',
    refs.map((ref) => lowering.last(ref, [sizeOf(ref.shape) / width, width])),
    { axis: 0 },
  );

function ofProducts(lowering: Lowering, refs: readonly Ref[]): string | undefined {
  const products = makers(lowering, refs, 'BatchMatMul');
  const fit = products?.every(({ attrs, inputs: { a, b } }) => {
    const flat = [a, b].every((ref) => ref && sizeOf(ref.shape.slice(0, -2)) === 1);
    return flat && attrs.transposeA === true && attrs.transposeB !== true;
  });
  if (!products || !fit) return undefined;
  const [left, right] = ['a', 'b'].map((name) => products.map((product) => lowering.input(product, name)));
  const widths = [left, right].map((side) => side?.[0]?.shape.at(-1) ?? 1);
  const [a = '', b = ''] = [left ?? [], right ?? []].map((side, at) => stacked(lowering, side, widths[at] ?? 1));
  return lowering.graph.apply('Gemm', [a, b], { transA: 1, transB: 0 });
}

function ofRows(lowering: Lowering, refs: readonly Ref[]): string | undefined {
  const sums = makers(lowering, refs, 'Sum');
  const fit = sums?.every(({ attrs, inputs: { x } }) => {
    return x?.shape.length === 2 && x.dtype === 'float32' && reducedAxes(attrs, 2).join() === '0';
  });
  if (!sums || !fit) return undefined;
  const rows = sums.map((each) => lowering.input(each, 'x'));
  const all = stacked(lowering, rows, rows[0]?.shape[1] ?? 1);
  return lowering.graph.apply('ReduceSum', [all, lowering.graph.list([0])], { keepdims: 0 });
}

/** The lowerings of these kernels, by the kernel's name. */
export const SUMS: Record<string, Lower> = { AddN: sum };
