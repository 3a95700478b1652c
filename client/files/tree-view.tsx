/** The tree as people see and use it: by pointer, by keyboard as every tree, and by dragging. */
import { useNavigate } from '@solidjs/router';
import type { HomeSnapshot } from '@trialroom/shared/live/events';
import { createEffect, createSignal, For, type JSX, Match, Show, Switch } from 'solid-js';
import { may } from '../data/me.ts';
import type { Watched } from '../data/watched.ts';
import { SkeletonRows } from '../shell/states.tsx';
import type { Files } from './files.ts';
import { TreeRowView } from './row.tsx';
import { folderOf, step, type TreeRow } from './tree.ts';

/** What a row that is being dragged is known by. */
const DRAGGED = 'application/x-trialroom-row';

export function TreeView(props: {
  files: Files;
  home: Watched<HomeSnapshot>;
  /** Files from outside were dropped into a folder. */
  onFiles: (files: readonly File[], into: string) => void;
}): JSX.Element {
  const navigate = useNavigate();
  const [over, setOver] = createSignal<string | null>(null);
  let list: HTMLDivElement | undefined;
  const rows = () => props.files.rows();
  const current = (): string | null => {
    const active = props.files.active();
    return rows().some(({ path }) => path === active) ? active : (rows()[0]?.path ?? null);
  };
  const elementOf = (path: string | null): HTMLElement | null =>
    [...(list?.children ?? [])].find(
      (child): child is HTMLElement => child instanceof HTMLElement && child.dataset.path === path,
    ) ?? null;
  // A row that was made, moved or revealed is shown; the focus follows it only if it was in the tree.
  createEffect(() => {
    const path = props.files.active();
    rows();
    const row = elementOf(path);
    row?.scrollIntoView({ block: 'nearest' });
    const isAwaited = props.files.awaited() === path;
    if (row && isAwaited) props.files.setAwaited(null);
    const inside = list?.contains(document.activeElement) && document.activeElement?.tagName !== 'INPUT';
    if (isAwaited || inside) row?.focus();
  });

  const enter = (row: TreeRow): void => {
    if (row.kind === 'folder') props.files.fold(row.path, !row.open);
    else navigate(`/notebooks/${row.id}`);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rows().find(({ path }) => path === current());
    if (!row) return;
    const edit = may('edit');
    if (
      event.target instanceof HTMLButtonElement ||
      (event.target instanceof HTMLElement && event.target.closest('[role=menu]'))
    )
      return;
    if (event.key === 'Enter' || event.key === ' ') enter(row);
    else if (event.key === 'F2' && edit) props.files.setRenaming(row.path);
    else if (event.key === 'Delete' && edit) void props.files.trash(row);
    else {
      const { to, fold } = step(rows(), row.path, event.key);
      if (to === row.path && !fold && event.key.length > 1 && !event.key.startsWith('Arrow')) return;
      if (fold) props.files.fold(row.path, fold === 'open');
      if (to !== null) {
        props.files.setActive(to);
        elementOf(to)?.focus();
      }
    }
    event.preventDefault();
  };

  /** The folder that a drop here goes into. */
  const target = (event: DragEvent): string => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-path]') : null;
    const path = row?.dataset.path ?? '';
    return row?.dataset.kind === 'folder' ? path : folderOf(path);
  };
  const takes = (event: DragEvent): boolean =>
    may('edit') && (event.dataTransfer?.types ?? []).some((type) => type === DRAGGED || type === 'Files');
  const onDrop = (event: DragEvent): void => {
    setOver(null);
    if (!takes(event)) return;
    event.preventDefault();
    const into = target(event);
    const from = event.dataTransfer?.getData(DRAGGED);
    const row = rows().find(({ path }) => path === from);
    if (row) void props.files.move(row, into);
    else if (event.dataTransfer?.files.length) props.onFiles([...event.dataTransfer.files], into);
  };

  return (
    <Switch
      fallback={
        <div
          ref={list}
          class="tree"
          classList={{ over: over() === '' }}
          role="tree"
          aria-label="Notebooks"
          onKeyDown={onKey}
          onDragOver={(event) => {
            if (!takes(event)) return;
            event.preventDefault();
            setOver(target(event));
          }}
          onDragLeave={(event) => {
            if (!(event.relatedTarget instanceof Node && list?.contains(event.relatedTarget))) setOver(null);
          }}
          onDrop={onDrop}
        >
          <For each={rows().map(({ path }) => path)}>
            {(path) => (
              <Show when={rows().find((row) => row.path === path)}>
                {(row) => (
                  <TreeRowView
                    row={row()}
                    files={props.files}
                    home={props.home}
                    current={current() === path}
                    over={over() === path}
                    enter={() => enter(row())}
                    drag={(event) => event.dataTransfer?.setData(DRAGGED, path)}
                  />
                )}
              </Show>
            )}
          </For>
        </div>
      }
    >
      <Match when={props.files.loading()}>
        <SkeletonRows rows={6} height="2.625rem" />
      </Match>
      <Match when={rows().length === 0}>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: files are dropped here; the button above does the same */}
        <div
          class="drop-here"
          classList={{ over: over() === '' }}
          onDragOver={(event) => {
            if (!takes(event)) return;
            event.preventDefault();
            setOver('');
          }}
          onDragLeave={() => setOver(null)}
          onDrop={onDrop}
        >
          <p class="empty">
            <b>No notebooks yet.</b>{' '}
            <Show when={may('edit')} fallback={<>They appear here as soon as somebody makes one.</>}>
              Make one with New notebook, drop <code>.ipynb</code>, <code>.ts</code> or <code>.md</code> files here, or
              put them into the notebooks folder.
            </Show>
          </p>
        </div>
      </Match>
    </Switch>
  );
}
