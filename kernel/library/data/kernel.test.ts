import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KernelHarness, startKernel } from '../../process/harness.ts';

/** Data in a real kernel process: cells that are interrupted while a thread prepares their batches. */
let kernel: KernelHarness;

beforeAll(async () => {
  // It looks into a module of the library, of which there is only one where that is loaded from its sources.
  const env = { ...process.env, TRIALROOM_KERNEL_SOURCES: '1' };
  kernel = await startKernel({ cwd: import.meta.dirname, env });
  const prepared = await kernel.run(`
    import { data } from 'trialroom';
    import { threadCounts } from ${JSON.stringify(new URL('./dataset/prefetch.ts', import.meta.url).pathname)};
    const set = data.dataset({ inputs: { shape: [4000, 100], values: new Float32Array(400_000) } });
    const source = set.batches({ batchSize: 8, shuffle: true, thread: 'worker' });`);
  expect(prepared.error).toBeUndefined();
});
afterAll(() => kernel.close());

const counts = async (): Promise<string | undefined> => (await kernel.run('threadCounts()')).result;

describe('in a kernel', () => {
  it('a whole epoch goes through, and the thread is kept for the next', async () => {
    const ran = await kernel.run(`
      let seen = 0;
      for await (const { size } of source.epoch({ epoch: 0, seed: 1 })) seen += size;
      seen`);
    expect(ran.error).toBeUndefined();
    expect(ran.result).toBe('4000');
    expect(await counts()).toBe('{ all: 1, working: 0 }');
  });

  it.each([
    ['that waits for something else', 'await new Promise(() => {})'],
    ['that computes', 'for (;;);'],
  ])('an interrupt of a loop %s frees the thread', async (_, work) => {
    const execution = kernel.start(`
      for await (const { index } of source.epoch({ epoch: 1, seed: 1 })) {
        if (index === 3) { console.log('at three'); await new Promise((go) => setTimeout(go, 1)); ${work} }
      }`);
    await kernel.untilPrinted(execution, 'at three');
    kernel.send({ type: 'interrupt' });
    expect((await kernel.finished(execution)).end).toBe('aborted');
    expect(await counts()).toBe('{ all: 0, working: 0 }');
    const again = await kernel.run(
      'for await (const { index } of source.epoch({ epoch: 1, seed: 1, from: 499 })) index',
    );
    expect(again.error).toBeUndefined();
    expect(await counts()).toBe('{ all: 1, working: 0 }');
  });

  it('a thread that is lost in a user’s function is ended by the interrupt', async () => {
    const execution = kernel.start(`
      const stuck = set.map(() => { for (;;); }, { thread: 'worker' }).batches({ batchSize: 8 });
      const first = stuck.epoch({ epoch: 0, seed: 0 })[Symbol.asyncIterator]().next();
      console.log('begun', threadCounts().working);
      await first;`);
    await kernel.untilPrinted(execution, 'begun 1');
    kernel.send({ type: 'interrupt' });
    expect((await kernel.finished(execution)).end).toBe('aborted');
    expect(await counts()).toBe('{ all: 0, working: 0 }');
  });

  it('a table is shown as one, and errors say what to do', async () => {
    const ran = await kernel.run(`data.table([{ a: 1, b: 'x' }])`);
    const [output] = ran.outputs;
    expect(JSON.stringify(output)).toContain('"kind":"int32"');
    const failed = await kernel.run(`await data.csv('kernel.tests.ts')`);
    expect(failed.error?.message).toContain('kernel.tests.ts: there is no such file');
    expect(failed.error?.message).toContain('There are "kernel.test.ts"');
  });
});
