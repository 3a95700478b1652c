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
    const values = await tensor.data();
    const place = values.findIndex((value) => !Number.isFinite(value));
    // Numbers that are all finite can have a sum that is not.
    if (place >= 0) throw new BadInput(foundAt(data, values, place, tensor.shape));
  }
  good.add(tensor);
}

function foundAt(data: string, values: ArrayLike<number>, place: number, shape: readonly number[]): string {
  let count = 0;
  for (let index = place; index < values.length; index++) if (!Number.isFinite(values[index])) count++;
  const others = count > 1 ? `, the first of ${count.toLocaleString('en-US')} such numbers` : '';
  return `${data} holds ${values[place]} at ${indexOf(place, shape)}${others}: every figure would become NaN. Leave such examples out, or fill in a number`;
}
