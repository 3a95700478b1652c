/** TensorFlow's own native library under TensorFlow.js: the packages `@tensorflow/tfjs-node` and `tfjs-node-gpu`. */
import { createRequire } from 'node:module';
import type { TensorFlow } from '../tensorflow.ts';

const require = createRequire(import.meta.url);

/** Makes the library the engine of `tf`; or says in words why it cannot be used here. @throws Error where it does not load */
export async function startNative(tf: TensorFlow, name: 'tfjs-node' | 'tfjs-node-gpu'): Promise<string | undefined> {
  const specifier = `@tensorflow/${name}`;
  try {
    require.resolve(`${specifier}/package.json`);
  } catch {
    return `the package ${specifier} is not installed`;
  }
  // The native package calls this function of Node's, which Node 23 removed.
  const util: Record<string, unknown> = require('node:util');
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  require(specifier);
  const backend: unknown = tf.findBackend('tensorflow');
  if (!backend || typeof backend !== 'object') return `${specifier} brings its own copy of @tensorflow/tfjs`;
  if (name === 'tfjs-node-gpu' && Reflect.get(backend, 'isUsingGpuDevice') !== true) {
    return `${specifier} loads, but finds no graphics card that it can use`;
  }
  return (await tf.setBackend('tensorflow')) ? undefined : `${specifier} loads, but does not start`;
}
