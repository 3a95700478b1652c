/** All trials as a table: asked by a line of words, sorted, grouped over seeds, chosen, compared. The address holds the view. */

import { useLocation, useNavigate } from '@solidjs/router';
import type { Catalogue, TableRow } from '@trialroom/shared/api/experiments';
import {
  createEffect,
  createMemo,
  createSignal,
  For,
  type JSX,
  Match,
  on,
  onCleanup,
  onMount,
  Show,
  Switch,
} from 'solid-js';
import { Button } from '../components/button.tsx';
import { count } from '../components/figures.ts';
import { PageTitle } from '../components/page-title.ts';
import { offerInPalette } from '../palette/page-offers.ts';
import { ProblemNote, SkeletonRows } from '../shell/states.tsx';
import { BulkBar } from './bulk-bar.tsx';
import type { Chosen } from './bulk-changes.ts';
import { ColumnChooser } from './column-chooser.tsx';
import './experiments.css';
import './table.css';
import './table-narrow.css';
import { GroupMenu } from './group-menu.tsx';
import { QueryLine } from './query-line.tsx';
import { SavedViews } from './saved-views.tsx';
import { countChosen, NOTHING, type SelectionOperation, select } from './selection.ts';
import { askedOf, usualColumns } from './shown-columns.ts';
import { Table } from './table.tsx';
import { createTableData } from './table-data.ts';
import { codeOf, readView, type Shown, type View, writeView } from './view.ts';

const CHIPS = ['status:', 'tag:', 'by:', 'note:', 'since:', 'is:starred'] as const;

