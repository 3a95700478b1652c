/** What the layers compute, beside their definitions; and that they come back from a description. */
import type { Tensor } from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, type TensorFlow } from '../../backend/tensorflow.ts';
import * as nn from './index.ts';
import type { Layer } from './layers/layer.ts';
import { rotate } from './layers/position.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = loadTensorFlow();
  await tf.setBackend('cpu');
});

const wave = (shape: number[], phase = 0): Tensor =>
  tf.tensor(
    Array.from({ length: shape.reduce((all, length) => all * length, 1) }, (_, index) => Math.sin(index * 1.3 + phase)),
    shape,
  );
function give(layer: Layer, inputs: Tensor | Tensor[], options?: object): Tensor {
  const given = layer.apply(inputs, { ...options });
  if (!(given instanceof tf.Tensor)) throw new Error('the layer gave no tensor');
  return given;
}
const apart = (a: Tensor, b: Tensor): number => Number(a.sub(b).abs().max().dataSync()[0]);

describe('normalisation', () => {
  it('over features is that of TensorFlow.js', () => {
    const x = wave([3, 4, 5]);
    expect(apart(give(nn.layerNorm({ epsilon: 1e-3 }), x), give(tf.layers.layerNormalization(), x))).toBeLessThan(1e-5);
  });

  it('by the root mean square leaves vectors of length √features', () => {
    const lengths = give(nn.rmsNorm({ epsilon: 0 }), wave([3, 4, 9])).norm('euclidean', -1);
    expect(apart(lengths, tf.fill([3, 4], 3))).toBeLessThan(1e-5);
  });

  it('of groups gives each group of each example mean 0 and variance 1', () => {
    const y = give(nn.groupNorm({ groups: 2, epsilon: 0 }), wave([2, 3, 3, 4])).reshape([2, 9, 2, 2]);
    const { mean, variance } = tf.moments(y, [1, 3]);
    expect(apart(mean, tf.zeros([2, 2]))).toBeLessThan(1e-5);
    expect(apart(variance, tf.ones([2, 2]))).toBeLessThan(1e-4);
  });

  it('of groups says when channels cannot be split', () => {
    expect(() => give(nn.groupNorm({ groups: 3 }), wave([1, 2, 4]))).toThrow(/4 channels cannot be split into 3/);
  });
});

