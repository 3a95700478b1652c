/** Between a run and its checkpoints: what goes into one, and how a run is put back to where one was made. */
import type { Variable } from '@tensorflow/tfjs';
import type { TensorFlow } from '../../../backend/tensorflow.ts';
import type { OptimizerState, TrainStep } from '../../compile/contract.ts';
import type { BatchSource, HostArray } from '../../data/source.ts';
import type { Averages } from '../average.ts';
import type { LoopState, Plan } from '../loop.ts';
import type { CheckpointOptions } from '../options.ts';
import type { Run } from '../run.ts';
import { copyIn, copyOut } from '../weights.ts';
import { CheckpointFolder, type Loaded, load } from './folder.ts';

/** What is put back. */
interface Restored {
  state: LoopState;
  rate: number;
  best: readonly HostArray[] | undefined;
}

/** What training holds that a checkpoint knows of. */
interface Held {
  weights: readonly Variable[];
  step: TrainStep;
  averages: Averages | undefined;
}

/** The keeper of a run's checkpoints. @throws RangeError for a number that makes no sense */
export function keeperOf(given: string | CheckpointOptions): Keeper {
  const options = typeof given === 'string' ? { folder: given } : given;
  const { everyEpochs, everySteps, everyMinutes, keep = 2, keepBest = 1 } = options;
  const least = { everyEpochs, everySteps, keep };
  for (const [name, value] of Object.entries(least)) {
    if (value === undefined || (Number.isInteger(value) && value >= 1)) continue;
    throw new RangeError(`checkpoints: ${name} is ${value}; give a whole number from 1`);
  }
  if (!(Number.isInteger(keepBest) && keepBest >= 0)) {
    throw new RangeError(`checkpoints: keepBest is ${keepBest}; give a whole number from 0`);
  }
  if (everyMinutes !== undefined && !(everyMinutes > 0)) {
    throw new RangeError(`checkpoints: everyMinutes is ${everyMinutes}; give a number above 0`);
  }
  const silent = everyEpochs === undefined && everySteps === undefined && everyMinutes === undefined;
  return new Keeper(options.folder, new CheckpointFolder(options.folder, keep, keepBest), {
    everyEpochs: silent ? 1 : everyEpochs,
    everySteps,
    everyMs: everyMinutes === undefined ? undefined : everyMinutes * 60_000,
  });
}

class Keeper {
  /** Where they are. */
  readonly folder: string;
  readonly plan: NonNullable<Plan['checkpoints']>;
  /** The newest that was written or gone on from. */
  newest: string | undefined;
  readonly #folder: CheckpointFolder;
  #data = '';

  constructor(folder: string, files: CheckpointFolder, plan: NonNullable<Plan['checkpoints']>) {
    this.folder = folder;
    this.#folder = files;
    this.plan = plan;
  }

  /** A run from the beginning. */
  begin(): Promise<void> {
    return this.#folder.begin();
  }

  /** SHA-256 of the training data, in hex; empty before it is known. */
  get data(): string {
    return this.#data;
  }

  /** What to go on from: the checkpoint at `path`, or the newest in the folder. */
  async find(path: string | undefined): Promise<Loaded | undefined> {
    const found = path === undefined ? await this.#folder.newest((note) => console.warn(note)) : await load(path);
    if (path !== undefined) await this.#folder.begin();
    this.newest = found?.path;
    return found;
  }

