/** What people get wrong, given to `fit` and its like, and what they read then. */
import type { LayersModel, Tensor } from '@tensorflow/tfjs';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadTensorFlow, type TensorFlow } from '../tensorflow.ts';
import { setAvailable } from './memory.ts';
import { guardTraining } from './training.ts';

let tf: TensorFlow;
let available = Number.POSITIVE_INFINITY;
const warnings: string[] = [];
beforeAll(async () => {
  tf = loadTensorFlow();
  await tf.setBackend('cpu');
  setAvailable(() => ({ bytes: available, place: 'this test' }));
  guardTraining(tf, (message) => void warnings.push(message));
});
beforeEach(() => {
  warnings.length = 0;
  available = Number.POSITIVE_INFINITY;
});

function dense(
  loss: string | ((target: Tensor, prediction: Tensor) => Tensor) = 'categoricalCrossentropy',
  units = 3,
): LayersModel {
  const model = tf.sequential({ layers: [tf.layers.dense({ units, inputShape: [4], name: `head${++heads}` })] });
  model.compile({ optimizer: 'sgd', loss });
  return model;
}
let heads = 0;
const x = (examples = 2): Tensor => tf.tidy(() => tf.linspace(0, 1, examples * 4).reshape([examples, 4]));
const oneHot = (...labels: number[]): Tensor => tf.oneHot(tf.tensor1d(labels, 'int32'), 3).toFloat();
/** What a person reads. */
const said = (work: () => unknown): Promise<string> =>
  Promise.resolve()
    .then(work)
    .then(
      () => 'nothing was refused',
      ({ message }) => message,
    );
const fit = (model: LayersModel, inputs: unknown, targets: unknown, options: object = {}): Promise<string> =>
  said(() => model.fit(Object(inputs), Object(targets), { epochs: 1, verbose: 0, ...options }));

describe('shapes', () => {
  it('of inputs are named with the layer that takes them, and a way out', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [8, 8, 1], name: 'eye' }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 3, name: 'answer' }),
      ],
    });
    model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
    const y = oneHot(0, 1);
    expect(await fit(model, tf.zeros([2, 64]), y)).toBe(
      'x is [2, 64], and the layer eye takes [batch, 8, 8, 1]. It has as many numbers: give x.reshape([2, 8, 8, 1])',
    );
    expect(await fit(model, tf.zeros([2, 8, 8]), y)).toMatch(
      /The axis of the channels is missing: give x\.expandDims\(-1\)/,
    );
    expect(await said(() => model.predict(tf.zeros([8, 8, 1])))).toMatch(
      /The axis of the examples is missing: give x\.expandDims\(0\)/,
    );
    expect(await fit(model, tf.zeros([2, 9, 8, 1]), y)).toBe(
      'x is [2, 9, 8, 1], and the layer eye takes [batch, 8, 8, 1]',
    );
    expect(await fit(model, tf.zeros([2, 8, 8, 1]), tf.zeros([2, 5]))).toBe(
      'y is [2, 5], and the layer answer gives [batch, 3]',
    );
    expect(await said(() => model.evaluate(tf.zeros([2, 8, 8, 1]), oneHot(1, 2, 0)))).toMatch(
      /x has 2 examples and y has 3 examples/,
    );
  });

  it('of targets say which loss they are for', async () => {
    expect(await fit(dense(), x(), tf.tensor1d([0, 1], 'int32'))).toMatch(
      /use the loss sparseCategoricalCrossentropy, or give tf\.oneHot\(y, 3\)/,
    );
    expect(await fit(dense('sparseCategoricalCrossentropy'), x(), oneHot(0, 1))).toMatch(
      /For rows of probabilities use the loss categoricalCrossentropy/,
    );
  });

  it('of several inputs name each', async () => {
    const [a, b] = [tf.input({ shape: [4], name: 'first' }), tf.input({ shape: [2], name: 'second' })];
    const joined = tf.layers.concatenate().apply([a, b]);
    const output = tf.layers.dense({ units: 1 }).apply(joined);
    if (!(output instanceof tf.SymbolicTensor)) throw new Error('no output');
    const model = tf.model({ inputs: [a, b], outputs: output });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const y = tf.zeros([2, 1]);
    expect(await fit(model, [x()], y)).toMatch(/x has 1 tensor, and .* has 2 inputs \(first, second\)/);
    expect(await fit(model, [x(), x()], y)).toBe('x[1] is [2, 4], and the input second takes [batch, 2]');
    expect(await fit(model, { first: x() }, y)).toMatch(/x has no tensor for second; it has first/);
    expect(await fit(model, { first: x(), second: tf.zeros([2, 2]) }, y)).toBe('nothing was refused');
  });

  it('of a model with a batch size of its own may be those of all examples', async () => {
    const model = tf.sequential({
      layers: [tf.layers.simpleRNN({ units: 1, stateful: true, batchInputShape: [2, 3, 1] })],
    });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    expect(await fit(model, tf.zeros([6, 3, 1]), tf.zeros([6, 1]), { batchSize: 2 })).toBe('nothing was refused');
    expect(await fit(model, tf.zeros([6, 4, 1]), tf.zeros([6, 1]), { batchSize: 2 })).toMatch(/takes \[batch, 3, 1\]/);
  });
});

