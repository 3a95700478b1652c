/** Data sets in the manner of TensorFlow.js, looked at batch by batch as they are trained on: nobody knows them before. */
import { BadInput } from './bad-input.ts';

/** What each batch of such a set is: tensors, lists of them, or objects of them by name. */
export interface Batch {
  xs: unknown;
  ys: unknown;
}

interface Iterator {
  next(): Promise<{ value: unknown; done: boolean }>;
}

/** What TensorFlow.js asks of a data set. */
export interface Batches {
  /** Number of batches, where it is known. */
  size?: unknown;
  iterator(): Promise<Iterator>;
}

/** Whether a value is such a data set. */
export const isBatches = (value: unknown): value is Batches =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, 'iterator') === 'function';

/**
 * The same set, of which each batch is looked at before it is given on.
 * @param look gives the batch that is to be used in its place; `number` counts the batches of a pass, from 0. When it
 *   throws, the message of a `BadInput` gets the number of the batch, and the batch is disposed of.
 */
export function checkedBatches(set: Batches, look: (batch: Batch, number: number) => Promise<Batch>): Batches {
  return {
    size: set.size,
    iterator: async () => {
      const iterator = await set.iterator();
      let number = 0;
      return {
        next: async () => {
          const given = await iterator.next();
          if (given.done && number === 0)
            throw new BadInput('the data set has no batches: there is nothing to train on');
          // What is no batch at all is for TensorFlow.js to complain of.
          if (given.done || !isBatch(given.value)) return given;
          try {
            return { value: await look(given.value, number++), done: false };
          } catch (error) {
            disposeAll(given.value);
            if (error instanceof BadInput) error.message += ` (batch ${number} of the data set)`;
            throw error;
          }
        },
      };
    },
  };
}

const isBatch = (value: unknown): value is Batch =>
  typeof value === 'object' && value !== null && 'xs' in value && 'ys' in value;

function disposeAll(value: unknown): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  if ('dispose' in value && typeof value.dispose === 'function') {
    if (!('isDisposed' in value && value.isDisposed)) value.dispose();
  } else for (const each of Object.values(value)) disposeAll(each);
}
