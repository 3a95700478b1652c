/** Whether all numbers of a tensor are finite. */
import type { Tensor } from '@tensorflow/tfjs';
import { BadInput, indexOf } from './bad-input.ts';

/** Tensors never change: what was found good stays good. */
const good = new WeakSet<Tensor>();

/**
 * Looks for NaN and infinity, once for each tensor. One sum finds nearly all: it is finite only when every number is.
 * @param data what people call the tensor
 * @throws BadInput that says which number it is, and where
 */
export async function checkFinite(data: string, tensor: Tensor): Promise<void> {
  if (tensor.dtype !== 'float32' || good.has(tensor)) return;
  const sum = tensor.sum();
  const [total = 0] = await sum.data();
  sum.dispose();
  if (!Number.isFinite(total)) {
    // Numbers that are all finite can have a sum that is not.
    checkFiniteNumbers(data, await tensor.data(), tensor.shape);
  }
  good.add(tensor);
}

/** The same of numbers in an array. @throws BadInput that says which number it is, and where */
export function checkFiniteNumbers(data: string, values: ArrayLike<number>, shape: readonly number[]): void {
  for (let place = 0; place < values.length; place++) {
    if (!Number.isFinite(values[place])) throw new BadInput(foundAt(data, values, place, shape));
  }
}

/**
 * Whether all examples have one and the same target: then there is nothing to learn. Nearly always the first two answer.
 * @param shape `[examples, …]`
 */
export function allTheSame(values: ArrayLike<number>, shape: readonly number[]): boolean {
  const [examples = 0] = shape;
  const width = values.length / examples;
  for (let place = width; place < values.length; place++) if (values[place] !== values[place % width]) return false;
  return examples > 1 && width > 0;
}

function foundAt(data: string, values: ArrayLike<number>, place: number, shape: readonly number[]): string {
  let count = 0;
  for (let index = place; index < values.length; index++) if (!Number.isFinite(values[index])) count++;
  const others = count > 1 ? `, the first of ${count.toLocaleString('en-US')} such numbers` : '';
  return `${data} holds ${values[place]} at ${indexOf(place, shape)}${others}: every figure would become NaN. Leave such examples out, or fill in a number`;
}
