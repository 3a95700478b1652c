import { afterAll, beforeAll, expect, it } from 'vitest';
import { type KernelHarness, startKernel } from '../harness.ts';

let kernel: KernelHarness;
beforeAll(async () => {
  kernel = await startKernel();
  await kernel.run('let state = 42');
});
afterAll(() => kernel?.close());

let count = 0;
function start(source: string, limitMs: number): string {
  const execution = `limited-${++count}`;
  kernel.send({ type: 'execute', execution, cell: 'c', count, source, limitMs });
  return execution;
}

it.each([
  ['a loop', 'while (true) {}'],
  ['a loop after an await', 'await 0; while (true) {}'],
  ['a wait', 'await new Promise(() => {})'],
  ['a question', 'prompt("?")'],
])('%s over its time is stopped with an error that names the limit, and the queue goes on', async (_, source) => {
  const execution = start(source, 30);
  const behind = kernel.start('state');
  const ran = await kernel.finished(execution);
  expect(ran.end).toBe('error');
  expect(ran.error).toMatchObject({ name: 'TimeLimit', message: expect.stringContaining('limit of 0.03 s') });
  expect((await kernel.finished(behind)).result).toBe('42');
});

it('code that listens to its signal is told why', async () => {
  const source = `const signal = globalThis[Symbol.for("trialroom.host")].signal();
    await new Promise((_, reject) => signal.addEventListener("abort", () => { console.log(signal.reason.name); reject(signal.reason) }))`;
  const ran = await kernel.finished(start(source, 300));
  expect(ran).toMatchObject({ end: 'error', error: { name: 'TimeLimit' }, text: 'TimeLimit\n' });
});

it.each([60_000, Number.MAX_VALUE])('a cell within its limit of %d ms is left alone', async (limitMs) => {
  expect(await kernel.finished(start('1', limitMs))).toMatchObject({ end: 'ok', result: '1' });
});

it('a limit that strikes when its cell is over hits nobody else', async () => {
  await kernel.finished(start('1', 20));
  const ran = await kernel.run('await new Promise((resolve) => setTimeout(resolve, 60)); 2');
  expect(ran).toMatchObject({ end: 'ok', result: '2' });
});

it('an interrupt and a limit at once end the cell once', async () => {
  const execution = start('while (true) {}', 20);
  await kernel.until('started', (started) => started.execution === execution);
  kernel.send({ type: 'interrupt' });
  await kernel.finished(execution);
  await kernel.run('await new Promise((resolve) => setTimeout(resolve, 40))');
  const ends = kernel.messages.filter((message) => message.type === 'done' && message.execution === execution);
  expect(ends).toHaveLength(1);
});
