/** The table itself: only the lines in sight are drawn. Rows are the window's; what stands in them is `cells.tsx`. */
// biome-ignore-all lint/a11y/useSemanticElements: ten thousand rows of which forty are drawn are no <table>.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and says which row is meant.
// biome-ignore-all lint/a11y/useKeyWithClickEvents: keys are the grid's.
import type { Column, TableGroup, TableRow } from '@trialroom/shared/api/experiments';
import { createEffect, createMemo, createSignal, For, type JSX, onCleanup, onMount, Show } from 'solid-js';
import { axesOf } from './axes.ts';
import type { Axis } from './cells.tsx';
import { handleKey } from './keys.ts';
import { type Layout, layoutOf } from './layout.ts';
import { GroupLine, TrialLine } from './lines.tsx';
import { createRegressions } from './regressions.ts';
import { countChosen, isChosen, type Selection, type SelectionOperation } from './selection.ts';
import { widthOf } from './shown-columns.ts';
import { createSparks } from './sparks.ts';
import type { TableData } from './table-data.ts';
import { TableHead } from './table-head.tsx';
import { codeOf, type Shown, type View } from './view.ts';

export interface TableProps {
  data: TableData;
  shown: readonly Shown[];
  asked: readonly Column[];
  view: View;
  selection: Selection;
  act: (operation: SelectionOperation, idAt: (line: number) => string | null) => void;
  onSort: (sort: View['sort']) => void;
  onColumns: (columns: Shown[]) => void;
  onOpen: (id: string) => void;
}

/** px drawn beyond the window's edges. */
const BEYOND = 400;
/** Pens for chosen rows; beyond them rows are marked, not coloured. */
const PENS = 6;

