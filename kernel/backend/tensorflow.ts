/**
 * The one copy of TensorFlow.js in this process. Everything of ours that computes with tensors takes it from here,
 * so that notebooks and the library share kernels, variables and memory counts. It is loaded on first use
 * (about 0.3 s), never by an import: a notebook that trains nothing does not pay for it.
 * This file chooses no backend; `choose.ts` does.
 */
import { createRequire } from 'node:module';

/** The namespace of `@tensorflow/tfjs`. */
export type TensorFlow = typeof import('@tensorflow/tfjs');

const require = createRequire(import.meta.url);

/** Loads `@tensorflow/tfjs`, or returns the copy already loaded. Its backend may not be prepared yet. */
export const loadTensorFlow = (): TensorFlow => require('@tensorflow/tfjs');
