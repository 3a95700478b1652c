/** Names of trials where they stand beside lines: only what tells them apart. Pure. */

/** Longest of them, in characters. */
const MOST = 24;

/**
 * The names without the words that all of them share, shortened where they are still long; in the order given.
 * One name alone keeps all of its words, and so do names that nothing would be left of.
 */
export function shortNames(names: readonly string[]): string[] {
  const parts = names.map((name) => name.split(/(?<=[\s,/_-])/));
  const least = Math.min(...parts.map(({ length }) => length));
  let [first, last] = [0, 0];
  if (names.length > 1) {
    while (first < least - 1 && parts.every((words) => words[first] === parts[0]?.[first])) first++;
    while (last < least - 1 - first && parts.every((words) => words.at(-1 - last) === parts[0]?.at(-1 - last))) last++;
  }
  // Where all have as many words, those in between that all share go, too: `0.1, seed 2`, `0.01, seed 2` are told by figures.
  const inside = parts.every(({ length }) => length === least) && names.length > 1;
  const differs = (at: number): boolean => parts.some((words) => words[at] !== parts[0]?.[at]);
  const places = inside ? [...Array(least).keys()].filter(differs) : [];
  if (places.length > 1)
    return parts.map((words) => {
      const runs = places.map((at, nth) => (places[nth - 1] === at - 1 ? '' : '\0') + (words[at] ?? ''));
      return cut(runs.join('').split('\0').map(ended).filter(Boolean).join(', '));
    });
  // `seed 1` says more than `1`: of what all have in common, the last word before the difference stays.
  const from = Math.max(0, first - 1);
  return parts.map((words) => cut(words.slice(from, words.length - last).join('')));
}

const ended = (text: string): string => text.replace(/[\s,/_-]+$/, '');

function cut(text: string): string {
  const short = ended(text);
  return short.length > MOST ? `${short.slice(0, MOST - 1)}…` : short;
}
