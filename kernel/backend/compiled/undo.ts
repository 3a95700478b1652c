/**
 * Changes that last only as long as some work does. An interrupt ends JavaScript anywhere and runs no `finally`, so what
 * such work has put in place of something else is also remembered here, for whoever puts the engine in order again.
 */
import { asCell } from '../../process/guard/intrinsics.ts';

const pending: (() => void)[] = [];

/**
 * Runs `work`, and `undo` after it however it ends; an interrupt leaves that to {@link undoInterrupted}. An interrupt may
 * also strike within `undo`, which is then called again from its beginning.
 */
export function withUndo<T>(undo: () => void, work: () => T): T {
  pending.push(undo);
  try {
    return work();
  } finally {
    undo();
    const at = pending.lastIndexOf(undo);
    if (at >= 0) pending.splice(at);
  }
}

/** Undoes what an interrupt has left, the latest first. Call when none of that work can be running. */
export function undoInterrupted(): void {
  for (let undo = pending.pop(); undo; undo = pending.pop()) {
    try {
      // What cells have made of `Math` and the like is put aside while the kernel's own code runs, and back after it.
      asCell(undo);
    } catch {
      // What it could not undo must not keep the others from it.
    }
  }
}