export default function TrialsPage(): JSX.Element {
  PageTitle(() => 'Trials');
  const location = useLocation();
  const navigate = useNavigate();
  const view = createMemo(() => readView(location.search), undefined, {
    equals: (a, b) => writeView(a) === writeView(b),
  });
  const go = (change: Partial<View>): void => {
    const next = writeView({ ...view(), ...change });
    navigate(`${location.pathname}${next === '' ? '' : `?${next}`}`, { replace: true, scroll: false });
  };
  /** What the first answer held: columns for who chose none are worked out from it. */
  const [seen, setSeen] = createSignal<{ rows: TableRow[]; catalogue: Catalogue } | null>(null);
  const usual = createMemo((): Shown[] | null => {
    const first = seen();
    return first ? usualColumns(first.rows, first.catalogue, view().group) : null;
  });
  const shown = createMemo((): Shown[] => view().columns ?? usual() ?? []);
  const columns = createMemo(() => [...new Map(shown().map((one) => [codeOf(askedOf(one)), askedOf(one)])).values()]);
  const data = createTableData(() => ({
    filter: view().filter,
    sort: view().sort,
    group: view().group,
    columns: columns(),
  }));
  createEffect(() => {
    const catalogue = data.catalogue();
    data.version();
    if (seen() || !catalogue || data.total() === null) return;
    const rows = Array.from({ length: 100 }, (_, at) => data.rowAt(at)).filter((row) => row !== undefined);
    setSeen({ rows, catalogue });
  });

  const [selection, setSelection] = createSignal(NOTHING);
  const act = (operation: SelectionOperation, idAt: (line: number) => string | null = () => null) =>
    setSelection((state) => select(state, operation, idAt));
  // Another question has other lines: what was chosen one by one stays, where the keyboard stood does not.
  createEffect(
    on(
      () => [view().filter, view().group.join()],
      () => setSelection((state) => ({ ...state, cursor: null, anchor: null })),
      { defer: true },
    ),
  );
  createEffect(
    on(
      () => view().filter,
      () => setSelection((state) => ({ ...state, left: null })),
      { defer: true },
    ),
  );
  const chosen = (): Chosen => {
    const { left, chosen: trials } = selection();
    return left ? { fits: { filter: view().filter, except: [...left], count: chosenCount() } } : { trials };
  };
  const chosenCount = (): number => countChosen(selection(), data.total() ?? 0);

  let query: HTMLInputElement | undefined;
  const addChip = (chip: string): void => {
    const filter = view().filter;
    go({ filter: chip.endsWith(':') ? filter : `${filter}${filter === '' ? '' : ' '}${chip}` });
    if (!query || !chip.endsWith(':')) return;
    query.focus();
    query.setRangeText(
      `${query.value === '' || query.value.endsWith(' ') ? '' : ' '}${chip}`,
      query.value.length,
      query.value.length,
      'end',
    );
    query.dispatchEvent(new InputEvent('input', { bubbles: true }));
  };
  onMount(() => {
    const key = (event: KeyboardEvent): void => {
      const at = event.target;
      const typing =
        at instanceof HTMLElement && (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName));
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      query?.focus();
    };
    window.addEventListener('keydown', key);
    onCleanup(() => window.removeEventListener('keydown', key));
  });
  offerInPalette(() => [
    {
      id: 'trials-filter',
      text: 'Filter trials',
      detail: '/',
      icon: 'search',
      act: () => queueMicrotask(() => query?.focus()),
    },
  ]);

  const said = (): string => {
    const total = data.total();
    if (total === null) return '';
    const groups = data.groups();
    const inGroups = groups ? ` in ${count(groups.length)} ${groups.length === 1 ? 'group' : 'groups'}` : '';
    return `${count(total)} ${total === 1 ? 'trial' : 'trials'}${inGroups}${total === data.all() ? '' : `, of ${count(data.all())}`}`;
  };
  const names = () =>
    selection()
      .chosen.slice(0, 3)
      .map((id) => {
        data.version();
        const at = data.placeOf(id);
        return at === undefined ? null : (data.rowAt(at)?.trial.name ?? null);
      });

  return (
    <main id="main" class="trials">
      <div class="trials-head">
        <h1>Trials</h1>
        <SavedViews view={writeView(view())} />
      </div>
      <QueryLine
        value={view().filter}
        catalogue={data.catalogue()}
        said={said()}
        onChange={(filter) => go({ filter })}
        ref={(input) => (query = input)}
      />
      <div class="trials-add">
        <span class="i3">Add</span>
        <For each={CHIPS}>
          {(chip) => (
            <Button kind="quiet" class="mono" onClick={() => addChip(chip)}>
              {chip}
            </Button>
          )}
        </For>
        <span class="trials-tools">
          <GroupMenu group={view().group} catalogue={data.catalogue()} onChange={(group) => go({ group })} />
          <ColumnChooser shown={shown()} catalogue={data.catalogue()} onChange={(next) => go({ columns: next })} />
        </span>
      </div>
      <Show when={data.failed()}>{(failed) => <ProblemNote thrown={failed()} retry={data.refresh} />}</Show>
      <Switch>
        <Match when={data.total() === null && data.loading()}>
          <SkeletonRows rows={12} />
        </Match>
        <Match when={data.total() === null && !data.failed()}>
          <p class="empty">
            <b>Nothing is asked yet.</b> The trials appear once the line above can be read, or{' '}
            <button type="button" class="as-link" onClick={() => go({ filter: '' })}>
              show all
            </button>
            .
          </p>
        </Match>
        <Match when={data.total() === 0}>
          <p class="empty">
            <Show
              when={view().filter !== '' || data.all() > 0}
              fallback={
                <>
                  <b>No trials yet.</b> A trial begins when a notebook calls <code>trial()</code>.
                </>
              }
            >
              <b>No trial fits.</b> {count(data.all())} are here; ask for less, or{' '}
              <button type="button" class="as-link" onClick={() => go({ filter: '' })}>
                show all
              </button>
              .
            </Show>
          </p>
        </Match>
        <Match when={(data.total() ?? 0) > 0}>
          <Table
            data={data}
            shown={shown()}
            asked={columns()}
            view={view()}
            selection={selection()}
            act={act}
            onSort={(sort) => go({ sort })}
            onColumns={(next) => go({ columns: next })}
            onOpen={(id) => navigate(`/trials/${id}`)}
          />
        </Match>
      </Switch>
      <BulkBar
        chosen={chosen()}
        count={chosenCount()}
        total={data.total() ?? 0}
        onAll={() => act({ type: 'all' })}
        columns={columns()}
        catalogue={data.catalogue()}
        names={
          <For each={names()}>
            {(name, index) => (
              <Show when={name}>
                <span>
                  <i class={`swatch s${index() + 1}`} /> {name}
                </span>
              </Show>
            )}
          </For>
        }
        onClear={() => act({ type: 'clear' })}
        onDone={data.refresh}
      />
    </main>
  );
}
