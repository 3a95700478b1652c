/**
 * What is alive moves: pen tips breathe, and the arc of what runs turns. One clock moves all of them, a few times a second,
 * and in frames that are drawn anyway where there are such. An endless animation of the browser's own would have it work
 * out sixty frames a second for as long as a page stands open.
 */

/** One breath, and one turn, in ms. */
const BREATH = 2400;
/** It moves in the first frame that is drawn of each such stretch, or a little later in one of its own. In ms. */
const BEAT = 400;
const LATEST = 500;

/** Where a breath is `ms` after it began: how much of the ring is seen (0 to 1), and how far the arc has turned (degrees). */
export function breathAt(ms: number): { ring: number; turn: number } {
  const share = (ms % BREATH) / BREATH;
  return { ring: (1 - Math.cos(2 * Math.PI * share)) / 2, turn: 360 * share };
}

let last = Number.NEGATIVE_INFINITY;
let timer: ReturnType<typeof setTimeout> | undefined;
let tips: HTMLCollectionOf<Element>;
let arcs: HTMLCollectionOf<Element>;
let still: MediaQueryList;

/** Begins to move what is alive, for as long as the page is open: while it is visible, and unless people want no motion. */
export function startBreath(): void {
  tips = document.getElementsByClassName('tip');
  arcs = document.getElementsByClassName('st-running');
  still = window.matchMedia('(prefers-reduced-motion: reduce)');
  document.addEventListener('visibilitychange', go);
  still.addEventListener('change', go);
  go();
}

/** Moves on now, if it is time: for whoever draws a frame anyway. Does nothing where nothing is to move. */
export function beat(): void {
  if (timer !== undefined && Math.floor(performance.now() / BEAT) > Math.floor(last / BEAT)) go();
}

function go(): void {
  clearTimeout(timer);
  timer = undefined;
  if (still.matches || document.visibilityState === 'hidden') return;
  last = performance.now();
  const { ring, turn } = breathAt(last);
  for (const tip of tips) move(tip, '--ring', ring.toFixed(2));
  for (const arc of arcs) move(arc, '--turn', `${Math.round(turn)}deg`);
  timer = setTimeout(go, LATEST);
}

function move(element: Element, name: string, value: string): void {
  if (element instanceof HTMLElement) element.style.setProperty(name, value);
}
