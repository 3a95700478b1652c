/** Which metrics a panel shows, as people write it: names and patterns, one a line or between commas. Pure. */

/** Most metrics that one panel draws; what is beyond is counted, not drawn. */
export const MOST_LINES = 100;

/**
 * The names among `keys` that are asked for, in the order asked; within a pattern in the order of `keys`. A name that is
 * there counts as itself whatever it holds; else `*` stands for any letters, `?` for one, and a leading `!` takes away.
 */
export function matching(wanted: readonly string[], keys: readonly string[]): string[] {
  const there = new Set(keys);
  const found = new Set<string>();
  for (const one of wanted) {
    if (there.has(one)) found.add(one);
    else if (one.startsWith('!')) for (const key of keys.filter(patternOf(one.slice(1)))) found.delete(key);
    else if (/[*?]/.test(one)) for (const key of keys.filter(patternOf(one))) found.add(key);
  }
  return [...found];
}

/** What a field holds, as a list. */
export const listed = (text: string): string[] =>
  text
    .split(/[\n,]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** Matches by walking, not by a regular expression: a pattern of many stars never takes long. */
function patternOf(pattern: string): (name: string) => boolean {
  return (name) => {
    let [at, from, star, resume] = [0, 0, -1, 0];
    while (at < name.length) {
      if (pattern[from] === '*') {
        star = from++;
        resume = at;
      } else if (from < pattern.length && (pattern[from] === '?' || pattern[from] === name[at])) {
        from++;
        at++;
      } else if (star >= 0) {
        from = star + 1;
        at = ++resume;
      } else return false;
    }
    while (pattern[from] === '*') from++;
    return from === pattern.length;
  };
}
