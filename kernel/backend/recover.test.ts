import { runInThisContext } from 'node:vm';
import { beforeAll, expect, it } from 'vitest';
import { prepareBackend } from './choose.ts';
import { recover } from './recover.ts';
import { loadTensorFlow, type TensorFlow } from './tensorflow.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = loadTensorFlow();
  await prepareBackend(tf);
});

it('frees what an interrupted computation held, and lets the next one begin afresh', () => {
  const weights = tf.variable(tf.ones([8]));
  const endless = (): unknown =>
    tf.tidy(() =>
      tf.variableGrads(() => {
        let sum = tf.scalar(0);
        for (;;) sum = sum.add(weights.sum());
      }),
    );
  // Once to its end: what is loaded and compiled the first time must not use up the limit.
  const { value, grads } = tf.variableGrads(() => weights.sum().add(weights.sum()));
  tf.dispose([value, ...Object.values(grads)]);
  Reflect.set(globalThis, 'endless', endless);
  const before = tf.memory().numTensors;
  // A time limit ends code as an interrupt does: nowhere in particular, without running any `finally`.
  expect(() => runInThisContext('endless()', { timeout: 1000 })).toThrow('timed out');
  expect(tf.engine().state.scopeStack.length).toBeGreaterThan(0);
  expect(tf.memory().numTensors).toBeGreaterThan(before + 20);
  recover(tf);
  // The tensor that was just being made when the end came belongs to nobody yet.
  expect(tf.memory().numTensors).toBeLessThanOrEqual(before + 3);
  expect(Array.from(tf.tidy(() => tf.grad((x) => x.square().sum())(weights)).dataSync())).toEqual(Array(8).fill(2));
  expect(weights.dataSync()[0]).toBe(1);
});

it('leaves an engine in order as it was', () => {
  const kept = tf.ones([3]);
  const before = tf.memory().numTensors;
  recover(tf);
  expect(tf.memory().numTensors).toBe(before);
  expect(kept.dataSync()[2]).toBe(1);
  kept.dispose();
});
