/** Arranging panels by hand: dragging by the grip, resizing by the corner, both with the keyboard too. */
import { layOut, type Place } from '@trialroom/shared/room/layout';
import { COLUMNS, LEAST_WIDTH, type Panel, ROWS } from '@trialroom/shared/room/panel';
import { type Accessor, createMemo, createSignal } from 'solid-js';
import type { Dashboard } from './dashboard.ts';

export interface Arranging {
  /** Panels as they are drawn: while one is being resized, with the size that it would get. */
  panels: Accessor<readonly Panel[]>;
  places: Accessor<ReadonlyMap<string, Place>>;
  /** The panel that is being dragged. */
  held: Accessor<string | null>;
  /** Where it would go: before this panel, at the end (''), or nowhere (null). */
  target: Accessor<string | null>;
  /** What was just done, for screen readers. */
  said: Accessor<string>;
  beginMove(event: PointerEvent, panel: Panel): void;
  beginResize(event: PointerEvent, panel: Panel): void;
  /** Moves a panel by places towards the end, or the beginning. */
  shift(id: string, by: number): void;
  /** Makes a panel larger by columns and rows. */
  grow(id: string, columns: number, rows: number): void;
}

/** Pixels that a pointer must go before it drags. */
const SLACK = 5;

export const between = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

/** The panel before which something dropped here goes: '' after the last. Of the nearest, its nearer half decides. */
export function dropBefore(
  boxes: readonly { id: string; left: number; top: number; width: number; height: number }[],
  x: number,
  y: number,
): string | null {
  let nearest: { index: number; far: number; after: boolean } | null = null;
  for (const [index, box] of boxes.entries()) {
    const dx = Math.max(box.left - x, 0, x - box.left - box.width);
    const dy = Math.max(box.top - y, 0, y - box.top - box.height);
    const far = dx * dx + dy * dy;
    // A panel as wide as the sheet is left above or below; others beside.
    const wide = box.width > 1.7 * box.height;
    const after = wide && far > 0 ? y > box.top + box.height / 2 : x > box.left + box.width / 2;
    if (!nearest || far < nearest.far) nearest = { index, far, after };
  }
  return nearest ? (boxes[nearest.index + Number(nearest.after)]?.id ?? '') : null;
}

/** @param sheet the element that holds the panels, each with its id as `data-panel` */
export function createArranging(
  dashboard: Dashboard,
  visible: Accessor<readonly Panel[]>,
  columns: Accessor<number>,
  sheet: () => HTMLElement | undefined,
): Arranging {
  const [held, setHeld] = createSignal<string | null>(null);
  const [target, setTarget] = createSignal<string | null>(null);
  const [said, setSaid] = createSignal('');
  const [sizing, setSizing] = createSignal<Pick<Panel, 'id' | 'width' | 'height'> | null>(null);
  const panels = createMemo(() => {
    const size = sizing();
    return visible().map((panel) => (panel.id === size?.id ? { ...panel, ...size } : panel));
  });
  const places = createMemo(() => new Map(layOut(panels(), columns()).map((place) => [place.id, place] as const)));
  const boxes = () =>
    [...(sheet()?.querySelectorAll<HTMLElement>('[data-panel]') ?? [])]
      .filter((element) => element.dataset.panel !== held())
      .map((element) => {
        const { left, top, width, height } = element.getBoundingClientRect();
        return { id: element.dataset.panel ?? '', left, top, width, height };
      });

  /** Follows a pointer until it is let go, or Escape takes it back. */
  function follow(event: PointerEvent, move: (event: PointerEvent) => void, end: (done: boolean) => void): void {
    const handle = event.currentTarget;
    if (event.button !== 0 || !(handle instanceof HTMLElement)) return;
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    const over = new AbortController();
    const { signal } = over;
    const finish = (done: boolean): void => {
      over.abort();
      end(done);
    };
    handle.addEventListener('pointermove', move, { signal });
    handle.addEventListener('pointerup', () => finish(true), { signal });
    handle.addEventListener('pointercancel', () => finish(false), { signal });
    window.addEventListener('keydown', ({ key }) => key === 'Escape' && finish(false), { signal });
  }

  const shift = (id: string, by: number): void => {
    const all = visible();
    const from = all.findIndex((panel) => panel.id === id);
    const to = between(from + by, 0, all.length - 1);
    if (from < 0 || to === from) return;
    const others = all.filter((panel) => panel.id !== id);
    dashboard.move(id, others[to]?.id ?? null);
    setSaid(`Place ${to + 1} of ${all.length}.`);
  };
  const grow = (id: string, more: number, rows: number): void => {
    const panel = visible().find((one) => one.id === id);
    if (!panel) return;
    const width = between(panel.width + more, LEAST_WIDTH, COLUMNS);
    const height = between(panel.height + rows, ROWS.least, ROWS.most);
    if (width === panel.width && height === panel.height) return;
    dashboard.resize(id, { width, height });
    setSaid(`${width} of ${COLUMNS} columns, ${height} rows.`);
  };

  return {
    panels,
    places,
    held,
    target,
    said,
    shift,
    grow,
    beginMove(event, panel) {
      const [x, y] = [event.clientX, event.clientY];
      follow(
        event,
        (to) => {
          if (held() === null && Math.hypot(to.clientX - x, to.clientY - y) < SLACK) return;
          setHeld(panel.id);
          setTarget(dropBefore(boxes(), to.clientX, to.clientY));
        },
        (done) => {
          const before = target();
          if (done && held() !== null && before !== null) dashboard.move(panel.id, before === '' ? null : before);
          setHeld(null);
          setTarget(null);
        },
      );
    },
    beginResize(event, panel) {
      const box = sheet()?.querySelector(`[data-panel="${panel.id}"]`)?.getBoundingClientRect();
      const place = places().get(panel.id);
      if (!box || !place) return;
      const [column, row] = [box.width / place.width, box.height / place.height];
      const { clientX, clientY } = event;
      follow(
        event,
        (to) =>
          setSizing({
            id: panel.id,
            width: between(Math.round((box.width + to.clientX - clientX) / column), LEAST_WIDTH, COLUMNS),
            height: between(Math.round((box.height + to.clientY - clientY) / row), ROWS.least, ROWS.most),
          }),
        (done) => {
          const size = sizing();
          if (done && size && (size.width !== panel.width || size.height !== panel.height))
            dashboard.resize(panel.id, { width: size.width, height: size.height });
          setSizing(null);
        },
      );
    },
  };
}
