/**
 * What must not be ended half-way on the thread of cells: V8 ends code without a `finally`, and the list of all timers, or
 * what is to be sent next, would stay half changed for every cell after. A stop that comes meanwhile takes effect when it
 * is done.
 */

/** How many such pieces of work are under way, one within the other. */
let depth = 0;
let due: (() => void) | undefined;

/** A piece of work begins that must not be ended half-way. To be followed by {@link leave}, in a `finally`. */
export const enter = (): void => {
  depth++;
};

/** It is done. */
export const leave = (): void => {
  if (depth > 0) depth--;
  if (depth > 0 || due === undefined) return;
  const now = due;
  due = undefined;
  now();
};

/** Does a piece of work that must not be ended half-way. */
export function whole<T>(work: () => T): T {
  enter();
  try {
    return work();
  } finally {
    leave();
  }
}

/** Runs a cell's code from within such work: that may be ended. */
export function unprotected<T>(work: () => T): T {
  const before = depth;
  depth = 0;
  try {
    return work();
  } finally {
    depth = before;
  }
}

/** Has `work` called when what is under way is done. @returns false where nothing is */
export function whenWhole(work: () => void): boolean {
  if (depth === 0) return false;
  due = work;
  return true;
}

/** Undoes what code has left that was ended within it all the same. */
export function recoverWhole(): void {
  depth = 0;
  due = undefined;
}
