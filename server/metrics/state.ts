/**
 * What is known of a trial's metrics at one moment: their names, figures of each, what is folded, and the parts that are
 * not. The process that takes a trial's points holds one and lets it grow; others read one when they are asked.
 */

import { toWire } from '@trialroom/shared/trial/points';
import type { MetricKey } from '@trialroom/shared/trial/series';
import { z } from 'zod';
import { SHELF } from './entities.ts';
import type { Points } from './points.ts';
import type { Seqs } from './seqs.ts';

/** What a row of `point_parts` says beside its points. */
export const PartHead = z.object({
  /** Source and number of each batch in it. */
  batches: z.array(z.tuple([z.string(), z.number()])),
  /** Names of metrics that appear for the first time, in order. */
  fresh: z.array(z.string()),
  /** Metric and number of points of each set of columns in the payload; a metric may have several. */
  columns: z.array(z.tuple([z.number(), z.number()])),
});
export type PartHead = z.infer<typeof PartHead>;

/** Points that became durable together, by metric. */
export interface Part {
  part: number;
  head: PartHead;
  /** As many as `head.columns`, in its order. */
  columns: readonly Points[];
  count: number;
}

/** Figures of a metric, each a place in its row of {@link MetricsState}'s stats. */
export const STATS = 4;
const [COUNT, CHUNKS, LAST, LAST_STEP] = [0, 1, 2, 3];

/** Grown by {@link MetricsState.append}; a reader takes what it needs of it at once. */
export class MetricsState {
  readonly trial: string;
  readonly names: string[] = [];
  readonly places = new Map<string, number>();
  readonly seqs: Seqs;
  /** Letters of all names together. */
  letters = 0;
  /** Points of all metrics together. */
  points = 0;
  folded: number;
  part: number;
  /** Parts after `folded`. */
  tail: Part[] = [];
  tailPoints = 0;
  #stats = new Float64Array(STATS * SHELF);

  constructor(trial: string, folded: number, seqs: Seqs) {
    this.trial = trial;
    this.folded = folded;
    this.part = folded;
    this.seqs = seqs;
  }

  /** Takes a shelf as it was stored. */
  shelve(names: readonly string[], stats: Float64Array): void {
    const first = this.names.length;
    for (const name of names) this.#name(name);
    this.#stats.set(stats.subarray(0, names.length * STATS), first * STATS);
    for (let i = 0; i < names.length; i++) this.points += stats[i * STATS + COUNT] ?? 0;
  }

  /** Takes a part that was just stored, or was found stored. */
  append(part: Part): void {
    for (const name of part.head.fresh) this.#name(name);
    part.head.columns.forEach(([metric], i) => {
      const { steps, values } = part.columns[i] ?? { steps: [], values: [] };
      const row = metric * STATS;
      this.#stats[row + COUNT] = (this.#stats[row + COUNT] ?? 0) + steps.length;
      this.#stats[row + LAST] = values.at(-1) ?? Number.NaN;
      this.#stats[row + LAST_STEP] = steps.at(-1) ?? Number.NaN;
    });
    for (const [source, seq] of part.head.batches) this.seqs.add(source, seq);
    this.part = part.part;
    this.points += part.count;
    this.tail.push(part);
    this.tailPoints += part.count;
  }

  /** Parts up to `folded` are stored another way now; `chunks` says how many chunks a metric has. */
  fold(folded: number, chunks: ReadonlyMap<number, number>): void {
    this.tail = this.tail.filter(({ part }) => part > folded);
    this.tailPoints = this.tail.reduce((sum, { count }) => sum + count, 0);
    this.folded = folded;
    for (const [metric, count] of chunks) this.#stats[metric * STATS + CHUNKS] = count;
  }

  /** Points of a metric that are not folded, in the order they came. */
  unfolded(metric: number): Points[] {
    return this.tail.flatMap(({ head, columns }) => columns.filter((_, i) => head.columns[i]?.[0] === metric));
  }

  chunksOf(metric: number): number {
    return this.#stats[metric * STATS + CHUNKS] ?? 0;
  }

  countOf(metric: number): number {
    return this.#stats[metric * STATS + COUNT] ?? 0;
  }

  /** The row of a shelf as it is stored. */
  shelf(shelf: number): { names: string[]; stats: Float64Array } {
    const from = shelf * SHELF;
    const to = Math.min(from + SHELF, this.names.length);
    return { names: this.names.slice(from, to), stats: this.#stats.slice(from * STATS, to * STATS) };
  }

  key(metric: number): MetricKey {
    const row = metric * STATS;
    return {
      key: this.names[metric] ?? '',
      count: this.countOf(metric),
      last: toWire(this.#stats[row + LAST] ?? Number.NaN),
      lastStep: toWire(this.#stats[row + LAST_STEP] ?? Number.NaN),
    };
  }

  /** Every metric, in the order they appeared. */
  keys(): MetricKey[] {
    return this.names.map((_, metric) => this.key(metric));
  }

  #name(name: string): void {
    const place = this.names.length;
    this.places.set(name, place);
    this.names.push(name);
    this.letters += name.length;
    if ((place + 1) * STATS > this.#stats.length) {
      const larger = new Float64Array(this.#stats.length * 2);
      larger.set(this.#stats);
      this.#stats = larger;
    }
  }
}
