/**
 * Cells are dragged by their handles to where a line says they will stand. What is dragged is moved once, when it is let
 * go, so that others see one change and one undo takes it back. By keys the same is done by `move-up` and `move-down`.
 */
import { type Accessor, createSignal, type JSX, onCleanup, Show } from 'solid-js';
import { dropAt, leads } from './dropping.ts';
import './dragging.css';
import { type Notebook, useNotebook } from '../model.ts';

/** So far the hand moves before it means to drag, in px. */
const SLACK = 4;
/** So near to the edge of the window the sheet scrolls, in px, and so fast at most, in px a frame. */
const EDGE = 72;
const FASTEST = 48;

/** Where what is dragged would stand: px below the top of the list, and the place among the cells in sight. */
interface Line {
  top: number;
  gap: number;
}

/** A drag in the making, for the handles that begin it and the line that shows it. */
export interface Dragging {
  /** The cells that are being dragged. */
  dragged: Accessor<ReadonlySet<string>>;
  /** A hand was laid on the handle of a cell. */
  begin(event: PointerEvent, cell: string): void;
  line: Accessor<Line | null>;
}

const NONE: ReadonlySet<string> = new Set();

/** @param list the element around all cells */
export function createDragging(notebook: Notebook, list: () => HTMLElement | undefined): Dragging {
  const [dragged, setDragged] = createSignal<ReadonlySet<string>>(NONE);
  const [line, setLine] = createSignal<Line | null>(null);
  let ending: (() => void) | null = null;

  function begin(down: PointerEvent, cell: string): void {
    const box = list();
    if (!box || down.button !== 0 || !notebook.canEdit()) return;
    // Else the browser would mark text on the way; the focus is given by hand.
    down.preventDefault();
    ending?.();
    if (!notebook.range().includes(cell)) notebook.select(cell, 'cell');
    const wanted = notebook.range();
    let at = { x: down.clientX, y: down.clientY };
    let begun = false;
    let frame = 0;
    box.setPointerCapture(down.pointerId);

    const place = (): void => {
      const { top } = box.getBoundingClientRect();
      const { gap, y } = dropAt(notebook, at.y);
      setLine({ gap, top: y - top });
    };
    const step = (): void => {
      const above = masthead() + EDGE - at.y;
      const below = at.y - (innerHeight - EDGE);
      const by = above > 0 ? -above : Math.max(0, below);
      if (by !== 0)
        scrollBy({ top: Math.sign(by) * Math.min(FASTEST, Math.ceil(Math.abs(by) / 3)), behavior: 'instant' });
      place();
      frame = requestAnimationFrame(step);
    };
    const onMove = (event: PointerEvent): void => {
      if (event.pointerId !== down.pointerId) return;
      at = { x: event.clientX, y: event.clientY };
      if (begun || Math.hypot(at.x - down.clientX, at.y - down.clientY) < SLACK) return;
      begun = true;
      setDragged(new Set(wanted));
      step();
    };
    const onUp = (event: PointerEvent): void => {
      if (event.pointerId !== down.pointerId) return;
      if (begun) place();
      const gap = line()?.gap;
      end();
      if (!begun || gap === undefined) return;
      const target = leads(notebook.shown(), wanted, gap);
      if (target) notebook.moveTo(wanted, target.after);
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      end();
    };
    const end = (): void => {
      ending = null;
      cancelAnimationFrame(frame);
      if (box.hasPointerCapture(down.pointerId)) box.releasePointerCapture(down.pointerId);
      box.removeEventListener('pointermove', onMove);
      box.removeEventListener('pointerup', onUp);
      box.removeEventListener('pointercancel', end);
      window.removeEventListener('keydown', onKey, { capture: true });
      setDragged(NONE);
      setLine(null);
    };
    ending = end;
    box.addEventListener('pointermove', onMove);
    box.addEventListener('pointerup', onUp);
    box.addEventListener('pointercancel', end);
    window.addEventListener('keydown', onKey, { capture: true });
  }
  onCleanup(() => ending?.());
  return { dragged, begin, line };
}

/** Height of what stays at the top of the window, in px. */
const masthead = (): number => document.querySelector('.nbbar')?.getBoundingClientRect().bottom ?? 0;

/** Where the cells will stand, and how many they are. */
export function DropLine(props: { dragging: Dragging }): JSX.Element {
  const words = (): string => {
    const { size } = props.dragging.dragged();
    return size === 1 ? '1 cell' : `${size} cells`;
  };
  return (
    <Show when={props.dragging.line()}>
      {(line) => (
        <div class="drop-line" style={{ top: `${line().top}px` }} aria-hidden="true">
          <b class="num">{words()}</b>
        </div>
      )}
    </Show>
  );
}

/** What a cell is dragged by. */
export function DragHandle(props: { cell: string; begin: Dragging['begin'] }): JSX.Element {
  const notebook = useNotebook();
  return (
    <Show when={notebook.canEdit()}>
      {/* Keys move cells without it (Ctrl or ⌘, Shift and an arrow), and so do the buttons in the margin. */}
      <span
        class="drag"
        data-drag={props.cell}
        title="Drag to move (Ctrl or ⌘ Shift ↑ ↓)"
        aria-hidden="true"
        on:pointerdown={(event) => props.begin(event, props.cell)}
      />
    </Show>
  );
}
