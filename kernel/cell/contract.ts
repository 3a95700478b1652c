/**
 * What compiled cells and the thread that runs them agree on. Apart from the compiler, which that thread never loads.
 */

/** Global name under which rewritten code finds the kernel: see `CellRuntime` in `kernel/process/runtime.ts`. */
export const RUNTIME = '__trialroom';

/** How the names of cell scripts begin in V8's stack traces. */
export const CELL_URL = 'trialroom-cell:';
