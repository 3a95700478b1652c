/** `fit`: trains a model on data, with all that surrounds the steps. */
import { prepareBackend } from '../../backend/choose.ts';
import { repeatFromNow } from '../../backend/compiled/threads.ts';
import { withinMemory } from '../../backend/guard/memory.ts';
import { loadTensorFlow, type TensorFlow } from '../../backend/tensorflow.ts';
import { compile } from '../compile/compile.ts';
import type { CompileOptions, Model } from '../compile/contract.ts';
import { checkSeed } from '../data/dataset/chance.ts';
import type { BatchSource } from '../data/source.ts';
import { ArraySource, checkBatchSize, type FitData, hold, inOrder, isBatchable, isSource, split } from './arrays.ts';
import { Averages } from './average.ts';
import { type Judge, judgeBy, judgeOf } from './evaluation.ts';
import { disposeIfInterrupted } from './interrupted.ts';
import { type Plan, START } from './loop.ts';
import type { FitOptions, FitResult } from './options.ts';
import { Report } from './report.ts';
import { Run } from './run.ts';
import { type Direction, rateOf, scheduleSpec } from './schedule.ts';
import { weightsOf } from './weights.ts';

/**
 * Trains a model. Compiled where that can be; obeys the trial it is given (pause, stop), and with checkpoints goes on
 * after a stop, or after a crash, with the very numbers of a run that never stopped.
 * @param data examples as tensors or arrays, `[inputs, targets]`, a data set, or a source of batches
 * @throws Error for data without examples, or that do not fit the model; for a name that does not exist (of a loss, an
 *   optimizer, a schedule, a figure to watch); for a checkpoint of another model
 * @throws RangeError for a number that makes no sense
 * @example
 * const { history } = await fit(model, [images, labels], {
 *   optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'],
 *   epochs: 20, batchSize: 128, validation: 0.1, seed: 42,
 *   schedule: { kind: 'cosine', warmup: 500 }, earlyStopping: 3,
 *   checkpoints: 'checkpoints/digits', resume: true,
 * });
 */