  /** Takes note of the data, and says when they are not those that `resumed` learnt from. */
  async knowData(source: BatchSource, resumed: Loaded | undefined): Promise<void> {
    this.#data = await source.hash();
    if (!resumed || resumed.header.data === this.#data) return;
    console.warn(
      `${resumed.path}: its run learnt from other data, or in other batches; what follows is not what it would have been`,
    );
  }

  async save(run: Run, rate: number): Promise<string> {
    const { weights, step, averages, plan, seed } = run.parts;
    const { savedAt: _, ...state } = run.state;
    const optimizer = await step.state();
    const nameOf = new Map(weights.map((variable) => [variable, variable.name]));
    const trained = step.trained.map((variable) => nameOf.get(variable) ?? variable.name);
    const tensors = new Map<string, HostArray>();
    const add = (prefix: string, names: readonly string[], arrays: readonly (HostArray | undefined)[]): void => {
      for (const [index, array] of arrays.entries()) if (array) tensors.set(`${prefix}${names[index]}`, array);
    };
    const flat = (values: Float32Array, index: number): HostArray => {
      return { dtype: 'float32', shape: step.trained[index]?.shape ?? [values.length], values };
    };
    const names = [...nameOf.values()];
    add('', names, await copyOut(weights));
    const slots = optimizer.slots[0]?.length ?? 0;
    for (let slot = 0; slot < slots; slot++) {
      const vectors = optimizer.slots.map((each, index) => flat(each[slot] ?? new Float32Array(0), index));
      add(`optimizer.${slot}.`, trained, vectors);
    }
    add('gathered.', trained, optimizer.gathered?.gradients.map(flat) ?? []);
    add('average.', trained, (await averages?.numbers()) ?? []);
    add('best.', names, run.best ?? []);
    const { key, direction } = plan.monitor;
    const value = state.batch === 0 ? (state.history.at(-1)?.[key] ?? null) : null;
    this.newest = await this.#folder.write({
      header: {
        format: 1,
        at: Date.now(),
        seed,
        weights: names,
        trained,
        state: { ...state, history: [...state.history], sums: { ...state.sums } },
        optimizer: {
          kind: optimizer.kind,
          updates: optimizer.updates,
          slots,
          gathered: optimizer.gathered?.calls ?? null,
        },
        rate,
        averages: averages !== undefined,
        best: run.best !== undefined,
        monitor: { key, direction, value },
        data: this.#data,
      },
      tensors,
    });
    return this.newest;
  }

  /** @throws Error when the checkpoint is of another model or another optimizer */
  async restore(tf: TensorFlow, { header, tensors, path }: Loaded, held: Held): Promise<Restored> {
    const { weights, step, averages } = held;
    const arrays = header.weights.map((name) => tensors.get(name));
    fits(path, 'weights', header.weights, arrays, weights);
    const named = (prefix: string, names: readonly string[]): HostArray[] =>
      names.map((name) => {
        const array = tensors.get(`${prefix}${name}`);
        if (array) return array;
        throw new Error(`${path}: there is no ${prefix}${name} in it`);
      });
    const whole = named('', header.weights);
    const { kind, updates, slots, gathered } = header.optimizer;
    const { trained } = header;
    fits(path, 'trained weights', trained, named('', trained), step.trained);
    const vectors = Array.from({ length: slots }, (_, slot) => named(`optimizer.${slot}.`, trained).map(floats));
    const state = {
      updates,
      slots: trained.map((_, index) => vectors.map((each) => each[index] ?? new Float32Array(0))),
      ...(gathered === null
        ? {}
        : { gathered: { calls: gathered, gradients: named('gathered.', trained).map(floats) } }),
    };
    restoreStep(path, step, kind, state);
    copyIn(tf, weights, whole);
    if (averages) {
      if (!header.averages) throw new Error(`${path}: its run kept no moving averages; leave ema out to go on`);
      averages.restore(named('average.', trained));
    }
    return {
      state: { ...header.state, savedAt: 0 },
      rate: header.rate,
      best: header.best ? named('best.', header.weights) : undefined,
    };
  }
}

const KINDS = ['sgd', 'momentum', 'rmsprop', 'adagrad', 'adadelta', 'adam', 'adamw', 'adamax', 'lion'] as const;

function restoreStep(path: string, step: TrainStep, kind: string, state: Omit<OptimizerState, 'kind'>): void {
  const known = KINDS.find((one) => one === kind);
  if (!known) throw new Error(`${path}: there is no optimizer "${kind}" here`);
  try {
    step.restore({ kind: known, ...state });
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : error}`);
  }
}

const floats = ({ values }: HostArray): Float32Array => new Float32Array(values);

/** @throws Error that names the first weight that is not the same, and both shapes */
function fits(
  path: string,
  what: string,
  names: readonly string[],
  arrays: readonly (HostArray | undefined)[],
  variables: readonly Variable[],
): void {
  for (const [index, variable] of variables.entries()) {
    const [name, array] = [names[index], arrays[index]];
    const mine = `${variable.name}, ${spell(variable.shape)}`;
    if (name === undefined || !array) {
      throw new Error(`${path} is of another model: it has ${names.length} ${what}, and this model also has ${mine}`);
    }
    if (spell(array.shape) === spell(variable.shape)) continue;
    throw new Error(`${path} is of another model: its weight ${name}, ${spell(array.shape)}, is here ${mine}`);
  }
  if (names.length > variables.length) {
    const [name, array] = [names[variables.length], arrays[variables.length]];
    throw new Error(
      `${path} is of another model: it also has ${name}, ${spell(array?.shape ?? [])}, which this model has not`,
    );
  }
}

const spell = (shape: readonly number[]): string => `[${shape.join(', ')}]`;
