/** One row of the tree: a folder or a notebook, its name (or the field for a new one), who is in it, and what can be done to it. */
import { A } from '@solidjs/router';
import type { HomeSnapshot } from '@trialroom/shared/live/events';
import { createSignal, type JSX, onMount, Show } from 'solid-js';
import { ago, count } from '../components/figures.ts';
import { Icon } from '../components/icon.tsx';
import { now } from '../components/now.ts';
import { People } from '../components/people.tsx';
import { PopMenu } from '../components/pop-menu.tsx';
import { problemOf } from '../data/api.ts';
import { may } from '../data/me.ts';
import type { Watched } from '../data/watched.ts';
import { lookingAt } from '../home/here-now.tsx';
import { NotebookState } from '../home/notebook-state.tsx';
import type { Files } from './files.ts';
import { itemsOf } from './row-menu.ts';
import type { TreeRow } from './tree.ts';

export function TreeRowView(props: {
  row: TreeRow;
  files: Files;
  home: Watched<HomeSnapshot>;
  /** Whether the keyboard is on it. */
  current: boolean;
  /** Whether something is held over it. */
  over: boolean;
  enter: () => void;
  drag: (event: DragEvent) => void;
}): JSX.Element {
  const listing = () => (props.row.kind === 'notebook' ? props.files.listing(props.row.id) : undefined);
  const renaming = () => props.files.renaming() === props.row.path;
  const title = (): string => {
    const said = listing()?.title ?? '';
    return said === props.row.name ? '' : said;
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the keys
    <div
      class="leaf"
      classList={{ over: props.over }}
      role="treeitem"
      data-path={props.row.path}
      data-kind={props.row.kind}
      aria-level={props.row.level}
      aria-expanded={props.row.kind === 'folder' ? props.row.open : undefined}
      aria-selected={props.current}
      aria-label={`${props.row.name}${title() === '' ? '' : `, ${title()}`}`}
      tabIndex={props.current ? 0 : -1}
      draggable={may('edit') && !renaming()}
      style={{ '--depth': props.row.level - 1 }}
      onDragStart={(event) => props.drag(event)}
      onFocusIn={() => props.files.setActive(props.row.path)}
      onClick={(event) => {
        if (event.target instanceof Element && event.target.closest('a, button, input, .menu')) return;
        props.enter();
      }}
    >
      <span class="leaf-fold" aria-hidden="true">
        <Show when={props.row.kind === 'folder'}>
          <Icon name={props.row.kind === 'folder' && props.row.open ? 'down' : 'right'} />
        </Show>
      </span>
      <Icon name={props.row.kind === 'notebook' ? 'book' : props.row.open ? 'folderOpen' : 'folder'} />
      <Show when={!renaming()} fallback={<Rename row={props.row} files={props.files} />}>
        <span class="nm">
          <Show when={props.row.kind === 'notebook' ? props.row : undefined} fallback={<b>{props.row.name}</b>}>
            {(row) => (
              <A href={`/notebooks/${row().id}`} tabindex="-1" draggable={false}>
                <b>{row().name}</b>
              </A>
            )}
          </Show>
          <small>{title()}</small>
        </span>
        <span class="ns">
          <Show when={listing()} fallback={<span class="i3 sm num">{folderSize(props.row)}</span>}>
            {(one) => <NotebookState notebook={one()} />}
          </Show>
        </span>
        <span class="np">
          <Show when={props.row.kind === 'notebook' ? props.row : undefined}>
            {(row) => <People people={lookingAt(props.home.value?.present ?? [], `notebook:${row().id}`)} most={3} />}
          </Show>
        </span>
        <Show when={listing()} fallback={<span />}>
          {(one) => <time class="num">{ago(one().changedAt, now())}</time>}
        </Show>
        <Show when={props.row.kind === 'notebook' || may('edit')}>
          <PopMenu
            id={`row-${props.row.kind === 'notebook' ? props.row.id : encodeURIComponent(props.row.path)}`}
            label={props.row.name}
            title={`More for ${props.row.name}`}
            items={() => itemsOf(props.row, props.files, listing()?.language ?? null)}
          />
        </Show>
      </Show>
    </div>
  );
}

const folderSize = (row: TreeRow): string =>
  row.kind !== 'folder'
    ? ''
    : row.count === 0
      ? 'empty'
      : `${count(row.count)} ${row.count === 1 ? 'notebook' : 'notebooks'}`;

/** The field for a new name. A refused name stays in it. */
function Rename(props: { row: TreeRow; files: Files }): JSX.Element {
  const [failure, setFailure] = createSignal<unknown>(null);
  let field: HTMLInputElement | undefined;
  let over = false;
  onMount(() => {
    // Once: what was typed stays, whatever the server tells of the row meanwhile.
    if (field) field.value = props.row.name;
    field?.focus();
    field?.select();
  });
  const end = (): void => {
    over = true;
    const row = field?.closest<HTMLElement>('[role=treeitem]');
    props.files.setRenaming(null);
    row?.focus();
  };
  const keep = async (): Promise<void> => {
    if (over || !field) return;
    const name = field.value.trim();
    if (name === '' || name === props.row.name) return end();
    try {
      await props.files.rename(props.row, name);
      over = true;
    } catch (error) {
      setFailure(error);
      field?.focus();
    }
  };
  return (
    <span class="leaf-rename">
      <input
        ref={field}
        class="field"
        aria-label={`New name of ${props.row.name}`}
        aria-invalid={failure() !== null}
        maxlength={250}
        autocomplete="off"
        spellcheck={false}
        onBlur={() => failure() === null && void keep()}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === 'Enter') void keep();
          else if (event.key === 'Escape') end();
        }}
      />
      <Show when={failure()}>
        {(thrown) => (
          <small class="leaf-refused" role="alert">
            {problemOf(thrown()).message} {problemOf(thrown()).fix}
          </small>
        )}
      </Show>
    </span>
  );
}
