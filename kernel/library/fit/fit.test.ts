import type { LayersModel, Tensor } from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { prepareBackend } from '../../backend/choose.ts';
import { loadTensorFlow, type TensorFlow } from '../../backend/tensorflow.ts';
import { compile } from '../compile/compile.ts';
import type { Figures, Trainable } from '../compile/contract.ts';
import { hold, inOrder } from './arrays.ts';
import { fit } from './fit.ts';
import { LINE, lineModel, smallData, smallModel } from './going-on.ts';
import type { FitOptions } from './options.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = loadTensorFlow();
  await prepareBackend(tf);
});
const made: { dispose(): unknown }[] = [];
const keep = <T extends { dispose(): unknown }>(thing: T): T => {
  made.push(thing);
  return thing;
};
afterEach(() => {
  for (const thing of made.splice(0)) thing.dispose();
});

const LOSS = { loss: 'categoricalCrossentropy', metrics: ['accuracy'], progress: false, seed: 3 } as const;
const model = (): LayersModel => keep(smallModel(tf));
const weightsOf = (of: LayersModel): number[] => of.getWeights().flatMap((weight) => Array.from(weight.dataSync()));
const plain = (): LayersModel =>
  keep(tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 3, kernelInitializer: 'ones' })] }));

function line(): ReturnType<typeof lineModel> {
  const made = lineModel(tf);
  keep(made.weight);
  return made;
}

