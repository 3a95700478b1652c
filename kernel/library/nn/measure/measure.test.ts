/** Counts beside those worked out by hand or published. */
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, type TensorFlow } from '../../../backend/tensorflow.ts';
import { toBundle } from '../../../display/bundle.ts';
import * as nn from '../index.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = loadTensorFlow();
  await tf.setBackend('cpu');
});

describe('what a model computes', () => {
  it('is counted as by hand', () => {
    const model = nn.sequential([
      nn.input([6, 6, 3]),
      tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 5 }),
    ]);
    const convolution = 2 * 3 * 3 * 3 * 4 * 16 + 4 * 16;
    expect(nn.flops(model).layers.map(({ flops }) => flops)).toEqual([0, convolution, 4 * 16, 0, 2 * 16 * 5 + 5]);
    expect(nn.flops(model, [7, 6, 6, 3]).total).toBe(7 * nn.flops(model).total);
    expect(nn.flops(model).source).toMatch(/Molchanov/);
    expect(() => nn.flops(model, [1, 6, 5, 3])).toThrow(/takes \[batch, 6, 6, 3\], not \[1, 6, 5, 3\]/);
  });

  it('of recurrent layers and attention grows with the steps as it should', () => {
    const recurrent = nn.sequential([nn.input([null, 3]), nn.lstm({ units: 5 })]);
    expect(nn.flops(recurrent, [1, 10, 3]).total).toBe(10 * (2 * 4 * (3 * 5 + 5 * 5) + 4 * 5));
    const attention = nn.sequential([nn.input([null, 8]), nn.multiHeadAttention({ heads: 2 })]);
    const steps = (count: number): number => nn.flops(attention, [1, count, 8]).total;
    const projected = 4 * (2 * 8 * 8 + 8);
    expect(steps(16)).toBe(16 * projected + 4 * 16 * 16 * 8);
    expect(steps(32) - 2 * steps(16)).toBe(2 * 4 * 16 * 16 * 8);
  });

  it('says which layers it does not know', () => {
    class Odd extends tf.layers.Layer {
      static className = 'OddOne';
      override computeOutputShape(shape: number[]): number[] {
        return shape;
      }
    }
    const odd = new Odd({ name: 'odd' });
    expect(nn.flops(nn.sequential([nn.input([2]), odd])).unknown).toEqual(['odd']);
  });
});

describe('ResNet-18 for 224 × 224 pictures', () => {
  it('has the published number of weights and of multiply-adds', () => {
    const model = nn.resnet2d({ input: [224, 224, 3], classes: 1000, depth: 18 });
    const { trainable, frozen, total, bytes } = nn.parameters(model);
    // torchvision's resnet18 has 11,689,512; its first convolution and shortcuts have no biases either.
    expect(trainable).toBe(11_689_512);
    expect(frozen).toBe(9_600);
    expect([total, bytes]).toEqual([trainable + frozen, 4 * (trainable + frozen)]);
    // torchvision states 1.81 G multiply-adds.
    expect(nn.flops(model).total / 2 / 1e9).toBeCloseTo(1.82, 1);
    model.dispose();
  });
});

describe('a summary', () => {
  it('shows every layer and what they come to', () => {
    const frozen = tf.layers.dense({ units: 4, name: 'still', trainable: false });
    const model = nn.sequential([nn.input([3]), frozen, tf.layers.dense({ units: 2, name: 'moving' })]);
    const summary = nn.summary(model, { batchSize: 10 });
    expect(summary.parameters).toEqual({ total: 26, trainable: 10, frozen: 16, bytes: 104 });
    expect(summary.layers.map(({ name, outputs, parameters }) => [name, outputs[0], parameters]).slice(1)).toEqual([
      ['still', [4], 16],
      ['moving', [2], 10],
    ]);
    expect(summary.activationBytes).toBe(10 * 4 * (3 + 4 + 2));
    const { data } = toBundle(summary);
    expect(data['text/plain']).toMatch(/still +Dense +\[4\] +16 +28 +160 B/);
    expect(data['text/plain']).toMatch(/total +3 layers +10 trainable, 16 frozen +26/);
    expect(Object.keys(data)).toContain('text/html');
  });
});
