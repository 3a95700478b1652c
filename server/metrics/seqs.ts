/** Which batches of a trial are stored: for each source, the numbers seen, as stretches. */
import { z } from 'zod';

/** Stretches of numbers by source, each `[first, last]`, in order and apart. */
export const SeqsJson = z.record(z.string(), z.array(z.tuple([z.number(), z.number()])));
type Stretch = [first: number, last: number];

/** Kernels share the count with other messages, so numbers may be missing for good. */
export class Seqs {
  readonly #sources: Map<string, Stretch[]>;

  constructor(json: z.infer<typeof SeqsJson> = {}) {
    this.#sources = new Map(Object.entries(json).map(([source, list]) => [source, list.map(([a, b]) => [a, b])]));
  }

  has(source: string, seq: number): boolean {
    const list = this.#sources.get(source) ?? [];
    const found = list[after(list, seq) - 1];
    return found !== undefined && seq <= found[1];
  }

  add(source: string, seq: number): void {
    if (this.has(source, seq)) return;
    let list = this.#sources.get(source);
    if (!list) {
      list = [];
      this.#sources.set(source, list);
    }
    const place = after(list, seq);
    const before = list[place - 1];
    const next = list[place];
    if (before?.[1] === seq - 1) {
      before[1] = next?.[0] === seq + 1 ? next[1] : seq;
      if (next?.[0] === seq + 1) list.splice(place, 1);
    } else if (next?.[0] === seq + 1) next[0] = seq;
    else list.splice(place, 0, [seq, seq]);
  }

  /** Adds all numbers from 1 to `seq`. */
  addThrough(source: string, seq: number): void {
    if (seq < 1) return;
    const list = this.#sources.get(source) ?? [];
    const rest = list.filter(([first, last]) => last > seq && first > seq + 1);
    const last = Math.max(seq, ...list.filter(([first]) => first <= seq + 1).map(([, end]) => end));
    this.#sources.set(source, [[1, last], ...rest]);
  }

  toJSON(): z.infer<typeof SeqsJson> {
    return Object.fromEntries(this.#sources);
  }
}

/** Place of the first stretch that begins after `seq`. */
function after(list: readonly Stretch[], seq: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.[0] ?? 0) <= seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
