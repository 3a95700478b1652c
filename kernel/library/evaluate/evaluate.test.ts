import { Evaluation } from '@trialroom/shared/trial/evaluation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadTensorFlow } from '../../backend/tensorflow.ts';
import { classify } from './classification.ts';
import { evaluate } from './evaluate.ts';
import { nearestTo } from './neighbours.ts';
import { sweepOf } from './sweep.ts';

const tf = loadTensorFlow();

/** 60 examples of three classes; the same generator, in Python, made the reference figures with scikit-learn 1.2.1. */
function examples(): { truth: number[]; probabilities: number[][] } {
  let state = 12345n;
  const random = (): number => {
    state = (1103515245n * state + 12345n) % 2147483648n;
    return Number(state) / 2147483648;
  };
  const truth: number[] = [];
  const probabilities: number[][] = [];
  for (let i = 0; i < 60; i++) {
    const label = Math.floor(random() * 3);
    const raw = [0, 1, 2].map((c) => Math.round((random() + (c === label ? 0.6 : 0)) * 100) / 100 + 0.05);
    const sum = raw.reduce((a, b) => a + b, 0);
    truth.push(label);
    probabilities.push(raw.map((value) => value / sum));
  }
  return { truth, probabilities };
}

describe('a classifier', () => {
  it('is judged as scikit-learn judges it', async () => {
    const { evaluation } = await classify(examples(), 1);
    expect(evaluation.confusion).toEqual([17, 2, 2, 0, 16, 2, 1, 3, 17]);
    expect(evaluation.accuracy).toBeCloseTo(0.8333333333333334, 12);
    const near = (values: (number | null | undefined)[], expected: number[]) =>
      values.forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 10);
      });
    const { perClass, macro, weighted, calibration } = evaluation;
    near(
      perClass.map((c) => c.precision),
      [0.9444444444444444, 0.7619047619047619, 0.8095238095238095],
    );
    near(
      perClass.map((c) => c.recall),
      [0.8095238095238095, 0.8888888888888888, 0.8095238095238095],
    );
    near(
      perClass.map((c) => c.f1),
      [0.8717948717948718, 0.8205128205128205, 0.8095238095238095],
    );
    near(
      perClass.map((c) => c.support),
      [21, 18, 21],
    );
    near([macro.precision, macro.recall, macro.f1], [0.8386243386243386, 0.8359788359788359, 0.833943833943834]);
    near(
      [weighted.precision, weighted.recall, weighted.f1],
      [0.8424603174603174, 0.8333333333333334, 0.8346153846153845],
    );
    near(
      perClass.map((c) => c.sweep?.auc),
      [0.995115995115995, 0.9444444444444444, 0.9181929181929183],
    );
    near(
      perClass.map((c) => c.sweep?.averagePrecision),
      [0.9912106871734203, 0.8761720367016274, 0.8626828147189913],
    );
    near([calibration?.logLoss, calibration?.brier], [0.703718043550115, 0.40660662708329715]);
    expect(evaluation.top).toEqual({ k: 2, accuracy: 1 });
  });

  it('is judged by tensors, one-hot rows, names and logits alike', async () => {
    const { truth, probabilities } = examples();
    const classes = ['a', 'b', 'c'];
    const plain = await classify({ truth, probabilities, classes }, 1);
    const tensors = await classify(
      { truth: tf.oneHot(tf.tensor1d(truth, 'int32'), 3), probabilities: tf.tensor2d(probabilities), classes },
      1,
    );
    expect(tensors.evaluation.confusion).toEqual(plain.evaluation.confusion);
    const logits = await classify(
      { truth: truth.map((t) => classes[t] ?? ''), logits: probabilities.map((row) => row.map(Math.log)), classes },
      1,
    );
    expect(logits.evaluation.calibration?.logLoss).toBeCloseTo(plain.evaluation.calibration?.logLoss ?? 0, 10);
    const bare = await classify({ truth, predictions: plain.predicted, classes }, 1);
    expect(bare.evaluation.confusion).toEqual(plain.evaluation.confusion);
    expect(bare.evaluation).toMatchObject({ calibration: null, top: null, perClass: [{ sweep: null }, {}, {}] });
  });

  it('of two classes may give the probability of the second', async () => {
    const { evaluation } = await classify(
      { truth: [0, 1, 1, 0], probabilities: tf.tensor2d([[0.2], [0.9], [0.4], [0.7]]) },
      1,
    );
    expect(evaluation.classes).toEqual(['0', '1']);
    expect(evaluation.confusion).toEqual([1, 1, 1, 1]);
  });

  it('shows errors surest first, hits least sure first, and the worst with their neighbours', async () => {
    const truth = [0, 0, 0, 1, 1];
    const second = [0.1, 0.6, 0.9, 0.7, 0.2];
    const inputs = tf.tensor2d([[0], [10], [20], [11], [1]]);
    const { evaluation } = await classify({ truth, probabilities: second, inputs, classes: ['no', 'yes'] }, 1);
    const indices = (truth: number, predicted: number) =>
      evaluation.cells
        .find((cell) => cell.truth === truth && cell.predicted === predicted)
        ?.samples.map((place) => evaluation.samples[place]?.index);
    expect(indices(0, 1)).toEqual([2, 1]);
    expect(indices(1, 0)).toEqual([4]);
    expect(evaluation.worst.map(({ sample }) => evaluation.samples[sample]?.index)).toEqual([2, 4, 1]);
    const [first] = evaluation.worst;
    expect(first?.loss).toBeCloseTo(-Math.log(0.1), 12);
    expect(first?.neighbours.map((n) => [evaluation.samples[n.sample]?.index, n.distance])).toEqual([
      [3, 9],
      [1, 10],
      [4, 19],
      [0, 20],
    ]);
  });

  it('has undefined precision for a class that nothing was taken for, which averages count as 0', async () => {
    const { evaluation } = await classify({ truth: [0, 1, 2], predictions: [0, 1, 1], classes: ['a', 'b', 'c'] }, 1);
    expect(evaluation.perClass[2]).toMatchObject({ precision: null, recall: 0, f1: 0, support: 1, predicted: 0 });
    expect(evaluation.macro.precision).toBeCloseTo((1 + 0.5 + 0) / 3, 12);
  });

  it('of one class in the data only has no ROC', async () => {
    const { evaluation } = await classify({ truth: [1, 1], probabilities: [0.9, 0.8] }, 1);
    expect(evaluation.perClass.map(({ sweep }) => sweep?.auc)).toEqual([null, null]);
    expect(evaluation.perClass.map(({ support }) => support)).toEqual([0, 2]);
  });

  it.each([
    [
      {
        truth: [0, 3],
        probabilities: [
          [0.5, 0.5],
          [1, 0],
        ],
      },
      'truth[1] is 3; there are 2 classes',
    ],
    [
      {
        truth: [0, 1],
        probabilities: [
          [0.5, Number.NaN],
          [1, 0],
        ],
      },
      'probabilities[0][1] is NaN',
    ],
    [
      {
        truth: [0, 1],
        probabilities: [
          [2, -1],
          [1, 0],
        ],
      },
      'probabilities[0][0] is 2, not between 0 and 1',
    ],
    [
      {
        truth: [0, 1],
        probabilities: [
          [0.5, 0.9],
          [1, 0],
        ],
      },
      'row 0 of probabilities adds up to 1.4',
    ],
    [{ truth: [0, 1], probabilities: [[0.5, 0.5], [1]] }, 'row 1 of probabilities has 1 values, the first has 2'],
    [
      {
        truth: [0],
        probabilities: [
          [0.5, 0.5],
          [1, 0],
        ],
      },
      '1 examples in truth, but 2 in probabilities',
    ],
    [{ truth: [], predictions: [] }, 'there are no examples'],
    [{ truth: [0, 1] }, 'give probabilities, logits or predictions'],
    [{ truth: ['ham', 'eggs'], predictions: [0, 1], classes: ['ham', 'spam'] }, 'truth[1] is "eggs"'],
    [{ truth: ['ham'], predictions: ['ham'] }, 'say in which order they are numbered'],
    [{ truth: [0, 1], predictions: [0, 1], ids: ['x', 'x'] }, 'ids[1] is "x", as ids[0] is'],
    [{ truth: [0, 1], predictions: [0, 1], inputs: ['only one'] }, '2 examples in truth, but 1 in inputs'],
    [{ truth: [0.5], predictions: [0] }, 'truth[0] is 0.5'],
  ])('refuses what does not fit, naming it: %#', async (options, message) => {
    await expect(classify(options as never, 1)).rejects.toThrow(message);
  });

  it('makes an evaluation that the server accepts, however large, with pictures that are bounded', async () => {
    const count = 3000;
    const truth = Int32Array.from({ length: count }, (_, i) => i % 10);
    const { evaluation, csv, summary } = await evaluate(
      {
        truth,
        probabilities: tf.softmax(tf.randomUniform([count, 10], 0, 4, 'float32', 7)),
        inputs: tf.randomUniform([count, 28, 28, 1], 0, 1, 'float32', 8),
      },
      5,
    );
    const text = JSON.stringify(evaluation);
    expect(Evaluation.parse(JSON.parse(text))).toEqual(evaluation);
    expect(text.length).toBeLessThan(5_000_000);
    expect(csv.split('\r\n')).toHaveLength(count + 2);
    expect(Object.keys(summary)).toEqual(['test/accuracy', 'test/f1', 'test/ece']);
  });
});

