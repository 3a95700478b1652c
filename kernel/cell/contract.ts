/**
 * What compiled cells and the thread that runs them agree on. Apart from the compiler, which that thread never loads.
 */

/** Global name under which rewritten code finds the kernel: see `CellRuntime` in `kernel/process/evaluate/runtime.ts`. */
export const RUNTIME = '__trialroom';

/**
 * What a script says before each statement of its top level but the first: which one follows. It tells the place of an
 * error that knows none, as what is thrown without being an error, or comes from Node alone.
 */
export const stepCode = (step: number): string => `${RUNTIME}.step[0]=${step};`;

/** How the names of cell scripts begin in V8's stack traces. */
export const CELL_URL = 'trialroom-cell:';

/**
 * Name of the function that a loop of a cell's top level runs in, as V8's stack traces say it. It ends with
 * what cannot be seen, so that no function of a cell's is called so by chance.
 */
export const LOOP_FUNCTION = 'loop\u200d\u200d';

/** Invisible, allowed in names: what a reader sees of a renamed one is what was written. */
export const MARK = '\u200d';

/** A text of V8's in which names are as they were written. A mark that joins two pictures stays. */
export const unmarked = (text: string): string => text.replace(/\u200d\u200d|(?<=[\w$])\u200d/g, '');