export async function fit(model: Model, data: FitData, options: FitOptions = {}): Promise<FitResult> {
  const { epochs = 1, ema, checkpoints } = options;
  if (!Number.isInteger(epochs) || epochs < 1) throw new RangeError(`epochs is ${epochs}: give a whole number from 1`);
  if (options.mixup !== undefined && !(options.mixup > 0)) {
    throw new RangeError(`mixup is ${options.mixup}: give an α above 0, or leave it out`);
  }
  if (options.seed !== undefined) checkSeed(options.seed);
  const tf = loadTensorFlow();
  await prepareBackend(tf);
  // Loaded when they are used: most of what imports the library trains without.
  const saving = checkpoints === undefined ? undefined : (await import('./checkpoint/keeper.ts')).keeperOf(checkpoints);
  const resumed = await resume(options, saving);
  if (resumed && options.seed !== undefined && options.seed !== resumed.header.seed) {
    throw new Error(
      `seed is ${options.seed}, and the checkpoint's run has the seed ${resumed.header.seed}: leave seed out to go on`,
    );
  }
  if (saving || resumed || options.seed !== undefined) repeatFromNow();
  const seed = resumed?.header.seed ?? options.seed ?? Math.floor(Math.random() * 2 ** 32);
  const { training, validation } = await sourcesOf(tf, data, options, seed);
  const compiling = compileOptions(tf, model, options);
  if (options.mixup !== undefined && /sparse/i.test(String(compiling.loss))) {
    throw new Error(
      `mixup needs targets that can be mixed, and ${compiling.loss} takes class numbers: give them one-hot`,
    );
  }
  if (training instanceof ArraySource && training.oneTarget && /crossentropy/i.test(String(compiling.loss))) {
    console.warn('All examples have the same target: a model learns nothing from them but that. Was the data sorted?');
  }
  const step = options.step ?? (await compile(model, required(compiling)));
  const averages = ema === undefined ? undefined : new Averages(tf, step.trained, ema);
  let judge: Judge | undefined;
  let leave = async (): Promise<void> => {};
  const done = disposeIfInterrupted(() => {
    leave().catch(() => {});
    averages?.dispose();
    judge?.dispose?.();
    if (!options.step) step.dispose();
  });
  try {
    if (validation) judge = await judgeFor(tf, model, options, compiling);
    const plan = planOf(options, epochs, validation !== undefined, saving?.plan);
    const weights = weightsOf(tf, model);
    const restored = resumed && saving ? await saving.restore(tf, resumed, { weights, step, averages }) : undefined;
    const baseRate = restored?.rate ?? step.learningRate;
    const perEpoch = training.batches === undefined ? undefined : training.batches / (options.accumulate ?? 1);
    const rate =
      options.schedule === undefined
        ? undefined
        : rateOf(options.schedule, {
            rate: baseRate,
            perEpoch,
            updates: perEpoch === undefined ? undefined : Math.max(1, Math.floor(perEpoch * epochs)),
          });
    const state = restored?.state ?? START;
    const { examples, batches } = training;
    const { trial, progress: shown = true } = options;
    const run = new Run(
      {
        tf,
        plan,
        step,
        source: training,
        validation: validation && judge && { source: validation, judge },
        weights,
        averages,
        rate,
        seed,
        report: new Report({ trial, shown, epochs, examples, batches, done: state.steps }),
        save: async (at) => {
          const path = await saving?.save(at, baseRate);
          if (path === undefined) return;
          trial?.checkpoint?.(path, saving?.data ? { data: saving.data } : {});
          for (const callback of options.callbacks ?? []) {
            await at.tell(callback.onCheckpoint?.({ path, step: at.state.steps }));
          }
        },
        options,
      },
      state,
      restored?.best,
    );
    leave = () => run.leave();
    if (saving && !restored) await saving.begin();
    if (saving) await saving.knowData(training, resumed);
    const ending = await withinMemory(
      model instanceof tf.LayersModel ? model : undefined,
      training.inputs.map(({ shape }) => shape),
      Math.min(training.batchSize, training.examples ?? training.batchSize),
      () => run.go(),
    );
    const { history, steps, epoch, best } = run.state;
    return {
      history,
      ending,
      epochs: epoch,
      steps,
      updates: step.updates,
      best: best ?? undefined,
      seed,
      checkpoint: saving?.newest,
      engine: step.engine,
      reason: step.reason,
    };
  } finally {
    done();
  }
}

type Saving = ReturnType<typeof import('./checkpoint/keeper.ts')['keeperOf']>;

async function resume({ resume: from, trial }: FitOptions, saving: Saving | undefined) {
  // A trial that ran before goes on from its own newest checkpoint, whatever else lies in the folder.
  const own = saving && trial?.goesOnFrom?.(saving.folder);
  if (own) return saving.find(own.path);
  if (!from) return undefined;
  if (!saving) throw new Error('resume needs `checkpoints`: the folder that they are in, and go to from now on');
  return saving.find(typeof from === 'string' ? from : undefined);
}

async function sourcesOf(
  tf: TensorFlow,
  data: FitData,
  { batchSize, validation, shuffle = true }: FitOptions,
  seed: number,
): Promise<{ training: BatchSource; validation: BatchSource | undefined }> {
  const size = batchSize ?? 32;
  checkBatchSize(size);
  const other =
    validation === undefined || typeof validation === 'number' ? undefined : await judged(tf, validation, size);
  if (isSource(data)) {
    if (batchSize !== undefined && batchSize !== data.batchSize) {
      throw new Error(
        `batchSize is ${batchSize}, and the source of batches has its own, ${data.batchSize}: leave it out`,
      );
    }
  }
  if (isSource(data) || isBatchable(data)) {
    if (typeof validation === 'number') {
      throw new Error(
        'a share for validation can be drawn from tensors and arrays only: split the data set, and give a part',
      );
    }
    return { training: isSource(data) ? data : data.batches({ batchSize: size, shuffle }), validation: other };
  }
  const share = typeof validation === 'number' ? validation : 0;
  const parts = split(await hold(tf, data, 'the data'), { batchSize: size, share, seed, shuffles: shuffle });
  return { training: parts.training, validation: other ?? parts.validation };
}