export function Table(props: TableProps): JSX.Element {
  let body!: HTMLDivElement;
  const narrow = matchMedia('(max-width: 760px)');
  const [small, setSmall] = createSignal(narrow.matches);
  const [sight, setSight] = createSignal({ from: 0, to: innerHeight + BEYOND });
  const [folded, setFolded] = createSignal<ReadonlySet<string>>(new Set());
  const [dragged, setDragged] = createSignal<{ code: string; width: number } | null>(null);
  const [told, setTold] = createSignal('');
  const sparks = createSparks();
  const regressions = createRegressions();
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const groupKey = (group: TableGroup | undefined): string => JSON.stringify(group?.values ?? null);

  const layout = createMemo((): Layout => {
    const groups = props.data.groups();
    return layoutOf({
      total: props.data.total() ?? 0,
      groups: groups?.map(({ count }) => count) ?? null,
      folded: (group) => folded().has(groupKey(groups?.[group])),
      rowHeight: (small() ? 2.75 : 1.75) * rem,
      groupHeight: (small() ? 3.25 : 2.125) * rem,
    });
  });
  const look = (): void => {
    const top = -body.getBoundingClientRect().top;
    setSight({ from: top - BEYOND, to: top + innerHeight + BEYOND });
  };
  let frame = 0;
  const soon = (): void => {
    if (frame === 0)
      frame = requestAnimationFrame(() => {
        frame = 0;
        look();
      });
  };
  onMount(() => {
    const resize = () => {
      setSmall(narrow.matches);
      soon();
    };
    addEventListener('scroll', soon, { passive: true });
    addEventListener('resize', resize);
    look();
    onCleanup(() => {
      removeEventListener('scroll', soon);
      removeEventListener('resize', resize);
      cancelAnimationFrame(frame);
    });
  });

  const range = createMemo(() => layout().between(sight().from, sight().to), undefined, {
    equals: (a, b) => a.first === b.first && a.last === b.last,
  });
  createEffect(() => {
    const { first, last } = range();
    if (last < first) return;
    const places = [first, last].map((line) => {
      const at = layout().lineAt(line);
      return at.type === 'trial' ? at.at : firstOf(at.group);
    });
    props.data.want(places[0] ?? 0, Math.max(places[1] ?? 0, places[0] ?? 0));
  });
  const firstOf = (group: number): number =>
    (props.data.groups() ?? []).slice(0, group).reduce((sum, { count }) => sum + count, 0);
  const lines = createMemo(() => {
    const { first, last } = range();
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
  });

  const rowOn = (line: number): TableRow | undefined => {
    props.data.version();
    const at = layout().lineAt(line);
    return at.type === 'trial' ? props.data.rowAt(at.at) : undefined;
  };
  const idAt = (line: number): string | null => rowOn(line)?.trial.id ?? null;
  const axes = createMemo(() => {
    props.data.version();
    return axesOf(props.shown, props.asked, props.data.known(), props.data.groups() ?? []);
  });
  const axisOf = (column: Shown): Axis | undefined => (column.of === 'dots' ? axes().get(column.key) : undefined);
  const penOf = (id: string): number | null => {
    const at = props.selection.chosen.indexOf(id);
    return at >= 0 && at < PENS ? at + 1 : null;
  };
  const width = (column: Shown): number => {
    const now = dragged();
    return now?.code === codeOf(column) ? now.width : widthOf(column, props.view.group.length > 0);
  };
  /** Names of groups stand over the first curve as well: there the name itself needs less. */
  const nameWidth = (): number => (props.view.group.length > 0 ? 9.5 : 13);
  /** What is drawn takes its part of a wide screen; what is written stays beside its neighbours. */
  const track = (one: Shown): string => {
    const least = `${width(one) / 16}rem`;
    const drawn = (one.of === 'spark' || one.of === 'dots') && !one.width && dragged()?.code !== codeOf(one);
    return drawn ? `minmax(${least}, ${one.of === 'dots' ? '1fr' : '0.7fr'})` : least;
  };
  const template = () => `1.75rem 1.5rem minmax(${nameWidth()}rem, 1fr) ${props.shown.map(track).join(' ')}`;
  const fold = (group: TableGroup): void => {
    const key = groupKey(group);
    setFolded((now) => (now.has(key) ? new Set([...now].filter((one) => one !== key)) : new Set([...now, key])));
  };
  const reveal = (line: number): void => {
    const top = layout().topOf(line) + body.getBoundingClientRect().top;
    if (top < 100) scrollBy(0, top - 100);
    else if (top > innerHeight - 120) scrollBy(0, top - innerHeight + 120);
  };
  const onKey = (event: KeyboardEvent): void =>
    handleKey(event, {
      layout: layout(),
      cursor: props.selection.cursor,
      first: range().first,
      idAt,
      act: (operation) => props.act(operation, idAt),
      reveal,
      fold: (index) => {
        const group = props.data.groups()?.[index];
        if (group) fold(group);
      },
      open: props.onOpen,
    });
  const pick = (event: MouseEvent, id: string, line: number): void =>
    props.act(event.shiftKey ? { type: 'stretch', line } : { type: 'toggle', id, line }, idAt);

  return (
    <>
      <div
        class="grid"
        role="grid"
        aria-label="Trials"
        aria-multiselectable="true"
        aria-rowcount={layout().lines + 1}
        aria-colcount={props.shown.length + 3}
        aria-busy={props.data.loading()}
        aria-activedescendant={props.selection.cursor === null ? undefined : `line-${props.selection.cursor}`}
        tabIndex={0}
        style={{
          '--columns': template(),
          // What does not fit makes the page wider: the head stays with its columns.
          'min-width': small()
            ? 'auto'
            : `${props.shown.reduce((sum, one) => sum + width(one) / 16, 3.25 + nameWidth())}rem`,
        }}
        onKeyDown={onKey}
      >
        <TableHead
          shown={props.shown}
          sort={props.view.sort}
          total={props.data.total() ?? 0}
          chosen={countChosen(props.selection, props.data.total() ?? 0)}
          rem={rem}
          axisOf={axisOf}
          widthOf={width}
          onDragged={setDragged}
          onSay={setTold}
          onAll={(all) => props.act({ type: all ? 'all' : 'clear' }, idAt)}
          onSort={props.onSort}
          onColumns={props.onColumns}
        />
        <div class="grid-body" role="rowgroup" ref={body} style={{ height: `${layout().height}px` }}>
          <For each={lines()}>
            {(line) => {
              const at = createMemo(() => layout().lineAt(line), undefined, {
                equals: (a, b) => JSON.stringify(a) === JSON.stringify(b),
              });
              const group = (): TableGroup | undefined => {
                const here = at();
                return here.type === 'group' ? props.data.groups()?.[here.group] : undefined;
              };
              const row = createMemo(() => rowOn(line));
              const chosen = () => isChosen(props.selection, row()?.trial.id ?? '');
              return (
                <div
                  id={`line-${line}`}
                  class="grid-row"
                  classList={{
                    group: at().type === 'group',
                    sel: chosen(),
                    cursor: props.selection.cursor === line,
                    [`r-${row()?.trial.status}`]: row() !== undefined,
                  }}
                  role="row"
                  aria-rowindex={line + 2}
                  aria-selected={at().type === 'trial' ? chosen() : undefined}
                  style={{ transform: `translateY(${layout().topOf(line)}px)` }}
                  onClick={(event) => {
                    if (event.target instanceof Element && event.target.closest('input, button, a')) return;
                    const id = row()?.trial.id;
                    const head = group();
                    if (head) fold(head);
                    else if (id && (event.shiftKey || event.ctrlKey || event.metaKey)) pick(event, id, line);
                    else props.act({ type: 'move', to: line }, idAt);
                  }}
                >
                  <Show when={group()}>
                    {(head) => (
                      <GroupLine
                        group={head()}
                        by={props.view.group}
                        asked={props.asked}
                        shown={props.shown}
                        axisOf={axisOf}
                        folded={folded().has(groupKey(head()))}
                        onFold={() => fold(head())}
                      />
                    )}
                  </Show>
                  <Show
                    when={row()}
                    fallback={
                      <Show when={at().type === 'trial'}>
                        <i class="waiting" />
                      </Show>
                    }
                  >
                    {(held) => (
                      <TrialLine
                        row={held()}
                        by={props.view.group}
                        shown={props.shown}
                        axisOf={axisOf}
                        chosen={chosen()}
                        pen={penOf(held().trial.id)}
                        worse={regressions.worseOf(held().trial)}
                        sparkOf={(key) => sparks.sparkOf(held().trial, key)}
                        onPick={(event) => pick(event, held().trial.id, line)}
                      />
                    )}
                  </Show>
                </div>
              );
            }}
          </For>
        </div>
      </div>
      <span class="vh" role="status">
        {told()}
      </span>
    </>
  );
}
