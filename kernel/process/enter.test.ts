import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startKernel } from './harness.ts';

let folder: string;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'trialroom-entered-')));
  await writeFile(join(folder, 'beside.ts'), 'export const found = "here";');
  await writeFile(join(folder, 'data.json'), '{"rows":3}');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const LOOK = `import { found } from "./beside.ts";
[found, require("./data.json").rows, process.cwd(), import.meta.dirname, import.meta.resolve("./beside.ts")].join()`;

it.each([
  ['at once', () => Promise.resolve()],
  // The first gauge comes a second after the start, when a kernel has long done what it does ahead of need.
  ['after it has stood ready', (kernel: Awaited<ReturnType<typeof startKernel>>) => kernel.until('gauge')],
])('a kernel works in the folder that it has entered %s', async (_, ready) => {
  const kernel = await startKernel();
  await ready(kernel);
  kernel.send({ type: 'enter', folder });
  const ran = await kernel.run(LOOK);
  expect(ran.error).toBeUndefined();
  expect(ran.result).toBe(`'here,3,${folder},${folder},file://${folder}/beside.ts'`);
  await kernel.close();
});

it('what it did ahead of need is not seen by cells', async () => {
  const kernel = await startKernel();
  await kernel.until('gauge');
  expect(kernel.messages.map(({ type }) => type)).toEqual(['hello', 'gauge']);
  expect((await kernel.run('try { C } catch (error) { error.message }')).error).toBeUndefined();
  const failed = await kernel.run('\nthrow new Error("first")', 'c');
  expect(failed.error?.frames).toEqual([{ cell: 'c', line: 2, column: 7 }]);
  await kernel.close();
});

it('a kernel does not move once it was given a cell, and does not fall over a folder that is not there', async () => {
  const kernel = await startKernel();
  kernel.send({ type: 'enter', folder: join(folder, 'nowhere') });
  const before = (await kernel.run('process.cwd()')).result;
  kernel.send({ type: 'enter', folder });
  expect((await kernel.run('process.cwd()')).result).toBe(before);
  expect(kernel.stderr).toContain('enter came after the first execute');
  expect(kernel.stderr).toContain('nowhere');
  await kernel.close();
});