describe('data', () => {
  it('that are no numbers, or no tensors, are refused', async () => {
    expect(await fit(dense(), tf.tensor2d([['a', 'b', 'c', 'd']]), oneHot(1))).toMatch(
      /x holds values of type string, and numbers are needed/,
    );
    expect(await fit(dense(), [[1, 2, 3, 4]], oneHot(1))).toMatch(/x is an array of values: make a tensor of it first/);
    expect(await fit(dense(), Float32Array.of(1, 2, 3, 4), oneHot(1))).toMatch(/x is a Float32Array: make a tensor/);
    expect(await said(() => dense().fit(x(), Object(undefined)))).toMatch(/y/);
    const gone = x();
    gone.dispose();
    expect(await fit(dense(), gone, oneHot(1, 2))).toMatch(/x was disposed of before/);
  });

  it('that are disposed of during training are named, and the model can be trained again', async () => {
    const model = dense();
    const inputs = x(8);
    const callbacks = { onBatchEnd: (batch: number) => void (batch === 1 && inputs.dispose()) };
    expect(await fit(model, inputs, oneHot(0, 1, 2, 0, 1, 2, 0, 1), { batchSize: 2, callbacks })).toBe(
      'x was disposed of while it was trained on',
    );
    expect(await fit(model, x(), oneHot(0, 1))).toBe('nothing was refused');
  });

  it('that are empty, or leave nothing to train on, are refused', async () => {
    expect(await fit(dense(), tf.zeros([0, 4]), tf.zeros([0, 3]))).toMatch(/x is empty, of shape \[0, 4\]/);
    expect(await fit(dense(), x(), oneHot(0, 1), { validationSplit: 0.9 })).toMatch(
      /validationSplit 0\.9 of 2 examples leaves none/,
    );
  });

  it('with NaN or infinity are refused, and where they are is said', async () => {
    const bad = tf.tensor2d([1, 2, 3, 4, 5, Number.NaN, 7, Number.POSITIVE_INFINITY], [2, 4]);
    expect(await fit(dense(), bad, oneHot(0, 1))).toMatch(/^x holds NaN at \[1, 1\], the first of 2 such numbers/);
    expect(
      await said(() =>
        dense('meanSquaredError').trainOnBatch(x(), tf.tensor2d([1, 1, 1, 1, Number.NEGATIVE_INFINITY, 1], [2, 3])),
      ),
    ).toMatch(/y holds -Infinity at \[1, 1\]/);
    const large = tf.fill([2, 4], 3e38);
    expect(await fit(dense(), large, oneHot(0, 1))).toBe('nothing was refused');
    expect(await fit(dense(), x(), oneHot(0, 1), { validationData: [bad, oneHot(0, 1)] })).toMatch(
      /validationData\[0\] holds NaN/,
    );
  });
});

