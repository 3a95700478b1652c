/**
 * Closes the gaps of TensorFlow.js's gradients, on whatever backend runs: those that are missing (Einstein sums, dilated
 * convolutions, Fourier transforms, look-ups), those that are wrong, and the walk backward itself.
 */
import type { TensorFlow } from '../tensorflow.ts';
import { arrangeGradients } from './arrange.ts';
import { mendBackpropagation } from './backpropagate.ts';
import { convolutionGradients, transposedGradient, unfuseDilated } from './convolution.ts';
import { einsumGradient } from './einsum.ts';
import { mendKernels, plainMemory } from './kernels.ts';
import { registerAll } from './register.ts';
import { clipGradient, registerGreatest } from './select.ts';
import { spectralGradients } from './spectral.ts';
import { STATISTICS } from './statistics.ts';

/** Name of the backend that only writes kernels down. */
const RECORDING = 'trialroom-recording';

const mended = new WeakSet<TensorFlow>();

/** Puts the gradients in. Repeated calls do nothing. */
export function mendGradients(tf: TensorFlow): void {
  if (mended.has(tf)) return;
  mended.add(tf);
  const engine = tf.engine();
  mendBackpropagation(tf, new Set([RECORDING]));
  // The recording keeps the dilation for its lowering; our WebAssembly kernels of images know it too.
  const dilating = (kernel: string): boolean =>
    engine.backendName === RECORDING || (engine.backendName === 'wasm' && kernel !== 'Conv3D');
  registerAll(tf, [
    einsumGradient(tf),
    ...convolutionGradients(tf, dilating),
    transposedGradient(tf),
    clipGradient(tf),
    ...arrangeGradients(tf),
    ...spectralGradients(tf),
    ...STATISTICS,
  ]);
  registerGreatest(tf);
  unfuseDilated(tf);
  mendKernels(tf, plainMemory(tf));
}
