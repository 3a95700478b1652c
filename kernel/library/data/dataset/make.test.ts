import { describe, expect, it } from 'vitest';
import { table } from '../formats/json.ts';
import { tensorsOf } from './dataset.ts';
import { type DatasetParts, dataset } from './make.ts';

describe('a data set out of arrays', () => {
  it('takes lists, typed arrays, scaled bytes and several inputs', async () => {
    const bytes = { shape: [2, 2], values: Uint8Array.of(0, 255, 51, 102) };
    const set = dataset({
      inputs: {
        pixels: { array: bytes, scale: 1 / 255 },
        more: [
          [[1], [2]],
          [[3], [4]],
        ],
        plain: Float32Array.of(5, 6),
      },
      targets: [0.5, 1.5],
    });
    expect(set.inputs).toEqual([
      { shape: [2], dtype: 'float32' },
      { shape: [2, 1], dtype: 'float32' },
      { shape: [], dtype: 'float32' },
    ]);
    const { inputs, targets } = await set.all();
    expect([...(inputs[0]?.values ?? [])]).toEqual([0, 1, 0.2, 0.4].map(Math.fround));
    expect([...(inputs[1]?.values ?? [])]).toEqual([1, 2, 3, 4]);
    expect([...(targets[0]?.values ?? [])]).toEqual([0.5, 1.5]);
    const tensors = tensorsOf({ inputs, targets });
    expect(tensors.x.shape).toEqual([2, 2]);
    tensors.dispose();
  });

  it('does not change when the arrays do', async () => {
    const values = Float32Array.of(1, 2);
    const set = dataset({ inputs: values });
    const before = await set.hash();
    values.fill(9);
    expect([...((await set.all()).inputs[0]?.values ?? [])]).toEqual([1, 2]);
    expect(await dataset({ inputs: Float32Array.of(1, 2) }).hash()).toBe(before);
    expect(await dataset({ inputs: Float32Array.of(1, 3) }).hash()).not.toBe(before);
    expect(await set.map(() => undefined).hash()).not.toBe(before);
    expect(await set.batches({ batchSize: 1 }).hash()).not.toBe(await set.batches({ batchSize: 2 }).hash());
  });

  it('says what it is', async () => {
    const set = dataset({ inputs: [[1], [2], [3]], labels: [0, 1, 1] });
    expect(String(set)).toBe('Dataset of 3 examples\ninputs:  float32 [1]\ntargets: float32 [2]\nclasses: 0, 1');
    expect((await set.skip(1).take(1).example(0)).inputs[0]?.values).toEqual(Float32Array.of(2));
    expect(() => set.select([3])).toThrow('select(): there is no example 3; there are 3, from 0 on');
    expect(() => set.select([]).batches()).toThrow('the data set is empty; there is nothing to train on');
  });

  const inputs = [[1], [2], [3]];
  it.each<[string, DatasetParts, string]>([
    ['nothing', { inputs: [] }, 'inputs [0] has no examples'],
    ['lists of unequal lengths', { inputs: [[1], [2, 3]] }, 'inputs[1] has length 2; the first one has 1'],
    ['a missing number', { inputs: [[1], [Number.NaN]] }, 'inputs of example 1 is NaN (value 0). Fill or leave out'],
    ['an infinite target', { inputs, targets: [1, 2, Number.POSITIVE_INFINITY] }, 'targets of example 2 is Infinity'],
    [
      'too few targets',
      { inputs, targets: [1, 2] },
      'targets has 2 examples, inputs has 3. Each example needs all parts',
    ],
    ['too few labels', { inputs, labels: [0, 1] }, 'labels has 2 examples, inputs has 3'],
    [
      'a label out of range',
      { inputs, labels: [0, 1, 10], classes: 10 },
      'label 10 of example 2 is out of range: there are 10 classes, 0 to 9',
    ],
    [
      'an unknown label',
      { inputs, labels: ['a', 'b', 'c'], classes: ['a', 'b'] },
      'label "c" of example 2 is out of range: there are 2 classes, "a", "b"',
    ],
    [
      'one class only',
      { inputs, labels: [1, 1, 1] },
      'labels: all 3 are "1"; there is nothing to tell apart with only one class',
    ],
    [
      'a quantity as label',
      { inputs, labels: [0.5, 1, 2] },
      'label 0.5 of example 0 is no class: numbers of classes are 0, 1, 2, …',
    ],
    ['a negative label', { inputs, labels: [-1, 1, 2] }, 'label -1 of example 0 is no class'],
    ['a missing label', { inputs, labels: ['a', null, 'b'] }, 'label null of example 1 is out of range'],
    [
      'targets and labels',
      { inputs, targets: inputs, labels: [0, 1, 0] },
      'give either targets (quantities) or labels (classes)',
    ],
    [
      'scaled whole numbers',
      { inputs: { array: inputs, scale: 2, dtype: 'int32' } },
      'only float32 can be scaled, not int32',
    ],
  ])('refuses %s', (_, parts, message) => {
    expect(() => dataset(parts)).toThrow(message);
  });

  it('refuses classes where there are none', () => {
    const set = table({ a: [1, 2], b: [3, 4] }).dataset({ inputs: ['a'], target: 'b' });
    expect(() => set.split({ x: 0.5, y: 0.5 }, { stratify: true })).toThrow(
      'the targets of this data set are no classes',
    );
  });
});
