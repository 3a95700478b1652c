/** Where rows of the table stand: group heads and trials, of which only those in sight are drawn. Pure. */

/** A line of the table: the head of a group, or the trial at this place of the answer. */
export type Line = { type: 'group'; group: number } | { type: 'trial'; at: number; group: number | null };

export interface Layout {
  lines: number;
  /** Height of all lines, in px. */
  height: number;
  lineAt(line: number): Line;
  /** Top of a line, in px. */
  topOf(line: number): number;
  /** Lines that touch the stretch from `from` to `to`, in px: first and last, inclusive; empty when last < first. */
  between(from: number, to: number): { first: number; last: number };
  /** The line of a trial; null while its group is folded. */
  lineOf(at: number): number | null;
}

export interface LayoutOptions {
  /** How many trials fit. */
  total: number;
  /** How many of each group, in order; null: no groups. */
  groups: readonly number[] | null;
  folded: (group: number) => boolean;
  rowHeight: number;
  groupHeight: number;
}

export function layoutOf({ total, groups, folded, rowHeight, groupHeight }: LayoutOptions): Layout {
  if (!groups) {
    return {
      lines: total,
      height: total * rowHeight,
      lineAt: (line) => ({ type: 'trial', at: line, group: null }),
      topOf: (line) => line * rowHeight,
      between: (from, to) => ({
        first: Math.max(0, Math.floor(from / rowHeight)),
        last: Math.min(total - 1, Math.floor(to / rowHeight)),
      }),
      lineOf: (at) => at,
    };
  }
  /** Of each group: its first line, the place of its first trial, its top, and how many trials are unfolded. */
  const starts: { line: number; at: number; top: number; open: number }[] = [];
  let [line, at, top] = [0, 0, 0];
  groups.forEach((count, group) => {
    const open = folded(group) ? 0 : count;
    starts.push({ line, at, top, open });
    line += 1 + open;
    at += count;
    top += groupHeight + open * rowHeight;
  });
  const lines = line;
  const groupBy = (of: 'line' | 'at' | 'top', value: number): number => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle]?.[of] ?? 0) <= value) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const startOf = (group: number) => starts[group] ?? { line: 0, at: 0, top: 0, open: 0 };
  const lineAtTop = (y: number): number => {
    const group = groupBy('top', y);
    const start = startOf(group);
    const inside = Math.floor((y - start.top - groupHeight) / rowHeight);
    return start.line + Math.max(0, Math.min(start.open, inside + 1));
  };
  return {
    lines,
    height: top,
    lineAt: (wanted) => {
      const group = groupBy('line', wanted);
      const start = startOf(group);
      if (wanted === start.line) return { type: 'group', group };
      return { type: 'trial', at: start.at + wanted - start.line - 1, group };
    },
    topOf: (wanted) => {
      const start = startOf(groupBy('line', wanted));
      return wanted === start.line ? start.top : start.top + groupHeight + (wanted - start.line - 1) * rowHeight;
    },
    between: (from, to) => ({
      first: lines === 0 ? 0 : lineAtTop(Math.max(0, from)),
      last: lines === 0 || to < 0 ? -1 : Math.min(lines - 1, lineAtTop(to)),
    }),
    lineOf: (wanted) => {
      const group = groupBy('at', wanted);
      const start = startOf(group);
      return start.open === 0 ? null : start.line + 1 + wanted - start.at;
    },
  };
}