describe('labels', () => {
  const sparse = (...labels: number[]) =>
    fit(dense('sparseCategoricalCrossentropy'), x(labels.length), tf.tensor1d(labels));
  it('that no class has are refused', async () => {
    expect(await sparse(0, 3, 1)).toMatch(
      /y holds the label 3 at example 1, and the 3 classes are numbered from 0 to 2$/,
    );
    expect(await sparse(0, -1)).toMatch(/label -1 at example 1/);
    expect(await sparse(0, 1.5)).toMatch(/label 1\.5 at example 1/);
    expect(await sparse(1, 2, 3)).toMatch(/label 3 at example 2, .*They go from 1 to 3: give y\.sub\(1\)/);
    expect(await fit(dense(), x(), tf.tensor2d([0, 2, 0, 1, 0, 0], [2, 3]))).toMatch(
      /y holds 2 at \[0, 1\], which is no probability/,
    );
    expect(await fit(dense('binaryCrossentropy', 1), x(), tf.tensor1d([1, -1]))).toMatch(
      /y holds -1 at \[1, 0\]|y holds -1 at \[1\].*give y\.add\(1\)\.div\(2\)/,
    );
  });

  it('that are odd are remarked on, once', async () => {
    expect(await sparse(2, 2, 2)).toBe('nothing was refused');
    expect(warnings).toEqual([expect.stringMatching(/^all 3 labels of y are class 2: a model learns nothing/)]);
    const labels = tf.tensor1d([3, 1]);
    expect(await fit(dense('sparseCategoricalCrossentropy', 4), x(), labels)).toBe('nothing was refused');
    expect(await fit(dense('sparseCategoricalCrossentropy', 3), x(), labels)).toMatch(/label 3 at example 0/);
    const [model, inputs, y] = [dense(), x(), oneHot(1, 1)];
    for (let time = 0; time < 2; time++) expect(await fit(model, inputs, y)).toBe('nothing was refused');
    expect(warnings).toHaveLength(2);
    expect(await fit(dense(), x(), tf.tensor2d([1, 1, 0, 0, 0, 1], [2, 3]))).toBe('nothing was refused');
    expect(warnings[2]).toMatch(/the row of y for example 0 sums to 2, not to 1/);
    expect(await fit(dense('binaryCrossentropy', 1), x(), tf.ones([2, 1]))).toBe('nothing was refused');
    expect(warnings[3]).toMatch(/all 2 labels of y are 1/);
  });

  it('may be whole numbers, in fit, in validation and in evaluation', async () => {
    const model = dense('sparseCategoricalCrossentropy');
    const y = tf.tensor1d([0, 2, 1, 1], 'int32');
    const options = { batchSize: 2, validationData: [x(4), y] };
    expect(await fit(model, x(4), y, options)).toBe('nothing was refused');
    const inputs = x(4);
    const before = tf.memory().numTensors;
    expect(await fit(model, inputs, y, { ...options, validationData: [inputs, y] })).toBe('nothing was refused');
    const [whole, float] = [y, y.toFloat()].map((labels) => {
      const loss = model.evaluate(inputs, labels);
      const value = Array.isArray(loss) ? Number.NaN : loss.dataSync()[0];
      tf.dispose(loss);
      return value;
    });
    expect(whole).toBe(float);
    expect(Number(await model.trainOnBatch(inputs, y))).toBeGreaterThan(0);
    expect(y.isDisposed).toBe(false);
    // The labels as float32 that this test made.
    expect(tf.memory().numTensors).toBe(before + 1);
  });

  it('of what is no class are left alone', async () => {
    expect(await fit(dense('meanSquaredError'), x(), tf.fill([2, 3], -7))).toBe('nothing was refused');
    const own = (target: Tensor, prediction: Tensor): Tensor => tf.losses.meanSquaredError(target, prediction);
    expect(await fit(dense(own), x(), tf.fill([2, 3], 7))).toBe('nothing was refused');
    expect(warnings).toEqual([]);
  });
});