describe('fit', () => {
  it('gives the curve and the weights of model.fit', async () => {
    const [x, y] = smallData();
    const [inputs, targets] = [keep(tf.tensor(x)), keep(tf.tensor(y))];
    const [mine, theirs] = [plain(), plain()];
    const options = { epochs: 3, batchSize: 16, shuffle: false };
    theirs.compile({ optimizer: tf.train.momentum(0.1, 0.9), loss: 'meanSquaredError' });
    const reference = await theirs.fit(inputs, targets, { ...options, verbose: 0 });
    mine.compile({ optimizer: tf.train.momentum(0.1, 0.9), loss: 'meanSquaredError' });
    const result = await fit(mine, [inputs, targets], { ...options, progress: false });
    for (const [epoch, figures] of result.history.entries()) {
      expect(figures.loss).toBeCloseTo(Number(reference.history.loss?.[epoch]), 5);
    }
    const wanted = weightsOf(theirs);
    for (const [index, weight] of weightsOf(mine).entries()) expect(weight).toBeCloseTo(wanted[index] ?? Number.NaN, 5);
    expect(result).toMatchObject({ ending: 'completed', epochs: 3, steps: 12, updates: 12 });
  });

  it('learns from arrays, tensors and sources of batches alike', async () => {
    const [inputs, targets] = smallData();
    const tensors: [Tensor, Tensor] = [keep(tf.tensor(inputs)), keep(tf.tensor(targets))];
    const options: FitOptions = { ...LOSS, batchSize: 8, epochs: 2, shuffle: false };
    const histories: unknown[] = [];
    for (const data of [[inputs, targets] as const, tensors, { inputs: [tensors[0]], targets: tensors[1] }]) {
      histories.push((await fit(model(), data, options)).history);
    }
    const source = inOrder(await hold(tf, tensors, 'the data'), 8);
    const { batchSize: _, ...rest } = options;
    histories.push((await fit(model(), source, rest)).history);
    for (const history of histories) expect(history).toEqual(histories[0]);
  });

  it('judges by examples it was given, or a share that it does not learn from', async () => {
    const seen: number[] = [];
    const [inputs, targets] = smallData();
    const { history } = await fit(model(), [inputs, targets], { ...LOSS, epochs: 2, validation: [inputs, targets] });
    expect(Object.keys(history[1] ?? {})).toEqual(['loss', 'accuracy', 'val_loss', 'val_accuracy']);
    const net = line();
    const watching: Trainable = {
      ...net,
      apply: (given, options) => {
        if (options.training) seen.push(...(given[0]?.dataSync() ?? []));
        return net.apply(given, options);
      },
    };
    const data = Array.from({ length: 20 }, (_, index) => [index]);
    const options = { loss: 'meanSquaredError', validation: 0.25, seed: 1, progress: false, compiled: false } as const;
    await fit(watching, [data, data], { ...options, epochs: 3 });
    expect(new Set(seen).size).toBe(15);
    expect(seen).toHaveLength(45);
    // By chance, in another order in each epoch.
    expect(seen.slice(0, 15)).not.toEqual(seen.slice(15, 30));
  });

  it('follows a schedule, and passes clipping and accumulation on', async () => {
    const rates: number[] = [];
    const net = line();
    const { updates } = await fit(net, LINE, {
      loss: 'meanSquaredError',
      optimizer: 'sgd',
      schedule: (update) => {
        rates.push(update);
        return update === 1 ? 0.5 : 0;
      },
      accumulate: 2,
      clipNorm: 1,
      batchSize: 1,
      epochs: 2,
      shuffle: false,
      progress: false,
    });
    expect(updates).toBe(4);
    expect(rates).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
    // The mean of the gradients is cut to a length of 1, and the first update moves by 0.5 of that.
    expect(net.weight.dataSync()[0]).toBeCloseTo(0.5, 6);
  });

  it('weighs examples by class and by themselves', async () => {
    const [inputs, targets] = smallData();
    const weights = targets.map((row) => (row[1] === 1 ? 4 : 1));
    const options: FitOptions = { ...LOSS, epochs: 2, batchSize: 10 };
    const byClass = await fit(model(), [inputs, targets], { ...options, classWeights: { 1: 4 } });
    const byExample = await fit(model(), { inputs, targets, weights }, options);
    const without = await fit(model(), [inputs, targets], options);
    expect(byClass.history).toEqual(byExample.history);
    expect(byClass.history).not.toEqual(without.history);
    const labels = targets.map((row) => row.indexOf(1));
    const sparse = await fit(model(), [inputs, labels], {
      ...options,
      loss: 'sparseCategoricalCrossentropy',
      classWeights: [1, 4, 1],
    });
    for (const [epoch, { loss }] of sparse.history.entries()) {
      expect(loss).toBeCloseTo(byClass.history[epoch]?.loss ?? Number.NaN, 4);
    }
  });

  it('judges and ends with moving averages, while training goes on with the weights themselves', async () => {
    const net = line();
    const [path, judged]: [number[], number[]] = [[], []];
    const read = (): number => net.weight.dataSync()[0] ?? Number.NaN;
    const result = await fit(net, LINE, {
      loss: 'meanSquaredError',
      optimizer: { kind: 'sgd', learningRate: 0.01 },
      ema: 0.5,
      batchSize: 4,
      epochs: 5,
      validation: LINE,
      progress: false,
      callbacks: [{ onStep: () => path.push(read()), onEpoch: ({ figures }) => judged.push(figures.val_loss ?? -1) }],
    });
    let average = 0;
    for (const [index, weight] of path.entries()) {
      average += (weight - average) * (1 - Math.min(0.5, (2 + index) / (11 + index)));
      // The mean of (2x - wx)² over 1 to 4.
      expect(judged[index]).toBeCloseTo(7.5 * (2 - average) ** 2, 3);
    }
    expect(read()).toBeCloseTo(average, 5);
    expect(read()).toBeLessThan(path.at(-1) ?? 0);
    expect(result.history).toHaveLength(5);
  });

  it('ends early, with the best weights', async () => {
    const net = line();
    const seen: number[] = [];
    const result = await fit(net, LINE, {
      loss: 'meanSquaredError',
      optimizer: 'sgd',
      // After the third update each one overshoots, further and further.
      schedule: (update) => (update <= 3 ? 0.01 : 0.14),
      batchSize: 4,
      epochs: 50,
      validation: LINE,
      earlyStopping: 2,
      progress: false,
      callbacks: [{ onEpoch: () => seen.push(net.weight.dataSync()[0] ?? 0) }],
    });
    expect(result).toMatchObject({ ending: 'early', epochs: 5, best: { epoch: 2 } });
    expect(net.weight.dataSync()[0]).toBe(seen[2]);
    expect(seen[4]).not.toBe(seen[2]);
  });

  it('uses a step that was compiled before, which stays the caller’s', async () => {
    const net = line();
    const step = keep(await compile(net, { loss: 'meanSquaredError', optimizer: 'adam' }));
    const evaluate = async (): Promise<Figures> => ({ loss: 7 });
    const first = await fit(net, LINE, { step, evaluate, validation: LINE, epochs: 2, progress: false });
    expect(first.history.map((figures) => figures.val_loss)).toEqual([7, 7]);
    expect(await fit(net, LINE, { step, progress: false })).toMatchObject({ updates: 3 });
    await expect(fit(net, LINE, { step, validation: LINE })).rejects.toThrow('needs `evaluate` beside it');
  });

  it('stops where a callback says so, not a step later', async () => {
    const options = { loss: 'meanSquaredError', batchSize: 2, epochs: 9, progress: false } as const;
    const stop = (at: number, now: number): string | undefined => (at === now ? 'stop' : undefined);
    const byStep = await fit(line(), LINE, { ...options, callbacks: [{ onStep: ({ step }) => stop(3, step) }] });
    expect(byStep).toMatchObject({ ending: 'stopped', steps: 3, epochs: 1 });
    const byEpoch = await fit(line(), LINE, { ...options, callbacks: [{ onEpoch: ({ epoch }) => stop(1, epoch) }] });
    expect(byEpoch).toMatchObject({ ending: 'stopped', steps: 4, epochs: 2 });
  });

  it('lets everything else have its turn', async () => {
    const ending = new AbortController();
    setTimeout(() => ending.abort(), 1);
    const result = await fit(line(), LINE, {
      loss: 'meanSquaredError',
      epochs: 1e9,
      signal: ending.signal,
      progress: false,
    });
    expect(result.ending).toBe('stopped');
  });

  it('leaves no tensor behind, however it ends', async () => {
    const net = smallModel(tf);
    const data = smallData();
    const options: FitOptions = { ...LOSS, batchSize: 8, validation: 0.2, ema: 0.9, earlyStopping: 2, mixup: 0.2 };
    const round = async (): Promise<void> => {
      await fit(net, data, { ...options, epochs: 2 });
      await fit(net, data, { ...options, epochs: 9, callbacks: [{ onStep: () => 'stop' }] });
      const fails = (): void => {
        throw new Error('no more');
      };
      await expect(fit(net, data, { ...options, callbacks: [{ onEpoch: fails }] })).rejects.toThrow('no more');
      await expect(fit(net, data, { ...options, monitor: 'val_f1' })).rejects.toThrow('"val_f1" is watched');
    };
    await round();
    const before = tf.memory();
    for (let count = 0; count < 2; count++) await round();
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numBytes).toBe(before.numBytes);
    net.dispose();
  });

  it('changes nothing for others who draw by chance', async () => {
    const random = Math.random;
    const drawn: (() => number)[] = [];
    await fit(model(), smallData(), { ...LOSS, callbacks: [{ onStep: () => drawn.push(Math.random) }] });
    expect(Math.random).toBe(random);
    expect(new Set(drawn)).toEqual(new Set([random]));
    // Two runs at once give what each gives alone.
    const alone = await fit(model(), smallData(), LOSS);
    const both = await Promise.all([1, 2].map(() => fit(model(), smallData(), LOSS)));
    for (const { history } of both) expect(history).toEqual(alone.history);
    expect(Math.random).toBe(random);
  });
});
