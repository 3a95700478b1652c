/**
 * Finds a graphics card through Dawn, the WebGPU of the npm package `webgpu`. Adapters that only imitate a card on the
 * processor are refused: every engine for the processor is faster than they are.
 */
import { createRequire } from 'node:module';

/** Environment variable that lets a software adapter pass, so that this path can be tested without a card. For tests only. */
export const SOFTWARE_VARIABLE = 'TRIALROOM_SOFTWARE_GPU';

/** A graphics card that may be used. */
export interface FoundAdapter {
  /** The entry that it was found through; the process needs it for as long as the card is used. */
  gpu: GPU;
  adapter: GPUAdapter;
  /** e.g. `NVIDIA Geforce RTX 4090` */
  name: string;
}

const require = createRequire(import.meta.url);

/** Looks for a card and returns it, or the reason in words why there is none. */
export async function findAdapter(): Promise<FoundAdapter | string> {
  try {
    // Not `webgpu/package.json`, which the package keeps to itself.
    require.resolve('webgpu');
  } catch {
    return 'the package webgpu is not installed';
  }
  if (process.platform === 'linux' && !hasLibrary('libvulkan.so.1')) {
    return 'no graphics card can be used: there is no libvulkan.so.1, which comes with its driver';
  }
  const { create, globals } = await import('webgpu');
  for (const [name, value] of Object.entries(globals)) {
    if (!(name in globalThis)) {
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true, enumerable: false });
    }
  }
  const gpu = create([]);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) return 'no graphics card was found';
  const name = nameOf(adapter.info);
  if (isSoftware(adapter.info) && process.env[SOFTWARE_VARIABLE] !== '1') {
    return `no graphics card was found, only ${name}, which imitates one on the processor and is slower than the engines made for it`;
  }
  return { gpu, adapter, name };
}

type Info = Pick<GPUAdapterInfo, 'vendor' | 'architecture' | 'device' | 'description' | 'isFallbackAdapter'>;

/** True for an adapter that computes on the processor. */
export function isSoftware({ vendor, architecture, device, description, isFallbackAdapter }: Info): boolean {
  if (isFallbackAdapter) return true;
  return /swiftshader|llvmpipe|lavapipe|softpipe|basic.render/i.test(
    [vendor, architecture, device, description].join(' '),
  );
}

/** How names are written that an adapter gives in small letters. */
const WRITTEN: Record<string, string> = { nvidia: 'NVIDIA', geforce: 'GeForce', swiftshader: 'SwiftShader' };

/** The card's name for people: an adapter gives its own as `nvidia-geforce-rtx-4090`. */
export function nameOf({ vendor, architecture, device }: Info): string {
  const words = (device || `${vendor} ${architecture}`).split(/[-\s]+/).filter((word) => word !== '');
  return words.map((word) => WRITTEN[word] ?? capitals(word)).join(' ') || 'an unnamed card';
}

/** `rtx` and `m2` are written in capitals, `radeon` with one. */
const capitals = (word: string): string =>
  word.length <= 3 || /\d/.test(word) ? word.toUpperCase() : word.slice(0, 1).toUpperCase() + word.slice(1);

/** Whether the system has this shared library. Dawn looks for it too, but complains on stderr when there is none. */
function hasLibrary(name: string): boolean {
  try {
    process.dlopen({ exports: {} }, name);
    return true;
  } catch (error) {
    // One that is found is no module of Node's, which is an error of another kind.
    return error instanceof Error && /did not self-register/.test(error.message);
  }
}
