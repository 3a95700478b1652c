/**
 * Batches as plain numbers on their way to a training step. They are prepared off the main thread and become tensors
 * only when their step is due. Epoch, seed and batch number say everything about a batch, so that training can go on
 * in the middle of an epoch exactly as if it had never stopped.
 */

/** Numbers with a shape, row-major. `bool` holds 0 and 1. */
export type HostArray =
  | { dtype: 'float32'; shape: readonly number[]; values: Float32Array }
  | { dtype: 'int32'; shape: readonly number[]; values: Int32Array }
  | { dtype: 'bool'; shape: readonly number[]; values: Uint8Array };

/** Some examples. First dimensions are all the number of examples. */
export interface HostBatch {
  /** Number within its epoch, from 0. */
  index: number;
  /** Number of examples. */
  size: number;
  inputs: readonly HostArray[];
  targets: readonly HostArray[];
  /** How much each example counts, `[size]`; all the same when absent. */
  weights?: HostArray;
}

/** Where an epoch begins. */
export interface EpochOptions {
  /** From 0; decides the shuffle together with the seed. */
  epoch: number;
  seed: number;
  /** Number of the first batch wanted; 0 when not given. */
  from?: number;
  /**
   * The reader is done with a batch once it asks for the next: the arrays may then be filled anew. Without it each batch
   * lies in memory of its own, which V8 clears away by going through its whole heap every few batches.
   */
  lent?: boolean;
}

/** A data set cut into batches, to be gone through any number of times. */
export interface BatchSource {
  /** Examples in an epoch; undefined when only reading to the end will tell. */
  readonly examples: number | undefined;
  readonly batchSize: number;
  /** Batches in an epoch; undefined as for {@link examples}. */
  readonly batches: number | undefined;
  /** Shapes of one example: without the batch dimension. */
  readonly inputs: readonly { shape: readonly number[]; dtype: HostArray['dtype'] }[];
  readonly targets: readonly { shape: readonly number[]; dtype: HostArray['dtype'] }[];
  /** The same options give the same batches. Leaving the loop early frees what was prepared. */
  epoch(options: EpochOptions): AsyncIterable<HostBatch>;
  /** SHA-256, in hex, of the content of all that the data were read from and how they were prepared. */
  hash(): Promise<string>;
}
