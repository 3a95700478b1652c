/**
 * Decides which cells are drawn: in a long notebook those on or near the screen, in a small one all of them, whose editors
 * come one by one while the browser has nothing else to do. Of the others there are only gaps of their height, so that
 * neither opening nor a key costs more in a notebook of two thousand cells than in one of ten. What is drawn is drawn a
 * little each frame, what is on the screen first and editors not while it rushes by, so that scrolling stays smooth.
 */
import {
  type Accessor,
  createComputed,
  createEffect,
  createMemo,
  createSignal,
  onCleanup,
  type Setter,
  untrack,
} from 'solid-js';
import { whenIdle } from './frames.ts';
import { createGoal } from './goal.ts';
import { createScrollSpeed } from './scroll-speed.ts';
import { type Box, boxAt, gapsOf, rangesAt } from './sheet-places.ts';

/** Up to this many cells, every cell is drawn, gets its editor sooner or later and keeps it. */
const SMALL = 80;
/** How far beyond the screen cells are made ready, and how far they are kept, in px. */
const NEAR = 800;
const KEPT = 2400;
/** How long a frame may go on drawing cells, in ms: while some on the screen are missing, and else. At least one is drawn. */
const BUDGET = { missing: 8, ahead: 4 };
/** So many cells are taken away at once: their heights are read together. */
const AT_ONCE = 6;
/** With more than this many drawn, some are taken away even while there is more to draw. */
const MANY = 60;

/** What is drawn and where, for all who lead to a cell or draw one. */
export interface Mounting {
  /** Ids of the cells that are drawn, from top to bottom. */
  readonly drawn: Accessor<readonly string[]>;
  /** How high what is not drawn before a cell is, in px; null: at the end. Tracked. */
  gapBefore(id: string | null): number;
  /** Follows the element around all cells until the owner is disposed. */
  followList(element: HTMLElement): void;
  /** Follows the element of a cell until the owner is disposed. */
  follow(id: string, element: HTMLElement): void;
  /** Whether the cell's editor should exist. Tracked. */
  isLive(id: string): boolean;
  /** The element of a cell; undefined while it is not drawn. */
  elementOf(id: string): HTMLElement | undefined;
  /** The cell at `y`, in px from the top of the window, or the one nearest to it; undefined when there are none. */
  at(y: number): Box | undefined;
  /**
   * Draws a cell and brings it into sight, and again as often as what is drawn around it pushes it away, until all of the
   * screen is drawn or someone scrolls or presses a key.
   */
  reveal(id: string, block: ScrollLogicalPosition): void;
  /** As {@link reveal}, with another way to bring it into sight. */
  keepInSight(id: string, place: () => void): void;
}

/**
 * @param shown ids from top to bottom
 * @param held cells that are drawn wherever they are
 * @param options.roughHeight how high a cell may be that was never drawn, in px
 */
