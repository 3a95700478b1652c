import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KernelHarness, startKernel } from '../process/harness.ts';

/** The library in a real kernel process: cells that log, are stopped and are interrupted. */
let kernel: KernelHarness;

beforeAll(async () => {
  kernel = await startKernel({ cwd: import.meta.dirname });
  let opened = 0;
  kernel.events.on('message', (message) => {
    if (message.type === 'call') {
      const trial = `t${++opened}`;
      kernel.send({ type: 'reply', request: message.request, ok: true, value: { trial, room: `/trials/${trial}` } });
    }
    if (message.type === 'trial.points') kernel.send({ type: 'trial.ack', trial: message.trial, seq: message.seq });
  });
  const prepared = await kernel.run(`
    import * as tf from '@tensorflow/tfjs';
    import { trial } from 'trialroom';
    const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [8], units: 1 })] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const x = tf.ones([64, 8]), y = tf.ones([64, 1]);`);
  expect(prepared.error).toBeUndefined();
});
afterAll(() => kernel.close());

const pointsOf = (trial: string): number =>
  kernel.messages.reduce(
    (sum, message) =>
      message.type === 'trial.points' && message.trial === trial
        ? sum + (message.keys.find(({ key }) => key === 'loss')?.count ?? 0)
        : sum,
    0,
  );

/** Runs a cell that opens a trial and prints its id before it goes on. */
async function opened(source: string): Promise<{ execution: string; trial: string }> {
  const execution = kernel.start(
    `const run = await trial({ experiment: 'kernel', name: 'a trial' }); console.log(\`<\${run.id}>\`);\n${source}`,
  );
  await kernel.untilPrinted(execution, '>');
  return { execution, trial: /<(.*)>/.exec(kernel.textOf(execution))?.[1] ?? '' };
}

describe('in a kernel', () => {
  it('a cell gets the engine by importing TensorFlow.js, and the parent hears which', async () => {
    const { report } = await kernel.until('backend');
    expect((await kernel.run('tf.getBackend()')).result).toContain(report.name === 'cpu' ? 'cpu' : '');
    expect(report.candidates.filter(({ chosen }) => chosen).map(({ name }) => name)).toEqual([report.name]);
  });

  it('a trial is shown in its cell, and what it logs arrives before the cell is done', async () => {
    const { execution, trial } = await opened(`
      for (let step = 1; step <= 1000; step++) run.log({ loss: 1 / step });`);
    const ran = await kernel.finished(execution);
    expect(ran.end).toBe('ok');
    expect(ran.outputs[0]).toMatchObject({ type: 'display', data: { 'text/plain': `a trial · /trials/${trial}` } });
    const done = kernel.messages.findIndex((message) => message.type === 'done' && message.execution === execution);
    const last = kernel.messages.findLastIndex((message) => message.type === 'trial.points' && message.trial === trial);
    expect(pointsOf(trial)).toBe(1000);
    expect(last).toBeLessThan(done);
  });

  it('points leave a loop that never yields, and a stop reaches it', async () => {
    const { execution, trial } = await opened(
      'let steps = 0; while (!run.stopping) run.log({ loss: ++steps }); steps;',
    );
    await kernel.until('trial.points', (message) => message.trial === trial && message.seq >= 2);
    kernel.send({ type: 'trial.control', trial, action: 'stop' });
    const ran = await kernel.finished(execution);
    expect(ran.end).toBe('ok');
    expect(pointsOf(trial)).toBe(Number(ran.result));
  });

  it('a stop ends fit between two batches; the rest of the cell runs', async () => {
    const { execution, trial } = await opened(`
      await model.fit(x, y, { epochs: 1e9, batchSize: 8, verbose: 0, callbacks: run.callbacks() });
      await run.finish();
      console.log('after');`);
    await kernel.until('trial.points', (message) => message.trial === trial);
    kernel.send({ type: 'trial.control', trial, action: 'stop' });
    const ran = await kernel.finished(execution);
    expect(ran.text).toContain('after');
    const finish = await kernel.until('trial.finish', (message) => message.trial === trial);
    expect(finish.end).toBe('stopped');
  });

  it('an interrupt ends fit for good, and model and engine can be used again', async () => {
    const before = await kernel.run('tf.memory().numTensors');
    for (let round = 0; round < 5; round++) {
      const { execution, trial } = await opened(
        'await model.fit(x, y, { epochs: 1e9, batchSize: 8, verbose: 0, callbacks: run.callbacks() });',
      );
      await kernel.until('trial.points', (message) => message.trial === trial && message.seq > round);
      kernel.send({ type: 'interrupt' });
      expect((await kernel.finished(execution)).end).toBe('aborted');
      const logged = pointsOf(trial);
      const next = await kernel.run('(await model.fit(x, y, { epochs: 1, verbose: 0 })).epoch.length');
      expect(next.error).toBeUndefined();
      expect(next.result).toBe('1');
      expect(pointsOf(trial)).toBe(logged);
    }
    const after = await kernel.run('tf.memory().numTensors');
    expect(before.error ?? after.error).toBeUndefined();
    expect(Number(after.result) - Number(before.result)).toBeLessThan(200);
  });
});
