/**
 * When charts may draw: all that want to in one and the same frame, and only while the page is visible and they are on
 * screen. What was asked for meanwhile is drawn once, when it can be seen again. A frame costs the browser far more than
 * what is drawn in it, so eight charts must not ask for eight, and charts that would look the same ask for none; and all
 * charts of a page together take a bounded share of one core: what a round of drawings cost decides how soon the next may
 * be.
 */
import { beat } from '../components/breath.ts';

export interface Frames {
  /** Something changed: draw soon. `now`: a person did it, and waits. */
  request(now?: boolean): void;
  end(): void;
}

/** Most that all charts may take of a core while figures come in, and longest that a chart may be late for it, in ms. */
const SHARE = 1 / 16;
const LATEST = 180;

/** What draws itself in frames. */
export interface Drawn {
  /** Whether it would look different now; asked outside of frames. */
  changed(): boolean;
  /** Draws what there is now; called in a frame. */
  draw(): void;
}

interface Chart extends Drawn {
  onScreen: boolean;
  wanted: boolean;
  hurried: boolean;
}

const charts = new Set<Chart>();
let planning = false;
let frame = 0;
let later: ReturnType<typeof setTimeout> | undefined;
/** What a round costs and what looking for changes before it did, and when the last one ended, in ms. */
let cost = 0;
let looking = 0;
let last = Number.NEGATIVE_INFINITY;

/** Pause in ms after a round of drawings that took `cost` ms. */
export const pauseAfter = (cost: number): number => Math.min(LATEST, cost / SHARE);

/** Plans once all who are told of the same news have asked. */
function planSoon(): void {
  if (planning) return;
  planning = true;
  queueMicrotask(plan);
}

function plan(): void {
  planning = false;
  if (frame !== 0 || document.visibilityState === 'hidden') return;
  const due = [...charts].filter(isDue);
  if (due.length === 0) return;
  const wait = due.some(({ hurried }) => hurried) ? 0 : last + pauseAfter(cost) - performance.now();
  clearTimeout(later);
  if (wait > 4) {
    later = setTimeout(plan, wait);
    return;
  }
  const began = performance.now();
  for (const chart of due) chart.wanted = chart.hurried || alone(chart.changed);
  beat();
  looking = performance.now() - began;
  if (due.some(isDue)) frame = requestAnimationFrame(round);
  else ended(looking);
}

const isDue = ({ wanted, onScreen }: Chart): boolean => wanted && onScreen;

/** A round took `ms`. A single slow one (the first, or one beside something else) does not slow down those that follow. */
function ended(ms: number): void {
  last = performance.now();
  cost = Math.min(cost === 0 ? 4 : cost * 1.5, ms) || 0.05;
}

function round(): void {
  frame = 0;
  const began = performance.now();
  for (const chart of [...charts].filter(isDue)) {
    chart.wanted = false;
    chart.hurried = false;
    alone(chart.draw);
  }
  // The plotting library draws in microtasks, which come before this one.
  queueMicrotask(() => ended(looking + performance.now() - began));
}

/** One chart that cannot be drawn takes no other with it. */
function alone<T>(act: () => T): T | false {
  try {
    return act();
  } catch (error) {
    reportError(error);
    return false;
  }
}

/** Draws what is in `host`, in frames. */
export function createFrames(host: Element, drawn: Drawn): Frames {
  const chart: Chart = { ...drawn, onScreen: false, wanted: false, hurried: false };
  if (charts.size === 0) document.addEventListener('visibilitychange', plan);
  charts.add(chart);
  const observer = new IntersectionObserver(
    (entries) => {
      chart.onScreen = entries.at(-1)?.isIntersecting ?? false;
      plan();
    },
    { rootMargin: '100px' },
  );
  observer.observe(host);
  return {
    request(now = false) {
      chart.wanted = true;
      chart.hurried ||= now;
      planSoon();
    },
    end() {
      charts.delete(chart);
      observer.disconnect();
      if (charts.size === 0) document.removeEventListener('visibilitychange', plan);
    },
  };
}