async function judged(tf: TensorFlow, data: FitData, batchSize: number): Promise<BatchSource> {
  if (isSource(data)) return data;
  if (isBatchable(data)) return data.batches({ batchSize, shuffle: false });
  return inOrder(await hold(tf, data, 'the validation data'), batchSize);
}

function planOf(options: FitOptions, epochs: number, validates: boolean, checkpoints: Plan['checkpoints']): Plan {
  const { monitor = validates ? 'val_loss' : 'loss', earlyStopping, schedule } = options;
  const early = typeof earlyStopping === 'number' ? { patience: earlyStopping } : earlyStopping;
  const { patience = 5, minDelta = 0, restoreBest = true } = early ?? {};
  if (!Number.isInteger(patience) || patience < 1) {
    throw new RangeError(`earlyStopping: patience is ${patience}; give a whole number of epochs, from 1`);
  }
  const spec = schedule === undefined || typeof schedule === 'function' ? undefined : scheduleSpec(schedule);
  return {
    epochs,
    validates,
    monitor: typeof monitor === 'string' ? { key: monitor, direction: directionOf(monitor) } : monitor,
    early: early && { patience, minDelta },
    restoreBest: early !== undefined && restoreBest,
    plateau: spec?.kind === 'plateau' ? spec : undefined,
    ...(checkpoints ? { checkpoints } : {}),
  };
}

const directionOf = (key: string): Direction => (/acc|auc|f1|precision|recall|r2/i.test(key) ? 'max' : 'min');

type Compiling = Partial<CompileOptions>;

/** Loss, optimizer and metrics: as given, or as `model.compile` has them. */
function compileOptions(tf: TensorFlow, model: Model, options: FitOptions): Compiling {
  const { optimizer = 'adam', loss, metrics, lossWeights, clipNorm, clipValue, accumulate, frozen } = options;
  const { compiled, checkNumbers } = options;
  const own =
    loss === undefined && model instanceof tf.LayersModel && typeof model.loss === 'string' ? model : undefined;
  const given: Compiling = {
    optimizer: options.optimizer === undefined && own ? own.optimizer : optimizer,
  };
  const aim = own ? namesOf(own.loss)[0] : loss;
  if (aim !== undefined) given.loss = aim;
  const measured = metrics ?? (own ? namesOf(own.metrics) : undefined);
  if (measured !== undefined) given.metrics = measured;
  if (lossWeights !== undefined) given.lossWeights = lossWeights;
  if (clipNorm !== undefined) given.clipNorm = clipNorm;
  if (clipValue !== undefined) given.clipValue = clipValue;
  if (accumulate !== undefined) given.accumulate = accumulate;
  if (frozen !== undefined) given.frozen = frozen;
  if (compiled !== undefined) given.compiled = compiled;
  if (checkNumbers !== undefined) given.checkNumbers = checkNumbers;
  return given;
}

const namesOf = (names: unknown): string[] => [names].flat().filter((name) => typeof name === 'string');

function required({ loss, optimizer = 'adam', ...rest }: Compiling): CompileOptions {
  if (loss === undefined) throw new Error("fit needs a loss, e.g. { loss: 'meanSquaredError' }");
  return { ...rest, loss, optimizer };
}

async function judgeFor(tf: TensorFlow, model: Model, { evaluate }: FitOptions, compiling: Compiling): Promise<Judge> {
  if (evaluate) return judgeBy(evaluate);
  const { loss } = compiling;
  if (loss === undefined)
    throw new Error('validation of a `step` of your own needs `evaluate` beside it, or its `loss`');
  return judgeOf(tf, model, { ...compiling, loss });
}
