/**
 * Re-runs what depends on a cell that a person has run, in notebooks that ask for it with `trialroom.reactive: true` in
 * their metadata. Each cell has at most one turn in each click, so that cells which depend on one another come to an end.
 */

import { dependentsOf } from '@trialroom/shared/notebook/dependents';
import { cellOrder, metadataOf } from '@trialroom/shared/notebook/document';
import type { Execution, SessionState } from '@trialroom/shared/notebook/session';
import type * as Y from 'yjs';

/** Which cells have had their turn after which click. */
export class Reactions {
  /** The cells that have had a turn, or wait for it, by the click they belong to. */
  readonly #turns = new Map<string, Set<string>>();

  /** These executions were asked for, by a person or from here. */
  asked(executions: readonly Pick<Execution, 'id' | 'cell'>[], request = executions[0]?.id ?? ''): void {
    const turns = this.#turns.get(request) ?? new Set();
    this.#turns.set(request, turns);
    for (const { cell } of executions) turns.add(cell);
  }

  /** An execution ended well: the cells that are to run because of it, in the document's order. */
  follow({ cell, request }: Execution, state: SessionState, doc: Y.Doc): string[] {
    if (!isReactive(doc)) return [];
    return dependentsOf(state.cells, cell, cellOrder(doc), this.#turns.get(request));
  }

  /** Forgets clicks of which nothing runs or waits any more. */
  settle({ running, queue }: SessionState): void {
    if (this.#turns.size === 0) return;
    const open = new Set([running, ...queue].map((execution) => execution?.request));
    for (const request of this.#turns.keys()) if (!open.has(request)) this.#turns.delete(request);
  }
}

function isReactive(doc: Y.Doc): boolean {
  const ours: unknown = metadataOf(doc).get('trialroom');
  return typeof ours === 'object' && ours !== null && Reflect.get(ours, 'reactive') === true;
}