export function createMounting(options: {
  shown: Accessor<readonly string[]>;
  held: Accessor<ReadonlySet<string>>;
  roughHeight(id: string): number;
  /** Changes when rough heights are to be thought of anew. */
  known: Accessor<unknown>;
}): Mounting {
  const { shown, held, roughHeight, known } = options;
  const elements = new Map<string, HTMLElement>();
  const goal = createGoal((id) => elements.get(id));
  /** How high cells were that were taken away. */
  const heights = new Map<string, number>();
  /** Whether the editor of a cell should exist, for all that were asked about. */
  const live = new Map<string, { get: Accessor<boolean>; set: Setter<boolean> }>();
  const [wanted, setWanted] = createSignal<ReadonlySet<string>>(new Set());
  let list: HTMLElement | undefined;
  let ranges = rangesAt([], 0, [0, NEAR, KEPT]);
  const speed = createScrollSpeed();
  let frame = 0;
  let idle = 0;
  let stale = true;

  const small = createMemo(() => shown().length <= SMALL);
  // A notebook that grows long begins with all that was drawn while it was short.
  createComputed(() => {
    if (small()) setWanted(new Set(shown()));
  });
  const drawn = createMemo(() => {
    if (small()) return [...shown()];
    const now = wanted();
    return shown().filter((id) => now.has(id));
  });
  const rough = createMemo(() => {
    known();
    return new Map<string, number>();
  });
  const heightOf = (id: string): number => {
    const measured = heights.get(id) ?? untrack(rough).get(id);
    if (measured !== undefined) return measured;
    const made = untrack(() => roughHeight(id));
    untrack(rough).set(id, made);
    return made;
  };
  const gaps = createMemo(() => {
    const there = new Set(drawn());
    rough();
    return there.size === shown().length ? new Map<string | null, number>() : gapsOf(shown(), there, heightOf);
  });

  /** Where each cell is on the screen: those drawn where they are, the others where they would be. */
  const boxes = (): Box[] => {
    let y = list?.getBoundingClientRect().top ?? 0;
    return untrack(shown).map((id, index) => {
      const box = elements.get(id)?.getBoundingClientRect();
      const top = box?.top ?? y;
      y = box?.bottom ?? y + heightOf(id);
      return { id, index, top, bottom: y };
    });
  };

  const liveOf = (id: string) => {
    const known = live.get(id);
    if (known) return known;
    const [get, set] = createSignal(false);
    const made = { get, set };
    live.set(id, made);
    return made;
  };
  const isDrawn = (id: string): boolean => untrack(() => small() || wanted().has(id));
  const draw = (id: string): void => {
    if (!isDrawn(id)) setWanted((was) => new Set(was).add(id));
  };

  /** The next thing to draw: what is missing on the screen, its editors, then the same around it. */
  const drawNext = (ids: readonly string[]): 'missing' | 'ahead' | null => {
    const rushes = speed.rushes(performance.now());
    const [screen, near] = ranges;
    for (const [range, kind] of [
      [screen, 'missing'],
      [near, 'ahead'],
    ] as const) {
      const there = ids.slice(...range);
      const next = there.find((id) => !isDrawn(id));
      if (next !== undefined) {
        draw(next);
        return kind;
      }
      if (rushes) return null;
      const bare = there.find((id) => !untrack(liveOf(id).get));
      if (bare !== undefined) {
        liveOf(bare).set(true);
        return kind;
      }
    }
    return null;
  };

  /** Takes away a few cells that are far from the screen. @returns whether there were any */
  const drop = (ids: readonly string[]): boolean => {
    const staying = new Set(ids.slice(...ranges[2]));
    const going = new Set<string>();
    for (const id of untrack(wanted)) {
      const element = elements.get(id);
      if (staying.has(id) || untrack(held).has(id) || (element && keepsState(element))) continue;
      // What has gone keeps its place, so that nothing jumps.
      if (element) heights.set(id, element.getBoundingClientRect().height);
      going.add(id);
      if (going.size === AT_ONCE) break;
    }
    if (going.size === 0) return false;
    for (const id of going) live.delete(id);
    setWanted((was) => new Set([...was].filter((id) => !going.has(id))));
    return true;
  };

  const work = (): void => {
    frame = 0;
    // While something else is looked at, the sheet is nowhere.
    if (!list || list.getClientRects().length === 0) return;
    const ids = untrack(shown);
    if (stale) {
      stale = false;
      ranges = rangesAt(boxes(), innerHeight, [0, NEAR, KEPT]);
    }
    // Before anything is drawn, while heights can be read for nothing.
    if (!untrack(small) && untrack(wanted).size > MANY) drop(ids);
    const began = performance.now();
    let kind = drawNext(ids);
    const any = kind !== null;
    while (kind && performance.now() - began < BUDGET[kind]) kind = drawNext(ids);
    if (any) {
      goal.put();
      // What was drawn is higher or lower than was thought: other cells may be near now.
      moved();
      return;
    }
    if (speed.rushes(performance.now())) request();
    else {
      goal.drop();
      if (untrack(small)) fillWhenIdle();
      else if (drop(ids)) request();
    }
  };

  const request = (): void => {
    if (frame === 0) frame = requestAnimationFrame(work);
  };
  const moved = (): void => {
    stale = true;
    request();
  };

  const fillWhenIdle = (): void => {
    if (idle !== 0) return;
    idle = whenIdle(() => {
      idle = 0;
      const next = untrack(small) ? untrack(shown).find((id) => !untrack(liveOf(id).get)) : undefined;
      if (next === undefined || frame === -1) return;
      liveOf(next).set(true);
      fillWhenIdle();
    });
  };

  const onScroll = (): void => {
    speed.moved(scrollY, performance.now());
    goal.scrolled();
    moved();
  };
  window.addEventListener('scroll', onScroll, { capture: true, passive: true });
  window.addEventListener('resize', moved);
  // Whatever makes the sheet longer or shorter may bring other cells near.
  const sizes = new ResizeObserver(moved);
  createEffect(() => {
    shown();
    moved();
  });
  createEffect(() => {
    for (const id of held()) draw(id);
  });
  onCleanup(() => {
    cancelAnimationFrame(frame);
    frame = -1;
    window.removeEventListener('scroll', onScroll, { capture: true });
    window.removeEventListener('resize', moved);
    sizes.disconnect();
  });

  const keepInSight = (id: string, place: () => void): void => {
    draw(id);
    goal.set(id, place);
    moved();
  };

  return {
    drawn,
    gapBefore: (id) => gaps().get(id) ?? 0,
    followList(element) {
      list = element;
      sizes.observe(element);
      moved();
      onCleanup(() => {
        if (list === element) list = undefined;
        sizes.unobserve(element);
      });
    },
    follow(id, element) {
      elements.set(id, element);
      onCleanup(() => {
        if (elements.get(id) === element) elements.delete(id);
      });
    },
    isLive: (id) => liveOf(id).get(),
    elementOf: (id) => elements.get(id),
    at: (y) => boxAt(boxes(), y),
    reveal(id, block) {
      keepInSight(id, () => elements.get(id)?.scrollIntoView({ block }));
    },
    keepInSight,
  };
}

/** A frame would begin anew, and a focus or a pointer would be lost, if what is in the cell went. */
const keepsState = (element: Element): boolean => element.querySelector('iframe, :focus') !== null;
