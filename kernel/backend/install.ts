/**
 * Joins the tensor engine to a kernel: a cell that imports TensorFlow.js gets it with the engine already chosen, and
 * a probe is answered without running a cell. Loads nothing by itself.
 */
import type { KernelHost } from '../process/host.ts';
import { registerImportHook } from '../process/imports.ts';
import { reportBackend } from './choose.ts';

/** Call once, on the kernel's main thread, before any cell runs. */
export function installBackend(host: KernelHost): void {
  host.onProbe(reportBackend);
  registerImportHook(async (specifier) => {
    // All copies of TensorFlow.js in a process share one engine, so preparing ours prepares whichever was imported.
    if (/^@tensorflow\/tfjs(-core|-layers)?$/.test(specifier)) await reportBackend();
  });
}
