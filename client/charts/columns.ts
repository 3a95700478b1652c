/** Lines with steps of their own, put side by side on one x axis, as the plotting library wants them. */

/** All x values, ascending, each once. */
export function unionOf(lists: readonly (readonly number[])[]): number[] {
  const first = lists[0];
  if (first && lists.every((list) => list === first) && strictlyAscending(first)) return [...first];
  if (lists.some((list) => list.some((x, index) => index > 0 && x < (list[index - 1] ?? x))))
    return [...new Set(lists.flat())].sort((a, b) => a - b);
  return lists.reduce<number[]>((union, list) => merged(union, list), []);
}

/** Values at each x of the union; null where the line has none, or none that can be drawn. Of equal x the last counts. */
export function columnOf(
  union: readonly number[],
  xs: readonly number[],
  values: readonly number[],
  positiveOnly: boolean,
): (number | null)[] {
  const column = new Array<number | null>(union.length).fill(null);
  let at = 0;
  xs.forEach((x, index) => {
    while (at < union.length && (union[at] ?? x) < x) at++;
    const value = values[index];
    if (value !== undefined && Number.isFinite(value) && (!positiveOnly || value > 0)) column[at] = value;
  });
  return column;
}

/** Two ascending lists as one, each value once. */
function merged(one: readonly number[], other: readonly number[]): number[] {
  const union: number[] = [];
  let [at, beside] = [0, 0];
  while (at < one.length || beside < other.length) {
    const x = one[at] ?? Number.POSITIVE_INFINITY;
    const y = other[beside] ?? Number.POSITIVE_INFINITY;
    const next = Math.min(x, y);
    if (union.length === 0 || next !== union[union.length - 1]) union.push(next);
    if (x === next) at++;
    if (y === next) beside++;
  }
  return union;
}

const strictlyAscending = (xs: readonly number[]): boolean =>
  xs.every((x, index) => index === 0 || x > (xs[index - 1] ?? Number.NEGATIVE_INFINITY));
