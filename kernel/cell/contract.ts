/**
 * What compiled cells and the thread that runs them agree on. Apart from the compiler, which that thread never loads.
 */

/** Global name under which rewritten code finds the kernel: see `CellRuntime` in `kernel/process/runtime.ts`. */
export const RUNTIME = '__trialroom';

/** How the names of cell scripts begin in V8's stack traces. */
export const CELL_URL = 'trialroom-cell:';

/**
 * Name of the function that a loop of a cell's top level runs in, as V8's stack traces say it. It ends with
 * what cannot be seen, so that no function of a cell's is called so by chance.
 */
export const LOOP_FUNCTION = 'loop\u200d\u200d';
