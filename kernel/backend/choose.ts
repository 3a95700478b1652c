/**
 * Which tensor engine runs. The best one that loads is taken: TensorFlow's native library on a GPU, compiled training
 * steps on the CPU, TensorFlow's library on the CPU, WebAssembly with our training kernels, plain JavaScript. Each one passed over is listed with the reason, word
 * for word, because "why is this slow?" is the first question asked of a machine that has a GPU.
 * An engine that is asked for by name and does not load is an error, never silently another engine.
 */
import { createRequire } from 'node:module';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { BackendReport } from '@trialroom/shared/kernel/protocol';
import { host } from '../process/host.ts';
import { compileFit } from './compiled/fit.ts';
import { Heap } from './compiled/heap.ts';
import { nativeFailure } from './compiled/native.ts';
import { undoInterrupted } from './compiled/undo.ts';
import { mendGradients } from './gradients/mend.ts';
import { recover } from './recover.ts';
import { loadTensorFlow, type TensorFlow } from './tensorflow.ts';
import { watchTraining } from './training.ts';
import { addTrainingKernels } from './wasm/patch.ts';

/** Environment variable that names the engine to use: one of {@link BACKENDS}. */
export const BACKEND_VARIABLE = 'TRIALROOM_BACKEND';

/** The engines, best first. */
export const BACKENDS = ['tfjs-node-gpu', 'compiled', 'tfjs-node', 'wasm', 'cpu'] as const;
type Name = (typeof BACKENDS)[number];

const LABELS: Record<Name, string> = {
  'tfjs-node-gpu': 'GPU · tfjs-node',
  compiled: 'CPU · compiled',
  'tfjs-node': 'CPU · tfjs-node',
  wasm: 'CPU · wasm',
  cpu: 'CPU · JavaScript',
};

const ABOUT: Record<Name, string> = {
  'tfjs-node-gpu': 'TensorFlow on the GPU',
  compiled: 'training steps compiled to native kernels, WebAssembly for the rest',
  'tfjs-node': "TensorFlow's native library",
  wasm: 'WebAssembly SIMD with training kernels',
  cpu: 'plain JavaScript, always there',
};

const require = createRequire(import.meta.url);
let prepared: Promise<BackendReport> | undefined;

/**
 * Sets the best engine on `tf` and says what was chosen and why. Repeated calls return the first report.
 * @throws Error when {@link BACKEND_VARIABLE} names an engine that does not exist or does not load
 */
export function prepareBackend(tf: TensorFlow): Promise<BackendReport> {
  prepared ??= choose(tf, process.env[BACKEND_VARIABLE]);
  return prepared;
}

/** Loads TensorFlow.js, prepares its engine, and returns the report. Throws as {@link prepareBackend} does. */
export const reportBackend = (): Promise<BackendReport> => prepareBackend(loadTensorFlow());

async function choose(tf: TensorFlow, wanted: string | undefined): Promise<BackendReport> {
  const asked = BACKENDS.find((name) => name === wanted);
  if (wanted && !asked) {
    throw new Error(`${BACKEND_VARIABLE} is "${wanted}"; it can be ${BACKENDS.join(', ')}, or unset for the best one`);
  }
  quieten(tf);
  mendGradients(tf);
  const endTraining = watchTraining(tf);
  host()?.onEnd((_, end) => {
    if (end !== 'aborted') return;
    endTraining();
    undoInterrupted();
    recover(tf);
  });
  const candidates: BackendReport['candidates'] = [];
  let chosen: Name | undefined;
  for (const name of BACKENDS) {
    if (chosen) {
      candidates.push({ name, chosen: false, reason: `slower than ${chosen}` });
    } else if (asked && asked !== name) {
      candidates.push({ name, chosen: false, reason: `${BACKEND_VARIABLE} asks for ${asked}` });
    } else {
      const failure = await start(tf, name);
      if (failure === undefined) chosen = name;
      candidates.push({ name, chosen: chosen === name, reason: failure ?? ABOUT[name] });
    }
  }
  if (!chosen) {
    const reason = candidates.find(({ name }) => name === asked)?.reason ?? candidates.map((c) => c.reason).join('; ');
    throw new Error(`${BACKEND_VARIABLE} asks for ${asked}, which does not run here: ${reason}`);
  }
  return { name: chosen, label: LABELS[chosen], candidates };
}

/** Starts one engine. Returns why it cannot run, or undefined when it is now the engine of `tf`. */
async function start(tf: TensorFlow, name: Name): Promise<string | undefined> {
  try {
    switch (name) {
      case 'tfjs-node-gpu':
      case 'tfjs-node':
        return await startNative(tf, name);
      case 'compiled':
      case 'wasm': {
        const missing = name === 'compiled' ? nativeFailure() : undefined;
        if (missing !== undefined) return missing;
        const backend = await startWasm(tf);
        if (typeof backend === 'string') return backend;
        return name === 'compiled' ? compileFit(tf, new Heap(backend)) : undefined;
      }
      case 'cpu':
        await tf.setBackend('cpu');
        return undefined;
    }
  } catch (error) {
    return firstLine(error);
  }
}

async function startNative(tf: TensorFlow, name: 'tfjs-node' | 'tfjs-node-gpu'): Promise<string | undefined> {
  const specifier = `@tensorflow/${name}`;
  try {
    require.resolve(`${specifier}/package.json`);
  } catch {
    return `${specifier} is not installed`;
  }
  // The native package calls this function of Node's, which Node 23 removed.
  const util: Record<string, unknown> = require('node:util');
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  require(specifier);
  const backend: unknown = tf.findBackend('tensorflow');
  if (!backend || typeof backend !== 'object') return `${specifier} brings its own copy of @tensorflow/tfjs`;
  if (name === 'tfjs-node-gpu' && Reflect.get(backend, 'isUsingGpuDevice') !== true) {
    return `${specifier} loads, but finds no GPU that it can use`;
  }
  return (await tf.setBackend('tensorflow')) ? undefined : `${specifier} loads, but does not start`;
}

/** The WebAssembly backend, set and with our kernels; or why there is none. */
async function startWasm(tf: TensorFlow): Promise<BackendWasm | string> {
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

/** TensorFlow.js greets each process that uses its JavaScript engine with an advertisement; a cell's output is not its place. */
function quieten(tf: TensorFlow): void {
  const cpu: unknown = tf.findBackend('cpu');
  if (cpu && typeof cpu === 'object') Reflect.set(cpu, 'firstUse', false);
}

const firstLine = (error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0] ?? message;
};
