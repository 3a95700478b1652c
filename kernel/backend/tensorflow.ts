/**
 * The one copy of TensorFlow.js in this process. Everything of ours that computes with tensors takes it from here,
 * so that notebooks and the library share kernels, variables and memory counts. It is loaded on first use
 * (about 0.3 s), never by an import: a notebook that trains nothing does not pay for it.
 * This file chooses no backend; `choose.ts` does.
 */
import { createRequire } from 'node:module';
import { inspect } from 'node:util';
import { describeTensor, nameTensor, type TensorLike } from '../display/tensor.ts';

/** The namespace of `@tensorflow/tfjs`. */
export type TensorFlow = typeof import('@tensorflow/tfjs');

const require = createRequire(import.meta.url);

/** Loads `@tensorflow/tfjs`, or returns the copy already loaded. Its backend may not be prepared yet. */
export function loadTensorFlow(): TensorFlow {
  const tf: TensorFlow = require('@tensorflow/tfjs');
  printReadably(tf);
  quieten(tf);
  return tf;
}

/** `console.log(tensor)` says what it is and what is in it, instead of how the library keeps it. */
function printReadably({ Tensor }: TensorFlow): void {
  if (inspect.custom in Tensor.prototype) return;
  Object.defineProperty(Tensor.prototype, inspect.custom, {
    configurable: true,
    writable: true,
    value(this: TensorLike, depth: number | null, options: { depth?: number | null }): string {
      return depth === options.depth ? describeTensor(this) : nameTensor(this);
    },
  });
}

/** TensorFlow.js greets each process that uses its JavaScript engine with an advertisement; a cell's output is not its place. */
function quieten(tf: TensorFlow): void {
  const cpu: unknown = tf.findBackend('cpu');
  if (typeof cpu !== 'object' || cpu === null) return;
  const prototype: unknown = Object.getPrototypeOf(cpu);
  if (typeof prototype !== 'object' || prototype === null || 'firstUse' in prototype) return;
  // The engine may make another one of it later: none is ever used for the first time.
  Object.defineProperty(prototype, 'firstUse', { get: () => false, set: () => {} });
  Reflect.deleteProperty(cpu, 'firstUse');
}
