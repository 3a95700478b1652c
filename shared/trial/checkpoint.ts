/**
 * What a checkpoint says beside its numbers: enough to go on with training as if it had never stopped. It travels as
 * JSON in the header of a safetensors file, whose tensors are the weights (by their names), what the optimizer remembers
 * (`optimizer.0.name`), gradients gathered for the next update (`gathered.name`), moving averages (`average.name`) and
 * the best weights so far (`best.name`).
 */
import { z } from 'zod';
import { fromWire, WireNumber } from './points.ts';

/** A number that may be NaN or infinite. */
const figure = WireNumber.transform(fromWire);
const figures = z.record(z.string(), figure);
const count = z.number().int().nonnegative();

/** Where a run of training is. */
export const CheckpointState = z.object({
  epoch: count,
  batch: count,
  steps: count,
  examples: count,
  sums: figures,
  counted: count,
  history: z.array(figures.and(z.object({ loss: figure }))),
  best: z.object({ value: figure, epoch: count }).nullable(),
  waited: count,
  plateau: z.object({ scale: figure, best: figure.nullable(), waited: count }),
});

export const CheckpointHeader = z.object({
  /** Raised when the meaning of a field changes. */
  format: z.literal(1),
  /** ms since the epoch. */
  at: z.number(),
  /** All chance of the run follows from it, and from epoch, batch and step. */
  seed: count,
  /** Names of all weights, and of those trained, in the order of the model. */
  weights: z.array(z.string()),
  trained: z.array(z.string()),
  state: CheckpointState,
  optimizer: z.object({ kind: z.string(), updates: count, slots: count, gathered: count.nullable() }),
  /** The learning rate that the schedule is relative to. */
  rate: figure,
  averages: z.boolean(),
  best: z.boolean(),
  /** What the run is judged by, and how well it did at this point; null in the middle of an epoch. */
  monitor: z.object({ key: z.string(), direction: z.enum(['min', 'max']), value: figure.nullable() }),
  /** SHA-256 of the training data, in hex. */
  data: z.string(),
});
export type CheckpointHeader = z.infer<typeof CheckpointHeader>;

/** Text of a header: numbers that JSON does not know are spelled out. */
export const checkpointText = (header: CheckpointHeader): string =>
  JSON.stringify(header, (_key, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
