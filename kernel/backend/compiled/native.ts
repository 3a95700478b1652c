/**
 * Native sessions: a model file's bytes, made ready by ONNX Runtime and run on tensors in place. A run blocks until it
 * is done, as a step of `model.fit` must; its work is spread over threads of its own meanwhile.
 */
import { createRequire } from 'node:module';
import { type ElementType, encodeModel } from './onnx.ts';

/** The package has no types of its own; these are what it gives on. */
type OnnxRuntime = typeof import('onnxruntime-common');
/** A tensor of ONNX Runtime's. */
export type NativeTensor = InstanceType<OnnxRuntime['Tensor']>;

/** The runtime's own binding: the public interface would make every step wait for a turn of the event loop. */
interface Binding {
  InferenceSession: new () => {
    loadModel(buffer: ArrayBufferLike, offset: number, length: number, options: object): void;
    readonly inputNames: readonly string[];
    readonly outputNames: readonly string[];
    run(feeds: Readonly<Record<string, NativeTensor>>, fetches: Fetches, options: object): Record<string, NativeTensor>;
    dispose?(): void;
  };
}

const require = createRequire(import.meta.url);
let loaded: { runtime: OnnxRuntime; binding: Binding } | string | undefined;

/** Why there are no native sessions on this machine; undefined where there are. */
export function nativeFailure(): string | undefined {
  const found = load();
  return typeof found === 'string' ? found : undefined;
}

function load(): { runtime: OnnxRuntime; binding: Binding } | string {
  loaded ??= attempt();
  return loaded;
}

function attempt(): { runtime: OnnxRuntime; binding: Binding } | string {
  try {
    require.resolve('onnxruntime-node/package.json');
  } catch {
    return 'onnxruntime-node is not installed';
  }
  try {
    const runtime: OnnxRuntime = require('onnxruntime-node');
    const { binding }: { binding: Binding } = require('onnxruntime-node/dist/binding.js');
    return { runtime, binding };
  } catch (error) {
    return `onnxruntime-node does not load: ${error instanceof Error ? error.message.split('\n', 1)[0] : String(error)}`;
  }
}

function loadedOrThrow(): { runtime: OnnxRuntime; binding: Binding } {
  const found = load();
  if (typeof found === 'string') throw new Error(found);
  return found;
}

/** Numbers where they lie: a run reads and writes them in place. */
export function nativeTensor(
  type: Exclude<ElementType, 'int64'>,
  data: Float32Array | Int32Array | Uint8Array,
  shape: readonly number[],
): NativeTensor {
  const { Tensor } = loadedOrThrow().runtime;
  if (type === 'float32' && data instanceof Float32Array) return new Tensor('float32', data, shape);
  if (type === 'int32' && data instanceof Int32Array) return new Tensor('int32', data, shape);
  if (type === 'bool' && data instanceof Uint8Array) return new Tensor('bool', data, shape);
  throw new TypeError(`a ${type} tensor cannot hold a ${data.constructor.name}`);
}

/**
 * An output that may be asked for beside others, by `null`, and keeps them from being copied. The binding writes outputs
 * where it is told to, and then copies each into memory of its own to hand it over: gradients of a million weights are four
 * megabytes a step, for V8 to clear away. It hands outputs over in their order and gives up at the first that it cannot,
 * such as a sequence. A model's first output is therefore one, of this name; when its turn comes all others are in place.
 */
export const FINISHED = 'finished';
/** What the binding says of a sequence. */
const CANNOT_HAND_OVER = 'Non tensor type';

/** Where outputs are to be written. */
export type Fetches = Readonly<Record<string, NativeTensor | null>>;

/** A model ready to run. */
export interface NativeSession {
  /** Inputs that the model reads; feeding others is an error. */
  readonly inputs: readonly string[];
  run(feeds: Readonly<Record<string, NativeTensor>>, fetches: Fetches): void;
  /** Gives its memory and threads back at once, not when it is collected. */
  dispose(): void;
}

/**
 * Makes a model ready.
 * @throws Error with the runtime's words when it refuses the model, or is not there
 */
export function nativeSession(model: Uint8Array, threads: number): NativeSession {
  const { binding } = loadedOrThrow();
  const session = new binding.InferenceSession();
  session.loadModel(model.buffer, model.byteOffset, model.byteLength, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // Ours are done already, and take a fraction of the time.
    graphOptimizationLevel: 'disabled',
    logSeverityLevel: 3,
  });
  return {
    inputs: session.inputNames,
    run: (feeds, fetches) => {
      try {
        session.run(feeds, fetches, {});
      } catch (error) {
        const inPlace = FINISHED in fetches && error instanceof Error && error.message.startsWith(CANNOT_HAND_OVER);
        if (!inPlace) throw error;
      }
    },
    dispose: () => session.dispose?.(),
  };
}

let block: number | undefined | false = false;

/**
 * How many channels the native convolutions take at a time, which depends on the processor; undefined where they are not
 * there. Two pixels of sixteen channels are put in blocks, to see where the ninth channel ends up.
 */
export function channelBlock(): number | undefined {
  if (block === false) block = findBlock();
  return block;
}

function findBlock(): number | undefined {
  if (nativeFailure() !== undefined) return undefined;
  const dims = [1, 16, 1, 2];
  const reorder = { inputs: ['x'], outputs: ['y'], attributes: {}, domain: 'com.microsoft.nchwc' };
  const values = ['x', 'y'].map((name) => ({ name, type: 'float32' as const, dims }));
  const [input, output] = [new Float32Array(32), new Float32Array(32)];
  input[16] = 1;
  try {
    const model = {
      nodes: [{ type: 'ReorderInput', ...reorder }],
      constants: [],
      inputs: values.slice(0, 1),
      outputs: values.slice(1),
    };
    const session = nativeSession(encodeModel(model), 1);
    session.run({ x: nativeTensor('float32', input, dims) }, { y: nativeTensor('float32', output, dims) });
    session.dispose();
  } catch {
    return undefined;
  }
  const at = output.indexOf(1);
  return at === 8 || at === 16 ? 24 - at : undefined;
}
