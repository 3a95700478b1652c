/** The outline of a notebook: its headings, each with the state of the code below it. */

import { createMemo, createSignal, For, type JSX, onCleanup, Show } from 'solid-js';
import { StatusGlyph } from '../../components/status-glyph.tsx';
import { headingsOf } from '../markdown.ts';
import { type Notebook, useNotebook } from '../model.ts';
import { type CellDigest, outlineOf } from '../outline.ts';

/** How long after the last change the outline is read again, in ms. */
const SETTLE = 300;

function createDigests(notebook: Notebook): () => CellDigest[] {
  const [version, setVersion] = createSignal(0);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const touched = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => setVersion((count) => count + 1), SETTLE);
  };
  notebook.shared.doc.on('update', touched);
  onCleanup(() => {
    clearTimeout(timer);
    notebook.shared.doc.off('update', touched);
  });
  const headings = createMemo(() => {
    version();
    return new Map(
      notebook.cells.ids().flatMap((id) => {
        const cell = notebook.cells.get(id);
        return cell?.type() === 'markdown' ? [[id, headingsOf(cell.text.toString())] as const] : [];
      }),
    );
  });
  return () =>
    notebook.cells.ids().map((id) => ({
      id,
      headings: headings().get(id) ?? [],
      code: notebook.cells.get(id)?.type() === 'code',
      status: notebook.statusOf(id),
      validity: notebook.stateOf(id)?.validity ?? 'fresh',
      count: notebook.stateOf(id)?.count ?? null,
    }));
}

export function Outline(): JSX.Element {
  const notebook = useNotebook();
  const digests = createDigests(notebook);
  const entries = createMemo(() => outlineOf(digests()));
  const here = createMemo(() => {
    const ids = notebook.cells.ids();
    const at = ids.indexOf(notebook.selected() ?? '');
    return entries().findLast((entry) => ids.indexOf(entry.cell) <= at)?.key;
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
                  document.getElementById(`cell-${entry.cell}`)?.scrollIntoView({ block: 'start' });
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
