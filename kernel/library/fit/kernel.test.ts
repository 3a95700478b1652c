import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KernelHarness, startKernel } from '../../process/harness.ts';

/** `fit` in a real kernel process: cells that are paused, stopped, looked into and interrupted. */
let kernel: KernelHarness;

beforeAll(async () => {
  kernel = await startKernel({ cwd: import.meta.dirname });
  let opened = 0;
  kernel.events.on('message', (message) => {
    if (message.type === 'call') {
      const trial = `t${++opened}`;
      kernel.send({ type: 'reply', request: message.request, ok: true, value: { trial } });
    }
    if (message.type === 'trial.points') kernel.send({ type: 'trial.ack', trial: message.trial, seq: message.seq });
  });
  const prepared = await kernel.run(`
    import * as tf from '@tensorflow/tfjs';
    import { fit, trial } from 'trialroom';
    const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [8], units: 1 })] });
    const rows = Array.from({ length: 64 }, (_, row) => Array.from({ length: 8 }, (_, at) => Math.sin(row * at)));
    const data = [rows, rows.map(([first]) => [first])];
    const options = { loss: 'meanSquaredError', batchSize: 8, epochs: 1e9, ema: 0.9, validation: 0.25 };`);
  expect(prepared.error).toBeUndefined();
});
afterAll(() => kernel.close());

const losses = (trial: string): number =>
  kernel.messages.reduce((sum, message) => {
    if (message.type !== 'trial.points' || message.trial !== trial) return sum;
    return sum + (message.keys.find(({ key }) => key === 'loss')?.count ?? 0);
  }, 0);

/** Runs a cell that opens a trial, prints its id and trains in it without end. */
async function training(after = ''): Promise<{ execution: string; trial: string }> {
  const execution = kernel.start(`
    const run = await trial({ experiment: 'kernel', name: 'a trial' }); console.log(\`<\${run.id}>\`);
    const result = await fit(model, data, { ...options, trial: run, progress: false });
    ${after}`);
  await kernel.untilPrinted(execution, '>');
  const trial = /<(.*)>/.exec(kernel.textOf(execution))?.[1] ?? '';
  await kernel.until('trial.points', (message) => message.trial === trial);
  return { execution, trial };
}

describe('fit in a kernel', () => {
  it('pauses, goes on and stops as people wish, and the cell goes on after it', async () => {
    const { execution, trial } = await training('await run.finish(); result.ending;');
    const variables = async (request: number): Promise<string> => {
      kernel.send({ type: 'variables', request });
      return JSON.stringify((await kernel.until('answer', (answer) => answer.request === request)).value);
    };
    // Also in the middle of training.
    expect(await variables(1)).toContain('"name":"model"');
    kernel.send({ type: 'trial.control', trial, action: 'pause' });
    await kernel.until('trial.paused', (message) => message.trial === trial && message.paused);
    const before = losses(trial);
    // Nothing is logged, while the kernel answers.
    expect(await variables(2)).toContain('"name":"model"');
    expect(losses(trial)).toBe(before);
    kernel.send({ type: 'trial.control', trial, action: 'resume' });
    await kernel.until('trial.paused', (message) => message.trial === trial && !message.paused);
    await kernel.until('trial.points', () => losses(trial) > before);
    kernel.send({ type: 'trial.control', trial, action: 'stop' });
    const ran = await kernel.finished(execution);
    expect(ran.error).toBeUndefined();
    expect(ran.result).toBe("'stopped'");
    expect(await kernel.until('trial.finish', (message) => message.trial === trial)).toMatchObject({ end: 'stopped' });
  });

  it('lets itself be interrupted, also while it waits, and frees what it held', async () => {
    const tensors = async (): Promise<number> => Number((await kernel.run('tf.memory().numTensors')).result);
    const before = await tensors();
    for (const paused of [false, true]) {
      const { execution, trial } = await training();
      if (paused) {
        kernel.send({ type: 'trial.control', trial, action: 'pause' });
        await kernel.until('trial.paused', (message) => message.trial === trial && message.paused);
      }
      kernel.send({ type: 'interrupt' });
      expect((await kernel.finished(execution)).end).toBe('aborted');
      const again = await kernel.run('(await fit(model, data, { ...options, epochs: 1, progress: false })).ending');
      expect(again.result).toBe("'completed'");
    }
    // What the one operation held that was cut off is lost.
    expect((await tensors()) - before).toBeLessThan(20);
  });

  it('shows a bar, and a line for each epoch', async () => {
    const ran = await kernel.run('await fit(model, data, { ...options, epochs: 2 }); 0');
    expect(ran.text).toMatch(/^epoch 1 {2}step {6}6 {2}loss \d\.\d{4} {2}val_loss \d\.\d{4}\nepoch 2 {2}step {5}12 /m);
    const bars = ran.messages.flatMap((message) => (message.type === 'update' ? [message.data['text/plain']] : []));
    expect(bars.at(-1)).toMatch(/^epoch \d of 2.*: 100 % {2}96 of 96/);
  });
});
