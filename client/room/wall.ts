/** A room on a wall screen: no chrome, large type; where the sheet is longer than the screen it turns, page by page. */
import { createEffect, onCleanup } from 'solid-js';
import type { RoomView } from './view.ts';

/** How long a page stays, in ms. */
const STAY = 20_000;

/** Puts the page into, and out of, wall mode as the address says, for as long as the calling component lives. */
export function createWall(view: Pick<RoomView, 'wall' | 'setWall'>): void {
  const root = document.documentElement;
  createEffect(() => {
    if (!view.wall()) return;
    root.dataset.wall = '';
    const still = window.matchMedia('(prefers-reduced-motion: reduce)');
    const turn = (): void => {
      const [height, at, whole] = [window.innerHeight, window.scrollY, root.scrollHeight];
      if (whole <= height * 1.05) return;
      const next = at + height >= whole - 8 ? 0 : Math.min(at + height * 0.9, whole - height);
      window.scrollTo({ top: next, behavior: still.matches ? 'auto' : 'smooth' });
    };
    const turning = setInterval(turn, STAY);
    const onKey = ({ key }: KeyboardEvent): void => {
      if (key === 'Escape' && !document.fullscreenElement) view.setWall(false);
    };
    window.addEventListener('keydown', onKey);
    onCleanup(() => {
      delete root.dataset.wall;
      clearInterval(turning);
      window.removeEventListener('keydown', onKey);
    });
  });
}
