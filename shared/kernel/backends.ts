/**
 * The tensor engines there are, by name: what a kernel chooses among, what a notebook or a command line may ask for, and
 * what a menu offers. Which of them runs on a machine only a kernel on it can tell.
 */

/** The engines, best first. */
export const BACKENDS = ['tfjs-node-gpu', 'webgpu', 'compiled', 'tfjs-node', 'wasm', 'cpu'] as const;
/** Name of a tensor engine. */
export type BackendName = (typeof BACKENDS)[number];

/** Short texts for a chip: where it computes · with what. */
export const BACKEND_LABELS: Record<BackendName, string> = {
  'tfjs-node-gpu': 'GPU · tfjs-node',
  webgpu: 'GPU · WebGPU',
  compiled: 'CPU · compiled',
  'tfjs-node': 'CPU · tfjs-node',
  wasm: 'CPU · wasm',
  cpu: 'CPU · JavaScript',
};

/** What each is, in a few words. */
export const BACKEND_ABOUT: Record<BackendName, string> = {
  'tfjs-node-gpu': 'TensorFlow’s native library on an NVIDIA card',
  webgpu: 'any graphics card, through WebGPU',
  compiled: 'training steps compiled to native kernels, WebAssembly for the rest',
  'tfjs-node': 'TensorFlow’s native library',
  wasm: 'WebAssembly with training kernels',
  cpu: 'plain JavaScript, always there',
};

/** Begins the reason why an engine was passed over because another one was asked for. */
export const NOT_ASKED_FOR = 'not asked for';

/** True for the name of an engine. */
export const isBackend = (name: string): name is BackendName => BACKENDS.some((known) => known === name);

/**
 * What a notebook asks for with `{ "trialroom": { "backend": "…" } }` in its metadata; undefined where it leaves the choice
 * to the machine. Anyone may have written anything there: the name may be of no engine, and a kernel then says so.
 */
export function wantedBackend(metadata: Readonly<Record<string, unknown>>): string | undefined {
  const { trialroom: ours } = metadata;
  if (typeof ours !== 'object' || ours === null) return undefined;
  const wanted: unknown = Reflect.get(ours, 'backend');
  if (wanted === undefined || wanted === null || wanted === '') return undefined;
  return typeof wanted === 'string' ? wanted : JSON.stringify(wanted);
}
