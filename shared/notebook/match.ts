/**
 * Finds which cells of two versions of a notebook are the same cell. Ids decide where they agree; cells whose ids are
 * missing or changed are matched by what they say. A match is never a guess below half alike.
 */
import type { FileCell } from './format.ts';

/** Least similarity (0…1) at which two cells with different ids count as one cell. */
const ALIKE = 0.5;
/** Most pairs compared for similarity; beyond it only equal cells are matched. */
const PAIRS = 40_000;

/** For each cell of `theirs` the id of the `base` cell it is, or null when it is new. */
export function matchCells(base: readonly FileCell[], theirs: readonly FileCell[]): (string | null)[] {
  const byId = new Map(base.map((cell) => [cell.id, cell]));
  const free = new Map(byId);
  const found = theirs.map((cell): string | null => (free.delete(cell.id) ? cell.id : null));
  const open = () => theirs.flatMap((cell, index) => (found[index] === null ? [{ cell, index }] : []));
  const take = (index: number, id: string) => {
    found[index] = id;
    free.delete(id);
  };
  for (const { cell, index } of open()) {
    const neighbour = found[index - 1];
    const follower = neighbour ? base[base.findIndex(({ id }) => id === neighbour) + 1] : base[0];
    const equal = (other: FileCell) => other.cell_type === cell.cell_type && other.source === cell.source;
    const match = follower && free.has(follower.id) && equal(follower) ? follower : [...free.values()].find(equal);
    if (match) take(index, match.id);
  }
  const rest = open();
  if (rest.length * free.size > PAIRS) return found;
  const pairs = rest.flatMap(({ cell, index }) =>
    [...free.values()].map((other) => ({ index, id: other.id, score: likeness(other, cell) })),
  );
  for (const { index, id, score } of pairs.sort((a, b) => b.score - a.score)) {
    if (score >= ALIKE && found[index] === null && free.has(id)) take(index, id);
  }
  return found;
}

/** Dice coefficient over words (with their repetitions); 0 for two texts without words. */
function likeness(a: FileCell, b: FileCell): number {
  const count = words(a.source);
  const other = words(b.source);
  let [shared, total] = [0, 0];
  for (const [word, times] of count) {
    shared += Math.min(times, other.get(word) ?? 0);
    total += times;
  }
  for (const times of other.values()) total += times;
  return total === 0 ? 0 : (2 * shared) / total;
}

function words(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [word] of text.matchAll(/[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu))
    counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
