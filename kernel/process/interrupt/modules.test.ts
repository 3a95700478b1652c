import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KernelHarness, startKernel } from '../harness.ts';

let kernel: KernelHarness;
beforeAll(async () => {
  kernel = await startKernel();
});
afterAll(() => kernel?.close());

/** Says that it has begun, and takes far longer than other code is given that is in an interrupt's way. */
const SLOW = 'console.log("go"); const end = performance.now() + 400; while (performance.now() < end);';

async function write(name: string, text: string): Promise<void> {
  const path = join(kernel.folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
}

/** Runs a cell and interrupts it when the module that it loads has begun. */
async function interrupted(source: string): Promise<void> {
  const execution = kernel.start(source);
  await kernel.untilPrinted(execution, 'go');
  kernel.send({ type: 'interrupt' });
  expect((await kernel.finished(execution)).end).toBe('aborted');
}

describe('an interrupt while a module is being loaded leaves it whole:', () => {
  it('one that is imported', async () => {
    await write('node_modules/slow/index.mjs', `export const first = 1; ${SLOW} export const second = 2;`);
    await write('node_modules/slow/package.json', '{ "name": "slow", "exports": "./index.mjs" }');
    await interrupted('import "slow"; for (;;);');
    expect((await kernel.run('import { first, second } from "slow"; [first, second].join()')).result).toBe("'1,2'");
  });

  it('one that is required by another', async () => {
    await write('node_modules/inner/index.js', `exports.first = 1; ${SLOW} exports.second = 2;`);
    await write('node_modules/outer/index.js', 'exports.inner = require("inner"); exports.own = 3;');
    await interrupted('require("outer"); for (;;);');
    const { result } = await kernel.run(
      'const { inner, own } = require("outer"); [inner.first, inner.second, own].join()',
    );
    expect(result).toBe("'1,2,3'");
  });

  it('one that is required, which runs once', async () => {
    await write(
      'node_modules/once/index.js',
      `globalThis.runs = (globalThis.runs ?? 0) + 1; ${SLOW} exports.runs = runs;`,
    );
    await interrupted('require("once"); for (;;);');
    expect((await kernel.run('require("once").runs')).result).toBe('1');
  });

  it('one that other code was loading meanwhile', async () => {
    await write('node_modules/ready/index.js', 'exports.count = (globalThis.counted = (globalThis.counted ?? 0) + 1);');
    await write('waiting.mjs', 'import ready from "ready"; await globalThis.opened; export default ready;');
    await kernel.run(
      'let open; globalThis.opened = new Promise((done) => { open = done }); const later = import("./waiting.mjs"); void 0',
    );
    await interrupted('console.log("go"); for (;;);');
    const { result } = await kernel.run('open(); [(await later).default.count, require("ready").count].join()');
    expect(result).toBe("'1,1'");
  });
});

it('a module that never ends is stopped', async () => {
  await write('endless.mjs', 'console.log("go"); for (;;);');
  await interrupted('import "./endless.mjs"');
  expect((await kernel.run('1 + 1')).result).toBe('2');
});

it('a module that was stopped is loaded anew when it is required again', async () => {
  await write(
    'node_modules/twice/index.js',
    'exports.early = 1; if (!globalThis.again) { console.log("go"); for (;;); } exports.late = 2;',
  );
  await interrupted('require("twice")');
  expect((await kernel.run('globalThis.again = true; require("twice").late')).result).toBe('2');
});
