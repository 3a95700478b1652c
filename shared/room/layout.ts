/**
 * Where panels lie. Nobody stores coordinates: what is stored is an order and sizes, and places follow from them, so that
 * two people who arrange at once can never lay one panel over another.
 */
import { COLUMNS, type Panel } from './panel.ts';

/** Where a panel lies, in columns and rows from the upper left corner. */
export interface Place {
  id: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

/**
 * Lays panels out in their order: each as high as it can stand without standing above the one before it, and there as far
 * left as it can. With fewer columns than a panel is wide, the panel gets all of them.
 */
export function layOut(panels: readonly Pick<Panel, 'id' | 'width' | 'height'>[], columns = COLUMNS): Place[] {
  const filled = new Array<number>(columns).fill(0);
  let top = 0;
  return panels.map(({ id, width: wanted, height }) => {
    const width = Math.min(wanted, columns);
    let best = { x: 0, y: Number.POSITIVE_INFINITY };
    for (let x = 0; x + width <= columns; x++) {
      const y = Math.max(top, ...filled.slice(x, x + width));
      if (y < best.y) best = { x, y };
    }
    top = best.y;
    filled.fill(best.y + height, best.x, best.x + width);
    return { id, ...best, width, height };
  });
}

/** Rows that all places take together. */
export const rowsOf = (places: readonly Place[]): number => Math.max(0, ...places.map(({ y, height }) => y + height));