describe('a sweep', () => {
  it('counts ties half, as scikit-learn does', () => {
    const sweep = sweepOf(Float64Array.of(0.4, 0.8, 0.8, 0.9), Float64Array.of(0.1, 0.4, 0.8, 0.1));
    expect(sweep.auc).toBeCloseTo(0.84375, 12);
    expect(sweep.averagePrecision).toBeCloseTo(0.7916666666666666, 12);
    expect(sweep.thresholds).toEqual([0.9, 0.8, 0.4, 0.1]);
    expect(sweep.truePositives).toEqual([1, 3, 4, 4]);
    expect(sweep.falsePositives).toEqual([0, 1, 2, 4]);
  });

  it('has the area that comparing all pairs gives, and thinned keeps its ends and its order', () => {
    const scores = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 120 });
    fc.assert(
      fc.property(scores, scores, fc.integer({ min: 3, max: 20 }), (positives, negatives, most) => {
        let pairs = 0;
        for (const p of positives) for (const n of negatives) pairs += p > n ? 1 : p === n ? 0.5 : 0;
        const whole = sweepOf(Float64Array.from(positives), Float64Array.from(negatives));
        expect(whole.auc).toBeCloseTo(pairs / (positives.length * negatives.length), 10);
        const thinned = sweepOf(Float64Array.from(positives), Float64Array.from(negatives), most);
        expect(thinned.auc).toBe(whole.auc);
        expect(thinned.thresholds.length).toBeLessThanOrEqual(most);
        expect(thinned.truePositives.at(-1)).toBe(positives.length);
        expect(thinned.falsePositives.at(-1)).toBe(negatives.length);
        expect(thinned.thresholds).toEqual([...new Set(thinned.thresholds)].sort((a, b) => b - a));
      }),
    );
  });
});

