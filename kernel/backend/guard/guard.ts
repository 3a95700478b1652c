/** All that stands between a notebook's mistakes and the engine: bad data, too little memory, tensors that are lost. */
import type { BackendName } from '@trialroom/shared/kernel/backends';
import { host } from '../../process/host.ts';
import type { TensorFlow } from '../tensorflow.ts';
import { lossText, watchLeaks } from './leaks.ts';
import { type Allocator, guardAllocator, setAvailable, WASM_LIMIT } from './memory.ts';
import { guardTraining } from './training.ts';
import { moveVariables } from './variables.ts';

/** Call once, when the engine is chosen and set. */
export function guard(tf: TensorFlow, engine: BackendName): void {
  moveVariables(tf);
  const used = (): number => tf.memory().numBytes;
  const wasm: unknown = Reflect.get(tf.backend(), 'wasm');
  if (isAllocator(wasm)) guardAllocator(wasm, used);
  setAvailable(() => {
    if (engine === 'wasm') return { bytes: WASM_LIMIT - used(), place: 'WebAssembly' };
    // What a graphics card has left, nobody says.
    if (engine === 'webgpu' || engine === 'tfjs-node-gpu') return { bytes: Number.POSITIVE_INFINITY, place: '' };
    return { bytes: process.availableMemory(), place: 'this machine' };
  });
  guardTraining(tf, (message) => console.warn(message));
  const kernel = host();
  if (!kernel) return;
  const leaks = watchLeaks(tf);
  kernel.onEnd((_, end) => {
    const loss = leaks.end();
    if (loss && end !== 'aborted') console.warn(lossText(loss));
  });
}

const isAllocator = (value: unknown): value is Allocator =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, '_malloc') === 'function';
