/** The time as pages show it: one clock that ticks once a second while the page is visible, shared by all who read it. */
import { createRoot, createSignal } from 'solid-js';

const [time, setTime] = createRoot(() => createSignal(Date.now()));
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  clearInterval(timer);
  timer = undefined;
  if (document.visibilityState === 'hidden') return;
  setTime(Date.now());
  timer = setInterval(() => setTime(Date.now()), 1000);
}

document.addEventListener('visibilitychange', tick);
tick();

/** Now, in ms since the epoch. */
export const now = time;
