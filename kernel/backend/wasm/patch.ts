/**
 * Puts the training kernels into the WebAssembly backend: those that it lacks (convolution, depthwise and gather
 * gradients, einsum, complex numbers), those that it does slowly (transposed and batched products, pooling gradients) and
 * those that it has wrong (volumes).
 */
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { mendKernels } from '../gradients/kernels.ts';
import type { TensorFlow } from '../tensorflow.ts';
import { registerComplex } from './complex.ts';
import { registerConvolution } from './convolution.ts';
import { registerDepthwise } from './depthwise.ts';
import { registerFallbacks } from './fallback.ts';
import { registerGather } from './gather.ts';
import { Wasm } from './kernel.ts';
import { registerMatMul } from './matmul.ts';
import { registerPooling } from './pool.ts';
import { registerSegmentSum } from './segment.ts';

/** Call once, after the backend is set on `tf`. */
export function addTrainingKernels(tf: TensorFlow, backend: BackendWasm): void {
  const wasm = new Wasm(tf, backend);
  registerMatMul(wasm);
  registerConvolution(wasm);
  registerPooling(wasm);
  registerDepthwise(wasm);
  registerSegmentSum(wasm);
  registerFallbacks(wasm);
  registerComplex(wasm);
  registerGather(wasm);
  mendKernels(tf, {
    name: 'wasm',
    read: (info) => wasm.floats(info),
    make: (shape) => {
      const info = wasm.output(shape);
      return { info, values: wasm.floats(info) };
    },
  });
}
