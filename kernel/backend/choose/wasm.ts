/** TensorFlow.js's WebAssembly engine with our training kernels. */
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorFlow } from '../tensorflow.ts';
import { addTrainingKernels } from '../wasm/patch.ts';

/** The WebAssembly engine, set and with our kernels; or why there is none. */
export async function startWasm(tf: TensorFlow): Promise<BackendWasm | string> {
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  const faults = process.listeners('uncaughtException');
  const rejections = process.listeners('unhandledRejection');
  if (!(await tf.setBackend('wasm'))) return 'WebAssembly does not start';
  // The compiled module's glue makes every unhandled rejection of a user's fatal to the process: take that back.
  for (const listener of process.listeners('uncaughtException')) {
    if (!faults.includes(listener)) process.removeListener('uncaughtException', listener);
  }
  for (const listener of process.listeners('unhandledRejection')) {
    if (!rejections.includes(listener)) process.removeListener('unhandledRejection', listener);
  }
  const backend = tf.backend();
  if (!(backend instanceof wasm.BackendWasm)) return '@tensorflow/tfjs-backend-wasm is of another copy of tfjs';
  addTrainingKernels(tf, backend);
  return backend;
}
