/**
 * TensorFlow.js's WebGPU engine on a graphics card under Node. Beside what the engine does in a browser, tensors can be
 * read at once (`dataSync`), what the card refuses becomes an error where a value is read instead of a wrong value, and
 * an interrupt leaves the engine usable.
 */
import { createRequire } from 'node:module';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { TensorFlow } from '../tensorflow.ts';
import { type FoundAdapter, findAdapter } from './adapter.ts';
import { Faults } from './faults.ts';
import { Turns } from './turns.ts';

/** A WebGPU engine that is registered. */
export interface WebGpuEngine {
  /** The card's name. */
  card: string;
  /** Most bytes of one tensor. */
  largestTensor: number;
  /** To be called after an interrupt, when no tensor code is running. */
  recover(): void;
}

/** What tfjs's shaders want more of than WebGPU promises everywhere; as much as the card has is asked for. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const;

const NAME = '@tensorflow/tfjs-backend-webgpu';
const require = createRequire(import.meta.url);

/** Registers the engine as tfjs's `webgpu` and makes it the one in use; or says in words why it cannot be used here. */
export async function startWebGpu(tf: TensorFlow): Promise<WebGpuEngine | string> {
  try {
    require.resolve(NAME);
  } catch {
    return `the package ${NAME} is not installed`;
  }
  const found = await findAdapter();
  if (typeof found === 'string') return found;
  const turns = new Turns();
  turns.adopt(globalThis);
  const device = await requestDevice(found.adapter);
  const faults = new Faults(device, found.name);
  const before = Object.getOwnPropertyDescriptor(globalThis.navigator, 'gpu');
  Object.defineProperty(globalThis.navigator, 'gpu', { value: found.gpu, configurable: true });
  const leave = (): void => {
    if (before) Object.defineProperty(globalThis.navigator, 'gpu', before);
    else Reflect.deleteProperty(globalThis.navigator, 'gpu');
    faults.leave();
    device.destroy();
  };
  const { WebGPUBackend: Backend }: typeof import('@tensorflow/tfjs-backend-webgpu') = require(NAME);
  const backend = new Backend(device, found.adapter.info);
  readAtOnce(tf, backend, turns, faults);
  // Loaded with a card in sight, the package has registered an engine of its own making.
  tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', () => backend);
  if (!(await tf.setBackend('webgpu'))) {
    leave();
    return `${NAME} is of another copy of tfjs`;
  }
  return {
    card: found.name,
    largestTensor: device.limits.maxStorageBufferBindingSize,
    recover: () => {
      turns.recover();
      submit(backend);
    },
  };
}

function requestDevice(adapter: FoundAdapter['adapter']): Promise<GPUDevice> {
  const requiredLimits = Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]]));
  return adapter.requestDevice({ requiredLimits });
}

/** Sends off what was recorded and not sent yet. */
function submit(backend: WebGPUBackend): void {
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue();
}

/** In a browser `dataSync` reads through a canvas, which Node does not have; here the process waits for the card. */
function readAtOnce(tf: TensorFlow, backend: WebGPUBackend, turns: Turns, faults: Faults): void {
  const readElsewhere = backend.readSync.bind(backend);
  backend.readSync = (id) => {
    const { values, dtype, resource } = backend.tensorMap.get(id);
    // On this side already; or made of two, each of which is read by this.
    if (values || dtype === 'string' || dtype === 'complex64' || !(resource instanceof GPUBuffer)) {
      return readElsewhere(id);
    }
    submit(backend);
    const bytes = copyOut(backend.device, resource, turns, faults);
    return tf.util.convertBackendValuesAndArrayBuffer(bytes, dtype);
  };
  const read = backend.read.bind(backend);
  backend.read = async (id) => {
    try {
      const values = await read(id);
      faults.check();
      return values;
    } catch (error) {
      faults.check();
      throw error;
    }
  };
}

/** The bytes of a buffer on the card. */
function copyOut(device: GPUDevice, buffer: GPUBuffer, turns: Turns, faults: Faults): ArrayBuffer {
  const { size } = buffer;
  const staging = device.createBuffer({ size, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
  try {
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, size);
    device.queue.submit([encoder.finish()]);
    let failure: unknown;
    staging.mapAsync(GPUMapMode.READ).catch((error: unknown) => {
      failure = error;
    });
    turns.wait(() => staging.mapState !== 'pending');
    faults.check();
    if (staging.mapState !== 'mapped') throw failure ?? new Error('the graphics card gave no answer');
    return staging.getMappedRange().slice(0);
  } finally {
    staging.destroy();
  }
}