describe('data sets that come batch by batch', () => {
  type Made = () => { xs: unknown; ys: unknown };
  const fitSet = (model: LayersModel, batches: Made[], options: object = {}): Promise<string> =>
    said(() => model.fitDataset(setOf(batches), { epochs: 1, verbose: 0, ...options }));
  const setOf = (batches: Made[]) =>
    tf.data.generator(function* () {
      for (const make of batches) yield make() as { xs: Tensor; ys: Tensor };
    });
  const good: Made = () => ({ xs: x(), ys: oneHot(0, 1) });

  it('are refused at the first batch that cannot work, which is named', async () => {
    expect(await fitSet(dense(), [good, () => ({ xs: tf.zeros([2, 5]), ys: oneHot(0, 1) })])).toMatch(
      /^xs is \[2, 5\], and the layer head\d+ takes \[batch, 4\].*\(batch 2 of the data set\)$/,
    );
    expect(await fitSet(dense(), [good, () => ({ xs: x(), ys: tf.tensor2d([0, 2, 0, 1, 0, 0], [2, 3]) })])).toMatch(
      /^ys holds 2 at \[0, 1\], which is no probability.*\(batch 2 of/,
    );
    const bad = tf.tensor2d([1, 2, 3, 4, 5, Number.NaN, 7, 8], [2, 4]);
    expect(await fitSet(dense(), [() => ({ xs: bad, ys: oneHot(0, 1) })])).toMatch(
      /^xs holds NaN at \[1, 1\].*\(batch 1 of/,
    );
    expect(bad.isDisposed).toBe(true);
    expect(await fitSet(dense(), [])).toBe('the data set has no batches: there is nothing to train on');
    const validationData = setOf([() => ({ xs: x(), ys: tf.zeros([2, 4]) })]);
    expect(await fitSet(dense(), [good], { validationData })).toMatch(/^ys is \[2, 4\].*\(batch 1 of/);
    expect(await fitSet(dense(), [good], { validationData: [tf.zeros([2, 7]), oneHot(0, 1)] })).toMatch(
      /^validationData\[0\] is \[2, 7\]/,
    );
    expect(await said(() => dense().evaluateDataset(setOf([() => ({ xs: x(3), ys: oneHot(0) })]), {}))).toMatch(
      /xs has 3 examples and ys has 1 example.*\(batch 1 of/,
    );
  });

  it('may have whole numbers as labels, and leave nothing behind', async () => {
    const model = dense('sparseCategoricalCrossentropy');
    const labels: Made = () => ({ xs: x(), ys: tf.tensor1d([0, 2], 'int32') });
    expect(await fitSet(model, [labels, labels])).toBe('nothing was refused');
    const before = tf.memory().numTensors;
    expect(await fitSet(model, [labels, labels], { validationData: setOf([labels]) })).toBe('nothing was refused');
    expect(await fitSet(model, [() => ({ xs: x(), ys: tf.tensor1d([0, 3], 'int32') })])).toMatch(/the label 3/);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('are refused where a step cannot have its memory', async () => {
    available = 4000;
    const large: Made = () => ({ xs: tf.zeros([4096, 64]), ys: oneHot(...Array<number>(4096).fill(1)) });
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [64], activation: 'softmax' })] });
    model.add(tf.layers.dense({ units: 2048 }));
    model.add(tf.layers.dense({ units: 3 }));
    model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
    expect(await fitSet(model, [large])).toMatch(/this test/);
  });
});

describe('memory', () => {
  it('that a step cannot have is known before, with a batch size that fits', async () => {
    const model = dense('meanSquaredError', 100_000);
    available = 20 * 2 ** 20;
    const y = tf.zeros([64, 100_000]);
    expect(await fit(model, x(64), y, { batchSize: 64 })).toMatch(
      /a step with batchSize 64 needs 28\.2 MB or more .* and this test has 20 MB\. Lower the batchSize to 16 or so/,
    );
    expect(await fit(model, x(16), y.slice([0], [16]), { batchSize: 16 })).toBe('nothing was refused');
    available = 2 ** 20;
    expect(await fit(model, x(64), y, { batchSize: 64 })).toMatch(/Even one example is too much/);
  });

  it('that runs out in a step is explained', async () => {
    const loss = (target: Tensor, prediction: Tensor): Tensor => {
      if (prediction.shape[0] === 8) new Float32Array(Number.MAX_SAFE_INTEGER);
      return tf.losses.meanSquaredError(target, prediction);
    };
    const message = await fit(dense(loss), x(8), tf.zeros([8, 3]), { batchSize: 8 });
    expect(message).toMatch(
      /Invalid typed array length.*\. A step with batchSize 8 takes about .*\. Lower the batchSize \(it was 8\)/,
    );
  });
});
