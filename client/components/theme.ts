/** Light, dark, or the system's choice; kept in this browser. `public/theme.js` applies it before the first paint. */
import { createSignal } from 'solid-js';

export type Theme = 'light' | 'dark';

const KEY = 'trialroom.theme';
const darkSystem = window.matchMedia('(prefers-color-scheme: dark)');

const shown = (): Theme => {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return darkSystem.matches ? 'dark' : 'light';
};

const [current, setCurrent] = createSignal<Theme>(shown());
darkSystem.addEventListener('change', () => setCurrent(shown()));

/** The theme on screen now; charts redraw when it changes. */
export const theme = current;

/** Changes to the other theme. Choosing what the system has anyway goes back to following the system. */
export function switchTheme(): void {
  const next: Theme = current() === 'dark' ? 'light' : 'dark';
  const system: Theme = darkSystem.matches ? 'dark' : 'light';
  if (next === system) delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  try {
    if (next === system) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, next);
  } catch {
    // Storage is forbidden here: the choice holds until the page is closed.
  }
  setCurrent(next);
}