describe('attention', () => {
  /** Attention by its definition, with loops, from the layer's own weights. */
  function byDefinition(layer: Layer, x: number[][], heads: number, size: number): number[][] {
    const weight = (name: string): number[][] => {
      const found = layer.weights
        .find(({ originalName }) => originalName.endsWith(`/${name}`))
        ?.read()
        .arraySync();
      if (!Array.isArray(found)) throw new Error(`no weight ${name}`);
      return found.map((row) => (Array.isArray(row) ? row.map(Number) : [Number(row)]));
    };
    const dense = (name: string, row: number[]): number[] =>
      weight(`${name}_bias`).map(([bias = 0], out) =>
        row.reduce((sum, value, index) => sum + value * (weight(`${name}_kernel`)[index]?.[out] ?? 0), bias),
      );
    const [q, k, v] = ['query', 'key', 'value'].map((name) => x.map((row) => dense(name, row)));
    return x.map((_, at) => {
      const heard: number[] = [];
      for (let head = 0; head < heads; head++) {
        const part = (row: number[] | undefined): number[] => (row ?? []).slice(head * size, (head + 1) * size);
        const query = part(q?.[at]);
        const scores = x.map(
          (_, to) =>
            part(k?.[to]).reduce((sum, value, index) => sum + value * (query[index] ?? 0), 0) / Math.sqrt(size),
        );
        const powers = scores.map(Math.exp);
        const total = powers.reduce((sum, power) => sum + power, 0);
        for (let unit = 0; unit < size; unit++) {
          heard.push(powers.reduce((sum, power, to) => sum + (power / total) * (part(v?.[to])[unit] ?? 0), 0));
        }
      }
      return dense('output', heard);
    });
  }

  it('is what its definition says', () => {
    const layer = nn.multiHeadAttention({ heads: 2 });
    const x = wave([1, 3, 4]);
    const y = give(layer, x);
    const rows = x.squeeze([0]).arraySync();
    if (!Array.isArray(rows)) throw new Error('no rows');
    const expected = byDefinition(
      layer,
      rows.map((row) => (Array.isArray(row) ? row.map(Number) : [])),
      2,
      2,
    );
    expect(apart(y, tf.tensor([expected]))).toBeLessThan(1e-5);
  });

  it('that is causal does not see what comes later', () => {
    const layer = nn.multiHeadAttention({ heads: 2, causal: true });
    const [x, other] = [wave([1, 6, 4]), wave([1, 6, 4], 2)];
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), (until) => {
        const mixed = tf.concat([x.slice([0, 0], [1, until]), other.slice([0, until], [1, 6 - until])], 1);
        const [whole, changed] = [give(layer, x), give(layer, mixed)];
        expect(apart(whole.slice([0, 0], [1, until]), changed.slice([0, 0], [1, until]))).toBeLessThan(1e-6);
        expect(apart(whole.slice([0, until], [1, 1]), changed.slice([0, until], [1, 1]))).toBeGreaterThan(1e-4);
      }),
    );
  });

  it('does not see keys that a mask hides, given or sent along', () => {
    const [x, other] = [wave([2, 4, 4]), wave([2, 4, 4], 2)];
    const mask = tf.tensor2d([1, 1, 1, 0, 1, 0, 0, 0], [2, 4], 'int32');
    const mixed = x.mul(mask.expandDims(-1)).add(other.mul(tf.sub(1, mask).expandDims(-1)));
    const given = nn.multiHeadAttention({ heads: 2, mask: true });
    const query = wave([2, 3, 4], 1);
    expect(apart(give(given, [query, x, mask]), give(given, [query, mixed, mask]))).toBeLessThan(1e-6);
    const sent = nn.multiHeadAttention({ heads: 2 });
    const seen = mask.expandDims(-1).toFloat();
    const [one, two] = [give(sent, x, { mask }).mul(seen), give(sent, mixed, { mask }).mul(seen)];
    expect(apart(one, two)).toBeLessThan(1e-6);
    expect(apart(give(sent, x).mul(seen), one)).toBeGreaterThan(1e-4);
  });

  it('says what does not fit', () => {
    expect(() => nn.multiHeadAttention({ heads: 0 })).toThrow(/one head or more, not 0/);
    expect(() => give(nn.multiHeadAttention({ heads: 3 }), wave([1, 2, 4]))).toThrow(
      /4 features cannot be split into 3 heads/,
    );
    const masked = nn.multiHeadAttention({ heads: 1, mask: true });
    expect(() => give(masked, [wave([2, 3, 4]), wave([2, 5])])).toThrow(
      /mask of shape \[2,5\] fits neither \[2, 3\] \(keys\) nor \[2, 3, 3\]/,
    );
  });
});

describe('positions', () => {
  it('that turn make products depend on the distance alone', () => {
    const product = (a: number, b: number): number => {
      const row = (phase: number): Tensor => wave([1, 6], phase).tile([9, 1]);
      const [q, k] = [rotate(tf, row(0)), rotate(tf, row(1))];
      return Number(
        q
          .slice([a], [1])
          .mul(k.slice([b], [1]))
          .sum()
          .dataSync()[0],
      );
    };
    expect(product(1, 3)).toBeCloseTo(product(5, 7), 5);
    expect(product(1, 3)).not.toBeCloseTo(product(1, 4), 2);
  });

  it('that are waves begin with 0 and 1', () => {
    const table = give(nn.sinusoidalPosition(), tf.zeros([1, 3, 4]));
    const expected = [0, 1, 2].flatMap((at) => [Math.sin(at), Math.cos(at), Math.sin(at / 100), Math.cos(at / 100)]);
    expect(apart(table, tf.tensor(expected, [1, 3, 4]))).toBeLessThan(1e-6);
  });

  it('that are learned say when a sequence is too long', () => {
    expect(() => give(nn.learnedPosition({ steps: 4 }), wave([1, 5, 2]))).toThrow(/knows 4 positions and was given 5/);
  });
});

describe('pooling', () => {
  it('leaves padding out', () => {
    const x = tf.tensor3d([1, 2, 3, 40, 50, 60], [2, 3, 1]);
    const mask = tf.tensor2d([1, 1, 0, 1, 1, 1], [2, 3]);
    const by = (kind: nn.Pooling, options?: object): unknown =>
      Array.from(give(nn.sequencePooling({ by: kind }), x, options).dataSync());
    expect([by('mean'), by('mean', { mask })]).toEqual([
      [2, 50],
      [1.5, 50],
    ]);
    expect([by('max'), by('max', { mask })]).toEqual([
      [3, 60],
      [2, 60],
    ]);
    expect([by('last'), by('last', { mask })]).toEqual([
      [3, 60],
      [2, 60],
    ]);
    expect(by('first')).toEqual([1, 40]);
  });
});