describe('neighbours', () => {
  it('are those that sorting all distances gives', () => {
    const points = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })), {
      minLength: 2,
    });
    fc.assert(
      fc.property(points, fc.integer({ min: 1, max: 6 }), (rows, k) => {
        const [found = []] = nearestTo([0], { values: Float32Array.from(rows.flat()), width: 2 }, k);
        const [x, y] = rows[0] ?? [0, 0];
        const all = rows.slice(1).map(([a, b]) => Math.hypot(a - x, b - y));
        expect(found.map(({ distance }) => distance)).toEqual(
          all
            .map((distance) => Math.sqrt(Math.round(distance * distance)))
            .sort((a, b) => a - b)
            .slice(0, k),
        );
      }),
    );
  });
});

describe('a regression', () => {
  it('is judged as scikit-learn judges it', async () => {
    const { evaluation, summary, csv } = await evaluate(
      {
        task: 'regression',
        truth: [3, -0.5, 2, 7, 4.25],
        predictions: tf.tensor1d([2.5, 0, 2, 8, 4]),
        ids: 'abcde'.split(''),
      },
      1,
    );
    if (evaluation.task !== 'regression') throw new Error('another task');
    expect(evaluation.mae).toBeCloseTo(0.45, 12);
    expect(evaluation.rmse).toBeCloseTo(0.5590169943749475, 12);
    expect(evaluation.r2).toBeCloseTo(0.9491042345276873, 12);
    expect(evaluation.medianError).toBeCloseTo(0.5, 12);
    expect(evaluation.maxError).toBeCloseTo(1, 12);
    expect(evaluation.pairs[evaluation.worst[0] ?? -1]).toMatchObject({ id: 'd', truth: 7, predicted: 8 });
    expect(evaluation.residuals.counts.reduce((a, b) => a + b, 0)).toBe(5);
    expect(Object.keys(summary)).toEqual(['test/mae', 'test/rmse', 'test/r2']);
    expect(csv).toContain('d,7,8\r\n');
    expect(Evaluation.parse(JSON.parse(JSON.stringify(evaluation)))).toEqual(evaluation);
  });

  it('refuses what is not finite', async () => {
    const options = { task: 'regression', truth: [1, Number.NaN], predictions: [1, 2] } as const;
    await expect(evaluate(options, 1)).rejects.toThrow('truth[1] is NaN');
  });
});
