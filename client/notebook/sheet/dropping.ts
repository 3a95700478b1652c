/** Where cells that are dragged would stand. */
import type { Notebook } from '../model.ts';

/**
 * The gap between cells that is nearest to `y`, in px from the top of the window.
 * @returns how many of the cells in sight are above it, and where it is
 */
export function dropAt({ mounting }: Pick<Notebook, 'mounting'>, y: number): { gap: number; y: number } {
  const box = mounting.at(y);
  if (!box) return { gap: 0, y };
  return y > (box.top + box.bottom) / 2 ? { gap: box.index + 1, y: box.bottom } : { gap: box.index, y: box.top };
}

/**
 * After which cell those in `moving` come to stand when they are let go in a gap. Pure.
 * @param shown ids in sight, from top to bottom
 * @returns null when they would stand where they are; `after` is null at the top
 */
export function leads(
  shown: readonly string[],
  moving: readonly string[],
  gap: number,
): { after: string | null } | null {
  const wanted = new Set(moving);
  const stays = (id: string): boolean => !wanted.has(id);
  const above = shown.slice(0, gap).filter(stays);
  const below = shown.slice(gap).filter(stays);
  const now = [...above, ...shown.filter((id) => wanted.has(id)), ...below];
  return now.every((id, index) => id === shown[index]) ? null : { after: above.at(-1) ?? null };
}
