/** What somebody may have meant who named something that is not there. */
import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

/** Files beside a path that does not exist, whose names are most like it; none when the folder does not exist either. */
export async function likeNames(path: string): Promise<string[]> {
  try {
    return alike(basename(path), await readdir(dirname(path)));
  } catch {
    return [];
  }
}

/** At most three of `names` that differ from `wanted` by few letters, the nearest first. */
export function alike(wanted: string, names: readonly string[]): string[] {
  const most = Math.max(2, Math.floor(wanted.length / 3));
  return names
    .map((name) => ({ name, distance: distance(wanted.toLowerCase(), name.toLowerCase()) }))
    .filter((each) => each.distance <= most)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** Letters to insert, remove or replace to make one of the other (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
