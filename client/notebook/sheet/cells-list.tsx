/**
 * The cells from top to bottom, as far as they are drawn; gaps stand for the others. What hands do to cells is heard here,
 * once for all of them.
 */
import { createComputed, createEffect, createMemo, createSignal, For, type JSX, onCleanup, Show } from 'solid-js';
import { AddCell } from '../cell/cell-tools.tsx';
import { CellView } from '../cell/cell-view.tsx';
import { useNotebook } from '../model.ts';
import type { Present } from '../presence.ts';
import { createDragging, type Dragging, DropLine } from './dragging.tsx';

/** Pointing counts once the sheet stood still under the hand for so long, in ms. */
const STILL = 120;

/** The cells of the notebook. `people`: those who have it open. */
export function CellsList(props: { people: readonly Present[] }): JSX.Element {
  const notebook = useNotebook();
  const places = createMemo(() => new Map(notebook.shown().map((id, index) => [id, index])));
  const pointing = createPointing();
  let list: HTMLDivElement | undefined;
  const attach = (element: HTMLDivElement): void => {
    list = element;
    notebook.mounting.followList(element);
  };
  const dragging = createDragging(notebook, () => list);
  keepFocus(notebook.mounting.drawn, () => list);
  return (
    <div
      ref={attach}
      class="cell-list"
      classList={{ dropping: dragging.line() !== null }}
      onFocusIn={(event) => {
        const { cell, section } = cellAround(event.target);
        if (cell === undefined) return;
        if (event.target === section) notebook.setMode('command');
        if (!notebook.isSelected(cell)) notebook.select(cell, null);
      }}
      onPointerDown={(event) => {
        const { cell, section } = cellAround(event.target);
        if (cell === undefined) return;
        const beside = event.target.closest('button, a, .cm-editor, .outp') === null;
        if (event.shiftKey && beside) {
          event.preventDefault();
          notebook.extendTo(cell);
        } else if (event.target === section) notebook.select(cell, 'cell');
      }}
      onPointerOver={(event) => pointing.over(cellAround(event.target).cell ?? null)}
      on:pointerleave={() => pointing.over(null)}
    >
      <For each={notebook.mounting.drawn()} fallback={<Show when={notebook.shown().length === 0}>{<Empty />}</Show>}>
        {(id) => (
          <>
            <Gap height={notebook.mounting.gapBefore(id)} />
            <Slot
              id={id}
              position={(places().get(id) ?? 0) + 1}
              pointed={pointing.at() === id}
              dragging={dragging}
              others={props.people.filter((person) => person.cell === id)}
            />
          </>
        )}
      </For>
      <Gap height={notebook.mounting.gapBefore(null)} />
      <AddCell after={notebook.shown().at(-1) ?? null} />
      <DropLine dragging={dragging} />
    </div>
  );
}

/** Stands for cells that are not drawn. */
function Gap(props: { height: number }): JSX.Element {
  return (
    <Show when={props.height > 0}>
      <div class="cell-gap" style={{ height: `${props.height}px` }} />
    </Show>
  );
}

/** The element of a cell, which stays while the cell is replaced by another of its id. */
function Slot(props: {
  id: string;
  position: number;
  pointed: boolean;
  dragging: Dragging;
  others: readonly Present[];
}): JSX.Element {
  const notebook = useNotebook();
  let section!: HTMLElement;
  const attach = (element: HTMLElement): void => {
    section = element;
    notebook.mounting.follow(props.id, element);
  };
  return (
    <section ref={attach} class="cell" id={`cell-${props.id}`} data-cell={props.id} tabindex={-1}>
      <Show keyed when={notebook.cells.get(props.id)}>
        {(cell) => (
          <CellView
            section={section}
            cell={cell}
            position={props.position}
            pointed={props.pointed}
            dragging={props.dragging}
            others={props.others}
          />
        )}
      </Show>
    </section>
  );
}

/** An element that is put elsewhere in the page loses the focus: whoever writes in a cell that someone moves goes on writing. */
function keepFocus(drawn: () => readonly string[], list: () => HTMLElement | undefined): void {
  let focused: HTMLElement | null = null;
  // Computed before anything is put elsewhere, the effect runs after it.
  createComputed(() => {
    drawn();
    const active = document.activeElement;
    focused = active instanceof HTMLElement && list()?.contains(active) ? active : null;
  });
  createEffect(() => {
    drawn();
    if (focused?.isConnected && document.activeElement === document.body) focused.focus({ preventScroll: true });
  });
}

function cellAround(target: Element): { cell: string | undefined; section: Element | null } {
  const section = target.closest('[data-cell]');
  return { cell: section?.getAttribute('data-cell') ?? undefined, section };
}

/** The cell that is pointed at; while the sheet moves under the pointer, the one from before. */
function createPointing() {
  const [at, setAt] = createSignal<string | null>(null);
  let under: string | null = null;
  let scrolled = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const settle = (): void => {
    timer = undefined;
    const left = STILL - (performance.now() - scrolled);
    if (left <= 0) setAt(under);
    else timer = setTimeout(settle, left);
  };
  const onScroll = (): void => {
    scrolled = performance.now();
  };
  window.addEventListener('scroll', onScroll, { passive: true });
  onCleanup(() => {
    clearTimeout(timer);
    window.removeEventListener('scroll', onScroll);
  });
  return {
    at,
    over(cell: string | null): void {
      under = cell;
      if (timer === undefined) settle();
    },
  };
}

function Empty(): JSX.Element {
  return (
    <p class="nb-empty">
      <b>This notebook has no cells yet.</b> Add code to compute something, or text to say what it is about.
    </p>
  );
}
