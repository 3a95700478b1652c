/** A data set cut into batches: what `fit` and loops of one's own go through, epoch after epoch. */
import type { BatchSource, EpochOptions, HostBatch } from '../source.ts';
import { augmenters } from './augment.ts';
import { checkSeed } from './chance.ts';
import { applyMap, type ExampleFunction } from './example.ts';
import { hashPlan } from './hash.ts';
import { type Augment, type BatchPlan, type FieldShape, sizeOf } from './plan.ts';
import { prefetch } from './prefetch.ts';
import { mapRandom, prepareEpoch } from './prepare.ts';

/** How to cut a data set into batches. */
export interface BatchOptions {
  /** Examples in a batch; 32 when not given. */
  batchSize?: number;
  /**
   * Another order in each epoch; false when not given. A stream cannot be mixed as a whole: it is mixed within a window
   * of 10,000 examples, or as many as `{ window }` says.
   */
  shuffle?: boolean | { window: number };
  /** Changes inputs by chance; for training only. */
  augment?: Augment;
  /** Leaves out a last batch that is smaller than the others; false when not given. */
  dropLast?: boolean;
  /**
   * Where batches are prepared. When not given: in a thread of its own, except for batches so small that preparing one
   * costs less than passing it on. The batches are the same.
   */
  thread?: 'main' | 'worker';
}

/** A user's function that stays on the main thread, and the shapes that it gives. */
export interface MainMap {
  change: ExampleFunction;
  inputs: readonly FieldShape[];
  targets: readonly FieldShape[];
}

/** Values of a batch up to which it is prepared where it is needed. */
const SMALL_BATCH = 16_384;
/** Examples up to which an order is drawn up on the main thread. */
const SMALL_ORDER = 1_000_000;
const WINDOW = 10_000;

/** See {@link BatchSource}. */
export class Batches implements BatchSource {
  readonly examples: number | undefined;
  readonly batchSize: number;
  readonly batches: number | undefined;
  readonly inputs: readonly FieldShape[];
  readonly targets: readonly FieldShape[];
  readonly #plan: BatchPlan;
  readonly #maps: readonly MainMap[];
  readonly #thread: 'main' | 'worker';

  /** @throws RangeError for options that make no sense, or that do not fit the examples */
  constructor(
    plan: Omit<BatchPlan, 'order' | 'batchSize' | 'dropLast' | 'augment'>,
    count: number | undefined,
    maps: readonly MainMap[],
    options: BatchOptions,
  ) {
    const { batchSize = 32, dropLast = false, shuffle = false, augment } = options;
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new RangeError(`batches({ batchSize: ${batchSize} }): give a whole number from 1 on`);
    }
    if (count === 0) throw new RangeError('batches(): the data set is empty; there is nothing to train on');
    if (dropLast && count !== undefined && count < batchSize) {
      throw new RangeError(
        `batches({ batchSize: ${batchSize}, dropLast: true }): the data set has ${count} examples, so no batch would be left`,
      );
    }
    if (augment) augmenters(augment, plan.examples.inputs);
    this.#plan = {
      ...plan,
      batchSize,
      dropLast,
      order: orderOf(plan.examples.kind, shuffle),
      ...(augment ? { augment } : {}),
    };
    this.#maps = maps;
    this.examples = count;
    this.batchSize = batchSize;
    this.batches = count === undefined ? undefined : Math[dropLast ? 'floor' : 'ceil'](count / batchSize);
    const given = maps.at(-1) ?? plan.maps.at(-1) ?? plan.examples;
    this.inputs = given.inputs.map(shapeOf);
    this.targets = given.targets.map(shapeOf);
    this.#thread = options.thread ?? (isSmall(this.#plan) ? 'main' : 'worker');
  }

  async *epoch(options: EpochOptions): AsyncGenerator<HostBatch, void> {
    checkSeed(options.seed);
    const { epoch, from = 0 } = options;
    for (const [name, value] of Object.entries({ epoch, from })) {
      if (!Number.isInteger(value) || value < 0) {
        throw new RangeError(`epoch({ ${name}: ${value} }): give a whole number from 0 on`);
      }
    }
    // A function of the notebook's may keep what it was given.
    const lent = options.lent === true && this.#maps.length === 0;
    const prepared =
      this.#thread === 'main' ? prepareEpoch(this.#plan, options) : prefetch(this.#plan, { ...options, lent });
    const random = mapRandom(options);
    for await (const { batch, numbers } of prepared) {
      let changed = batch;
      for (const { change, ...shapes } of this.#maps) changed = applyMap(changed, numbers, change, shapes, random);
      yield changed;
    }
  }

  hash(): Promise<string> {
    const maps = this.#maps.map(({ change, ...shapes }) => ({ source: String(change), ...shapes }));
    return hashPlan({ plan: this.#plan, maps });
  }
}

const shapeOf = ({ shape, dtype }: FieldShape): FieldShape => ({ shape, dtype });

function orderOf(
  kind: BatchPlan['examples']['kind'],
  shuffle: NonNullable<BatchOptions['shuffle']>,
): BatchPlan['order'] {
  if (shuffle === false) return { kind: 'stored' };
  if (shuffle === true) return kind === 'indexed' ? { kind: 'shuffled' } : { kind: 'window', size: WINDOW };
  const { window } = shuffle;
  if (!Number.isInteger(window) || window < 1) {
    throw new RangeError(`batches({ shuffle: { window: ${window} } }): give a whole number from 1 on`);
  }
  // Whatever can be read in any order is mixed as a whole.
  return kind === 'indexed' ? { kind: 'shuffled' } : { kind: 'window', size: window };
}

function isSmall({ examples, batchSize, augment, maps }: BatchPlan): boolean {
  if (examples.kind !== 'indexed' || augment || maps.length > 0) return false;
  const fields = [...examples.inputs, ...examples.targets];
  const values = fields.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return (
    fields.every(({ stored }) => stored.kind === 'memory') &&
    values * batchSize <= SMALL_BATCH &&
    (examples.indices?.length ?? examples.stored) <= SMALL_ORDER
  );
}
