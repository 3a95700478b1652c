/** The outline of a notebook: its headings, each with the state of the code below it. */

import { createMemo, For, type JSX, Show } from 'solid-js';
import { headingsOf } from '../../components/markdown-html.ts';
import { StatusGlyph } from '../../components/status-glyph.tsx';
import { type Notebook, useNotebook } from '../model.ts';
import { type CellDigest, keepSame, type OutlineEntry, outlineOf } from '../outline.ts';
import { createSettled } from '../running/settled.ts';

/** How long after the last change the outline is read again, in ms. */
const SETTLE = 300;

function createDigests(notebook: Notebook): () => CellDigest[] {
  const version = createSettled(notebook.shared.doc, SETTLE);
  const { cells } = notebook;
  /** What was read last: a text that is as it was is not read again. */
  let read = new Map<string, { text: string; headings: ReturnType<typeof headingsOf> }>();
  const headings = createMemo(() => {
    version();
    const types = cells.types();
    const now: typeof read = new Map();
    for (const id of cells.ids()) {
      if (types.get(id) !== 'markdown') continue;
      const text = cells.textOf(id);
      const before = read.get(id);
      now.set(id, before?.text === text ? before : { text, headings: headingsOf(text) });
    }
    read = now;
    return now;
  });
  return () => {
    const all = notebook.all();
    const types = cells.types();
    return cells.ids().map((id) => {
      const state = all.stateOf(id);
      return {
        id,
        headings: headings().get(id)?.headings ?? [],
        code: types.get(id) === 'code',
        status: all.statusOf(id),
        validity: state?.validity ?? 'fresh',
        count: state?.count ?? null,
      };
    });
  };
}

/** The headings of the notebook, each a way to its cell. */
export function Outline(): JSX.Element {
  const notebook = useNotebook();
  const digests = createDigests(notebook);
  let before: readonly OutlineEntry[] = [];
  // Entries that are as they were stay the same objects, so that their rows stay too.
  const entries = createMemo(() => {
    before = keepSame(before, outlineOf(digests()));
    return before;
  });
  const rank = createMemo(() => new Map(notebook.cells.ids().map((id, index) => [id, index])));
  const here = createMemo(() => {
    const at = rank().get(notebook.selected() ?? '') ?? -1;
    return entries().findLast((entry) => (rank().get(entry.cell) ?? 0) <= at)?.key;
  });
  return (
    <Show
      when={entries().length > 0}
      fallback={<p class="i3 sm side-empty">Headings in text cells make the outline.</p>}
    >
      <ol class="outline">
        <For each={entries()}>
          {(entry) => (
            <li
              classList={{ h: entry.level === 1, on: here() === entry.key }}
              style={{ '--depth': Math.max(0, entry.level - 2) }}
            >
              <a
                href={`#cell-${entry.cell}`}
                aria-current={here() === entry.key ? 'true' : undefined}
                onClick={(event) => {
                  event.preventDefault();
                  notebook.select(entry.cell, 'cell');
                  notebook.mounting.reveal(entry.cell, 'start');
                }}
              >
                <Show when={entry.level > 1 && entry.face}>{(face) => <StatusGlyph status={face()} />}</Show>
                <span>{entry.text}</span>
              </a>
              <Show when={entry.level > 1 && entry.count !== null}>
                <b class="num">{entry.count}</b>
              </Show>
            </li>
          )}
        </For>
      </ol>
    </Show>
  );
}
