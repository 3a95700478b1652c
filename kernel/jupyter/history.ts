/** What was run in this kernel, for `history_request`. It lives as long as the process does. */
import type { Json } from '@trialroom/shared/jupyter/messages';

interface Line {
  count: number;
  input: string;
  /** `text/plain` of the result. */
  output: string | null;
}

/** The one session that a kernel has. */
const SESSION = 1;
/** Inputs kept; the oldest go first. */
const MOST = 2000;

type Entry = [session: number, line: number, input: string | [input: string, output: string | null]];

export class History {
  #lines: Line[] = [];

  add(count: number, input: string): void {
    this.#lines.push({ count, input, output: null });
    if (this.#lines.length > MOST) this.#lines.shift();
  }

  /** The result of what was added last under this count. */
  result(count: number, text: string): void {
    const line = this.#lines.findLast((one) => one.count === count);
    if (line) line.output = text;
  }

  /** The inputs of late, oldest first. */
  newest(most: number): Pick<Line, 'count' | 'input'>[] {
    return this.#lines.slice(-most);
  }

  /** Content of the `history_reply` to a request. */
  answer(request: Json): Json {
    return { status: 'ok', history: this.#chosen(request).map((line) => entry(line, request.output === true)) };
  }

  #chosen(request: Json): Line[] {
    const { hist_access_type: access, session = 0, start, stop, n, pattern, unique } = request;
    switch (access) {
      case 'range': {
        // 0 is this session; any other is a session of the past, of which there is none.
        if (session !== 0 && session !== SESSION) return [];
        const from = number(start) ?? 0;
        const to = number(stop) ?? Number.POSITIVE_INFINITY;
        return this.#lines.filter(({ count }) => count >= from && count < to);
      }
      case 'search': {
        const fits = glob(typeof pattern === 'string' ? pattern : '*');
        const found = this.#lines.filter(({ input }) => fits.test(input));
        const chosen = unique === true ? latestOfEach(found) : found;
        return newest(chosen, number(n));
      }
      default:
        return newest(this.#lines, number(n));
    }
  }
}

const entry = ({ count, input, output }: Line, withOutput: boolean): Entry => [
  SESSION,
  count,
  withOutput ? [input, output] : input,
];

const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
const newest = (lines: Line[], n: number | undefined): Line[] =>
  n === undefined ? lines : n <= 0 ? [] : lines.slice(-n);

/** One line for each input: the last. */
const latestOfEach = (lines: readonly Line[]): Line[] =>
  lines.filter(({ input }, index) => lines.findLastIndex((other) => other.input === input) === index);

/** As SQLite's GLOB, which IPython uses: `*` and `?` stand for anything and for one character. */
export const glob = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern.replace(/[\\^$.*+?()[\]{}|]/g, (sign) => (sign === '*' ? '[^]*' : sign === '?' ? '[^]' : `\\${sign}`))}$`,
    'u',
  );
