import { beforeAll, describe, expect, it } from 'vitest';
import { prepareBackend } from '../../backend/choose.ts';
import { loadTensorFlow, type TensorFlow } from '../../backend/tensorflow.ts';
import { type FitData, hold, inOrder } from './arrays.ts';
import { fit } from './fit.ts';
import { LINE, lineModel } from './going-on.ts';
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

function line(): ReturnType<typeof lineModel> {
  const made = lineModel(tf);
  keep(made.weight);
  return made;
}

describe('fit says what is wrong:', () => {
  const three = [[1], [2], [3]];
  const source = async (): Promise<FitData> => inOrder(await hold(tf, [three, three], 'the data'), 2);
  const cases: [string, () => FitData | Promise<FitData>, FitOptions, string][] = [
    [
      'no data',
      () => [keep(tf.zeros([0, 1])), keep(tf.zeros([0, 1]))],
      {},
      'the data: there are no examples in it; inputs are [0, 1]',
    ],
    ['a source without data', async () => ({ ...(await emptySource()) }), {}, 'the data hold no examples'],
    ['unequal lengths', () => [three, [[1], [2]]], {}, 'the data: 3 inputs and 2 targets'],
    ['texts', () => [[['a']], [['b']]], {}, 'the inputs of the data are string'],
    ['no batches', () => LINE, { batchSize: 0 }, 'batchSize is 0: give a whole number from 1'],
    ['half an epoch', () => LINE, { epochs: 0.5 }, 'epochs is 0.5'],
    ['a wrong seed', () => LINE, { seed: -1 }, 'seed -1'],
    ['another batch size', source, { batchSize: 7 }, 'the source of batches has its own, 2'],
    ['a share of a source', source, { validation: 0.5 }, 'split the data set'],
    ['a wrong share', () => LINE, { validation: 1.5 }, 'validation is 1.5'],
    ['too small a share', () => LINE, { validation: 0.01 }, 'leaves none on one side'],
    ['a decay beyond 1', () => LINE, { ema: 1 }, 'ema is 1: give a decay between 0 and 1'],
    ['no patience', () => LINE, { earlyStopping: 0 }, 'patience is 0'],
    ['a wrong mixing', () => LINE, { mixup: 0 }, 'mixup is 0'],
    [
      'mixed class numbers',
      () => [three, [0, 1, 0]],
      { mixup: 1, loss: 'sparseCategoricalCrossentropy' },
      'give them one-hot',
    ],
    ['mixed labels', () => [three, keep(tf.ones([3], 'int32'))], { mixup: 1 }, 'give them one-hot'],
    ['mixed whole numbers', () => [keep(tf.ones([3, 1], 'int32')), three], { mixup: 1 }, 'these are int32'],
    [
      'an unknown figure',
      () => LINE,
      { monitor: 'f1' },
      '"f1" is watched, and there is no such figure; there are loss',
    ],
  ];
  const emptySource = async (): Promise<FitData> => {
    const whole = inOrder(await hold(tf, [three, three], 'the data'), 2);
    return {
      batchSize: 2,
      batches: undefined,
      examples: undefined,
      inputs: whole.inputs,
      targets: whole.targets,
      hash: () => whole.hash(),
      async *epoch() {},
    };
  };

  it.each(cases)('%s', async (_what, data, options, message) => {
    const before = tf.memory().numTensors;
    const net = line();
    const given = await data();
    await expect(fit(net, given, { loss: 'meanSquaredError', progress: false, ...options })).rejects.toThrow(message);
    for (const thing of made.splice(0)) thing.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('no loss', async () => {
    await expect(fit(line(), LINE)).rejects.toThrow("fit needs a loss, e.g. { loss: 'meanSquaredError' }");
  });
});
