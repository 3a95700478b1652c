/** Which of what was run a client asks to see with a `history_request`, and how it is told. */
import type { Json } from './messages.ts';

/** One input of a kernel. */
export interface HistoryLine {
  /** The number beside the cell. */
  count: number;
  input: string;
  /** `text/plain` of the result; null: it had none, or nobody kept it. */
  output: string | null;
}

/** The one session that a kernel has. */
const SESSION = 1;
/** Longest pattern that is looked for: a longer one finds nothing. */
const LONGEST_PATTERN = 200;

type Entry = [session: number, line: number, input: string | [input: string, output: string | null]];

/**
 * Content of the `history_reply` to a request: a range of lines, those that fit a pattern, or the newest.
 * @param lines all that is remembered, oldest first
 */
export function historyReply(lines: readonly HistoryLine[], request: Json): Json {
  const told = chosen(lines, request).map(
    ({ count, input, output }): Entry => [SESSION, count, request.output === true ? [input, output] : input],
  );
  return { status: 'ok', history: told };
}

function chosen(lines: readonly HistoryLine[], request: Json): readonly HistoryLine[] {
  const { hist_access_type: access, session = 0, start, stop, n, pattern, unique } = request;
  switch (access) {
    case 'range': {
      // 0 is this session; any other is a session of the past, of which there is none.
      if (session !== 0 && session !== SESSION) return [];
      const from = number(start) ?? 0;
      const to = number(stop) ?? Number.POSITIVE_INFINITY;
      return lines.filter(({ count }) => count >= from && count < to);
    }
    case 'search': {
      const wanted = typeof pattern === 'string' ? pattern : '*';
      const found = lines.filter(({ input }) => matches(input, wanted));
      return newest(unique === true ? latestOfEach(found) : found, number(n));
    }
    default:
      return newest(lines, number(n));
  }
}

const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

const newest = (lines: readonly HistoryLine[], n: number | undefined): readonly HistoryLine[] =>
  n === undefined ? lines : n <= 0 ? [] : lines.slice(-n);

/** One line for each input: the last. */
const latestOfEach = (lines: readonly HistoryLine[]): HistoryLine[] =>
  [...new Map(lines.map((line, at) => [line.input, { line, at }])).values()]
    .sort((a, b) => a.at - b.at)
    .map(({ line }) => line);

/**
 * Whether a text fits a pattern of SQLite's GLOB, which IPython uses: `*` and `?` stand for anything and for one character.
 * No regular expression: a client could send one that never comes to an end.
 */
function matches(text: string, pattern: string): boolean {
  const wanted = [...pattern];
  if (wanted.length > LONGEST_PATTERN) return false;
  const given = [...text];
  let [at, want] = [0, 0];
  /** Where to go on if what follows the last `*` does not fit: that has taken in one character more. */
  let back: { at: number; want: number } | undefined;
  while (at < given.length) {
    if (wanted[want] === '*') back = { at, want: ++want };
    else if (want < wanted.length && (wanted[want] === '?' || wanted[want] === given[at])) {
      at++;
      want++;
    } else if (back) {
      at = ++back.at;
      want = back.want;
    } else return false;
  }
  while (wanted[want] === '*') want++;
  return want === wanted.length;
}
