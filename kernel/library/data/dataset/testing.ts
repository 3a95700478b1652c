/** For tests: batches of an epoch, and what is in them. */
import type { BatchSource, EpochOptions, HostBatch } from '../source.ts';

/** All batches of an epoch. */
export async function epochOf(source: BatchSource, options: EpochOptions): Promise<HostBatch[]> {
  const batches: HostBatch[] = [];
  for await (const batch of source.epoch(options)) batches.push(batch);
  return batches;
}

/** Numbers of the first target, in the order of the batches. */
export const targetsOf = (batches: readonly HostBatch[]): number[] =>
  batches.flatMap(({ targets }) => [...(targets[0]?.values ?? [])]);

export const sorted = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);
/** 0 to below `count`. */
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
