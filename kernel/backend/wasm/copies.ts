/** Kernels of the JavaScript backend, run on copies of what the WebAssembly backend holds. */
import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs';
import type { Call, Wasm } from './kernel.ts';

/** A call whose kernel is known only by its name. */
export type AnyCall = Call<Record<string, TensorInfo>, Readonly<Record<string, unknown>>>;

/** The JavaScript backend. */
export type Plain = InstanceType<Wasm['tf']['MathBackendCPU']>;

/** The JavaScript backend of the same copy of the library; undefined when there is none. */
export function plainBackend({ tf }: Wasm): Plain | undefined {
  const cpu = tf.findBackend('cpu');
  return cpu instanceof tf.MathBackendCPU ? cpu : undefined;
}

/** Calls a kernel of one output as its backend would. */
export function run({ kernelName, kernelFunc }: KernelConfig, call: object, backend: object): TensorInfo {
  // The registry's types say nothing of a kernel's own inputs and attributes.
  const out = kernelFunc({ ...call, backend } as unknown as Parameters<KernelFunc>[0]);
  if (Array.isArray(out)) throw new Error(`${kernelName} gave ${out.length} outputs, one was expected`);
  return out;
}

/** Runs a kernel of the JavaScript backend on copies; what is complex lies there already. The result lies there too. */
export function runOnCopies(
  { backend }: Wasm,
  cpu: Plain,
  kernel: KernelConfig,
  { inputs, attrs }: AnyCall,
): TensorInfo {
  const copies: TensorInfo[] = [];
  const names = Object.keys(inputs);
  const moved = names.map((name) => {
    const x = inputs[name];
    if (!x || x.dtype === 'complex64') return x;
    const copy = cpu.makeTensorInfo(x.shape, x.dtype, backend.readSync(x.dataId));
    copies.push(copy);
    return copy;
  });
  const given = Array.isArray(inputs) ? moved : Object.fromEntries(names.map((name, at) => [name, moved[at]]));
  const out = run(kernel, { inputs: given, attrs }, cpu);
  for (const { dataId } of copies) cpu.disposeData(dataId);
  return out;
}

/** Moves a result of the JavaScript backend to the WebAssembly backend. */
export function takeBack({ backend }: Wasm, cpu: Plain, { dataId, shape, dtype }: TensorInfo): TensorInfo {
  const moved = backend.write(cpu.readSync(dataId), shape, dtype);
  cpu.disposeData(dataId);
  return { dataId: moved, shape, dtype };
}
