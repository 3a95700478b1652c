/**
 * What an interrupt leaves to the other cells. V8 drops the microtasks that were due at the moment when it stops one, so
 * this is what is promised: whatever waits for a timer, a file or a socket goes on; only what was due in the very same
 * turn as the stopped code (an `await` of a promise that both had just been given) may be lost with it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KernelHarness, startKernel } from '../harness.ts';

let kernel: KernelHarness;
beforeAll(async () => {
  kernel = await startKernel();
  await kernel.run(`
    import { stat } from "node:fs/promises";
    import { setTimeout as sleep } from "node:timers/promises";
    const turns = { timers: 0, promises: 0, immediates: 0, files: 0, generators: 0 };
    void (async () => { for (;;) { await new Promise((resolve) => setTimeout(resolve, 1)); turns.timers++ } })();
    void (async () => { for (;;) { await sleep(1); await null; await null; turns.promises++ } })();
    void (async () => { for (;;) { await new Promise((resolve) => setImmediate(resolve)); turns.immediates++ } })();
    void (async () => { for (;;) { await stat("/"); turns.files++ } })();
    async function* ticks() { for (;;) { await sleep(1); yield } }
    void (async () => { for await (const _ of ticks()) turns.generators++ })();`);
});
afterAll(() => kernel?.close());

it('a long turn of another cell goes on while one that waits is interrupted', async () => {
  const busy = await startKernel();
  try {
    await busy.run(`
      import { setTimeout as sleep } from "node:timers/promises";
      let turns = 0;
      void (async () => {
        for (;;) {
          const until = performance.now() + 25;
          while (performance.now() < until);
          turns++;
          await sleep(1);
        }
      })();`);
    for (let round = 0; round < 5; round++) {
      const execution = busy.start('console.log("go"); await new Promise(() => {})');
      await busy.untilPrinted(execution, 'go');
      // Any moment will do; this one is mostly in the midst of a turn.
      await sleep(5);
      busy.send({ type: 'interrupt' });
      expect((await busy.finished(execution)).end).toBe('aborted');
      const { end } = await busy.run('const before = turns; while (turns < before + 2) await sleep(1);');
      expect(end).toBe('ok');
    }
  } finally {
    await busy.close();
  }
});

/** Resolves once every background loop has come round again. */
async function expectAllMoving(): Promise<void> {
  const { end } = await kernel.run(`
    const before = { ...turns };
    while (Object.keys(turns).some((key) => turns[key] < before[key] + 3)) await sleep(1);`);
  expect(end).toBe('ok');
}

describe('background work of another cell goes on after the interrupt of', () => {
  it.each([
    ['a loop', 'console.log("go"); for (;;);'],
    ['a loop after an await', 'await 0; console.log("go"); for (;;);'],
    ['a loop after a timer', 'await sleep(1); console.log("go"); for (;;);'],
    ['a flood of microtasks', 'console.log("go"); for (;;) await 0'],
    ['a flood of ticks', 'const f = () => process.nextTick(f); console.log("go"); f(); await new Promise(() => {})'],
    ['a wait for nothing', 'console.log("go"); await new Promise(() => {})'],
    ['a loop of timers', 'console.log("go"); for (;;) await sleep(1)'],
    ['a loop of files', 'console.log("go"); for (;;) await stat("/")'],
    ['a loop that catches', 'await 0; console.log("go"); for (;;) { try { for (;;); } catch {} }'],
  ])('%s', async (_, source) => {
    const execution = kernel.start(source);
    await kernel.untilPrinted(execution, 'go');
    kernel.send({ type: 'interrupt' });
    expect((await kernel.finished(execution)).end).toBe('aborted');
    await expectAllMoving();
  });
});
