import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KernelHarness, startKernel } from './harness.ts';

let kernel: KernelHarness;
beforeAll(async () => {
  kernel = await startKernel();
  await kernel.run('let kept = 42;');
});
afterAll(() => kernel?.close());

const round = (open: string, times: number, close = '', middle = '1'): string =>
  open.repeat(times) + middle + close.repeat(times);

/** Text that only a program writes, and that ended the process by the stack of the parser. */
describe('a cell that nests beyond all measure', () => {
  it.each([
    ['brackets', round('(', 5000, ')'), /call stack/],
    ['more brackets', round('[', 100_000, ']'), /nests brackets or operators too deeply/],
    ['brackets left open', '['.repeat(100_000), /Expected|too deeply/],
    ['objects', round('({a:', 3000, '})'), /call stack/],
    ['templates', round('${`', 3000, '`}').slice(2, -1), /./],
    ['functions', round('function f(){', 3000, '}'), /call stack/],
    ['classes', round('class A { m() {', 2000, '}}'), /call stack/],
    ['conditions', round('1?', 10_000, ':1'), /call stack/],
    ['statements', round('if (1) {} else ', 15_000), /call stack/],
    ['assignments', round('kept=', 10_000), /call stack/],
  ])('%s: fails, and leaves the kernel as it was', async (_name, source, message) => {
    const { end, error } = await kernel.run(source);
    expect([end, error?.message]).toEqual(['error', expect.stringMatching(message)]);
    expect((await kernel.run('kept')).result).toBe('42');
  });

  it.each([
    ['a sum', Array(60_000).fill('1').join('+'), '60000'],
    ['types', `type A<T> = T; let deep: ${round('A<', 3000, '>', 'number')} = 1; deep`, '1'],
    ['names', `${Array.from({ length: 20_000 }, (_, at) => `const v${at} = ${at};`).join('\n')}\nv19999`, '19999'],
  ])('%s: runs', async (_name, source, result) => {
    expect((await kernel.run(source)).result).toBe(result);
  });
});