describe('models', () => {
  const build = (seed: number) =>
    nn.sequential(
      [
        nn.input([8], { dtype: 'int32' }),
        nn.embedding({ vocabulary: 9, units: 4, position: 'learned', steps: 8 }),
        nn.transformerEncoder({ heads: 2, rotary: true, norm: 'rms' }),
        nn.rotaryPosition({ base: 100 }),
        nn.sinusoidalPosition(),
        nn.convBlock1d({ filters: 4, norm: 'group' }),
        nn.layerNorm(),
        nn.residual([nn.lstm({ units: 2, bidirectional: true, sequences: true })]),
        nn.sequencePooling({ by: 'max' }),
        nn.dense({ units: 2 }),
      ],
      { seed },
    );

  it('come back from their description', async () => {
    const model = build(1);
    const description: unknown = JSON.parse(JSON.stringify(model.toJSON(null, false)));
    const again = await tf.models.modelFromJSON(Object(description));
    again.setWeights(model.getWeights());
    const x = tf.tensor2d([1, 2, 3, 4, 5, 6, 7, 8], [1, 8], 'int32');
    const given = again.predict(x);
    if (Array.isArray(given)) throw new Error('one output was expected');
    expect(apart(given, model.predict(x))).toBe(0);
    // TensorFlow.js adds defaults of its own the first time.
    const third = await tf.models.modelFromJSON(Object(JSON.parse(JSON.stringify(again.toJSON(null, false)))));
    expect(third.toJSON(null, false)).toEqual(again.toJSON(null, false));
  });

  it('of the same seed begin with the same weights', () => {
    const weights = (seed: number): number[][] =>
      build(seed)
        .getWeights()
        .map((each) => Array.from(each.dataSync()));
    expect(weights(5)).toEqual(weights(5));
    expect(weights(5)).not.toEqual(weights(6));
    const [first, second] = [nn.initializers(7), nn.initializers(7)];
    const draw = (from: nn.SeededInitializers) => Array.from(from.heNormal().apply([2, 3]).dataSync());
    const once = draw(first);
    expect(draw(second)).toEqual(once);
    expect(draw(first)).not.toEqual(once);
  });

  it('name the part that does not fit, and the shape it was given', () => {
    expect(() => nn.sequential([nn.input([4, 4, 1]), tf.layers.flatten(), nn.convBlock2d({ filters: 2 })])).toThrow(
      /^part 3, part 1, conv2d_Conv2D\d+ \(Conv2D\), does not take \[batch, 16\]: .*ndim=4/,
    );
    expect(() => nn.sequential([tf.layers.dense({ units: 1 })])).toThrow(/Begin with nn\.input/);
    expect(() =>
      nn.sequential([nn.input([4, 1]), nn.convBlock1d({ filters: 2, kernel: 9, padding: 'valid' })]),
    ).toThrow(/does not take \[batch, 4, 1\]: it would give \[batch, -4, 2\]/);
    expect(() => nn.sequential([nn.input([8]), nn.transformerEncoder({ heads: 2 })])).toThrow(
      /takes \[batch, steps, features\], and was given \[batch, 8\]/,
    );
    expect(() =>
      nn.sequential([
        nn.input([7, 2]),
        nn.residual([nn.convBlock1d({ filters: 2, kernel: 3, padding: 'valid', stride: 4 })]),
      ]),
    ).not.toThrow();
    expect(() => nn.resnet2d({ input: [32, 3], classes: 2 })).toThrow(
      /the input is \[32,3\], not \[height, width, channels\]/,
    );
  });

  it('with several inputs and outputs have names', async () => {
    const model = nn.model({
      inputs: { words: { shape: [3], dtype: 'int32' }, about: [2] },
      outputs: ({ words, about }) => {
        const text = nn.embedding({ vocabulary: 5, units: 3, pool: 'mean' })(words);
        const both = nn.concatenate([text, about]);
        return { spam: nn.dense({ units: 1 })(both), kind: nn.dense({ units: 4 })(both) };
      },
    });
    expect(model.inputNames).toEqual(['words', 'about']);
    expect(model.outputNames).toEqual(['spam', 'kind']);
    const given = model.predict([tf.zeros([2, 3], 'int32'), tf.zeros([2, 2])]);
    expect(Array.isArray(given) && given.map(({ shape }) => shape)).toEqual([
      [2, 1],
      [2, 4],
    ]);
  });
});
