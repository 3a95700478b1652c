/** The threads of the open notebook, by cell. */
import { NotebookTarget } from '@trialroom/shared/annotation/target';
import { type Accessor, createMemo } from 'solid-js';
import { createThreads, type Pinned, type Threads } from '../../annotations/threads.ts';
import type { SharedDocument } from '../../data/document.ts';

/** The threads of a notebook, for its cells, its editors and its panel. */
export interface Comments extends Threads<NotebookTarget> {
  /** The threads on a cell, its text and its outputs. Tracked by cell. */
  of(cell: string): readonly Pinned<NotebookTarget>[];
}

const NONE: readonly Pinned<NotebookTarget>[] = [];

/** Follows the threads of a notebook until the owner is disposed. */
export function createComments(options: {
  notebook: string;
  shared: Pick<SharedDocument, 'received' | 'loaded'>;
  /** Changes with each snapshot of the notebook's topic: from then on, everything is told live. */
  snapshot: Accessor<unknown>;
  /** Opens the panel of comments. */
  openPanel: () => void;
}): Comments {
  const { notebook, shared, snapshot, openPanel } = options;
  const threads = createThreads<NotebookTarget>({
    subject: { kind: 'notebook', id: notebook },
    targets: NotebookTarget,
    snapshot,
    link: 'comment-',
    loaded: shared.loaded,
    // The cell, or the letters that it is about, may have been written just now.
    settled: async () => void (await shared.received()),
    open: openPanel,
  });
  const byCell = createMemo(() => Map.groupBy(threads.all, ({ target }) => target.cell));
  return Object.assign(threads, { of: (cell: string) => byCell().get(cell) ?? NONE });
}
