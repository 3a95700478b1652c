/**
 * Who wrote which line of a text: each character is by whoever brought it into the document first, and a line is by whoever
 * wrote most of it. What came from the file, or from a program, is nobody's.
 */
import * as Y from 'yjs';
import type { Returned } from '../documents/moves.ts';

/** Lines `from`…`to`, 1-based and both included; `person` is an id. */
export interface LinesBy {
  from: number;
  to: number;
  person: string | null;
}

/** Stretches of lines by one person each, from top to bottom; an empty text has none. */
export function linesOf(text: Y.Text, people: ReadonlyMap<number, string>, returned: readonly Returned[]): LinesBy[] {
  const origins = Map.groupBy(returned, ({ client }) => client);
  const lines: LinesBy[] = [];
  let line = 0;
  let shares = new Map<string | null, number>();
  const end = (): void => {
    line++;
    let best: [string | null, number] = [null, 0];
    // Of equal shares the later writer's counts: the line reads as they left it.
    for (const share of shares) if (share[1] >= best[1]) best = share;
    const last = lines.at(-1);
    if (last && last.person === best[0]) last.to = line;
    else lines.push({ from: line, to: line, person: best[0] });
    shares = new Map();
  };
  let open = false;
  for (let item = text._start; item; item = item.right) {
    if (item.deleted || !(item.content instanceof Y.ContentString)) continue;
    const { str } = item.content;
    for (let at = 0; at < str.length; ) {
      const { client, left } = originOf(origins, item.id.client, item.id.clock + at);
      const person = people.get(client) ?? null;
      const until = Math.min(str.length, at + left);
      for (; at < until; at++) {
        const letter = str[at] ?? '';
        // A line break or a blank alone says who made an empty line, but does not outweigh words.
        shares.set(person, (shares.get(person) ?? 0) + (/\s/.test(letter) ? 0.01 : 1));
        open = letter !== '\n';
        if (!open) end();
      }
    }
  }
  if (open) end();
  return lines;
}

/** The client that first wrote the character, through all its returns, and for how many characters that holds at least. */
function originOf(
  origins: ReadonlyMap<number, readonly Returned[]>,
  client: number,
  clock: number,
): { client: number; left: number } {
  let left = Number.POSITIVE_INFINITY;
  const seen = new Set<Returned>();
  for (;;) {
    const all = origins.get(client) ?? [];
    const run = all.find((one) => one.clock <= clock && clock < one.clock + one.length);
    if (!run || seen.has(run)) {
      const next = Math.min(...all.map((one) => one.clock).filter((start) => start > clock));
      return { client, left: Math.max(1, Math.min(left, next - clock)) };
    }
    seen.add(run);
    left = Math.min(left, run.clock + run.length - clock);
    [client, clock] = [run.fromClient, run.fromClock + (clock - run.clock)];
  }
}
