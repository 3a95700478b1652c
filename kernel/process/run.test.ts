import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KernelHarness, startKernel } from './harness.ts';

let kernel: KernelHarness;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trialroom-notebook-'));
  kernel = await startKernel({ cwd: folder });
});
afterAll(async () => {
  await kernel?.close();
  await rm(folder, { recursive: true, force: true });
});

const result = async (source: string): Promise<string | undefined> => {
  const ran = await kernel.run(source);
  expect(ran.error).toBeUndefined();
  expect(ran.end).toBe('ok');
  return ran.result;
};

describe('state', () => {
  it('lasts from cell to cell, whatever is declared again as whatever', async () => {
    const kinds = [
      'const n = 1',
      'let n = 2',
      'var n = 3',
      'function n() {}',
      'class n {}',
      'enum n { A }',
      'import n from "node:fs"',
    ];
    for (const first of kinds) {
      for (const second of kinds) {
        await result(first);
        await result(second);
      }
    }
    await result('let a = 1; const read = () => a');
    await result('a = 2');
    expect(await result('read()')).toBe('2');
    await result('const a = 3');
    expect(await result('read()')).toBe('3');
  });

  it('survives a cell that fails', async () => {
    await result('let kept = [1]');
    expect((await kernel.run('kept.push(2); throw new Error("x"); kept = []')).end).toBe('error');
    expect(await result('kept')).toBe('[ 1, 2 ]');
  });

  it('can be used while a hot loop keeps the speed of a module', async () => {
    expect(await result('let sum = 0; for (let i = 0; i < 1e6; i++) sum += i; sum')).toBe('499999500000');
  });
});

describe('results', () => {
  it.each([
    ['1 + 1', '2'],
    ['"text"', "'text'"],
    ['await Promise.resolve(42)', '42'],
    ['new Promise((resolve) => setTimeout(() => resolve("later"), 1))', "'later'"],
    ['undefined', undefined],
    ['const silent = 1', undefined],
    ['null', 'null'],
    ['display("shown")', undefined],
    ['{ a: [1, { b: 2 }] }', '{ a: [ 1, { b: 2 } ] }'],
  ])('%s → %s', async (source, expected) => {
    expect(await result(source)).toBe(expected);
  });

  it('of a record list are a table', async () => {
    const ran = await kernel.run('[{ a: 1, b: "x" }, { a: 2, b: null }]');
    const output = ran.outputs[0];
    expect(output?.type === 'result' && output.data['application/vnd.trialroom.table+json']).toEqual({
      columns: [
        { name: 'a', type: 'number' },
        { name: 'b', type: 'string' },
      ],
      rows: [
        [1, 'x'],
        [2, null],
      ],
      total: 2,
    });
  });

  it('whose own way to be shown fails are shown in another', async () => {
    const ran = await kernel.run('({ toHtml() { throw new RangeError("no html") } })');
    expect(ran.end).toBe('ok');
    expect(ran.result).toContain('toHtml');
  });
});

describe('errors', () => {
  it('name cell, line and column, with the lines around', async () => {
    const ran = await kernel.run(
      'interface Z { a: 1 }\n\nfunction fail(): void {\n  throw new TypeError("boom");\n}\nfail();',
      'c1',
    );
    expect(ran.error).toMatchObject({
      name: 'TypeError',
      message: 'boom',
      frames: [
        { cell: 'c1', line: 4, column: 9, name: 'fail' },
        { cell: 'c1', line: 6, column: 1 },
      ],
      excerpt: '  2 |\n  3 | function fail(): void {\n> 4 |   throw new TypeError("boom");\n    |         ^\n  5 | }',
    });
  });

  it('lead through functions of other cells and across awaits', async () => {
    await result('const late = async () => {\n  await null;\n  (undefined as any).x;\n}');
    const { error } = await kernel.run('await late()', 'c2');
    expect(error?.frames[0]).toMatchObject({ line: 3, name: 'late' });
    expect(error?.frames[0]?.cell).not.toBe('c2');
    expect(error?.frames[1]).toMatchObject({ cell: 'c2', line: 1 });
  });

  it('keep the places of a function whose cell has run again since', async () => {
    await result('\n\nconst old = () => { throw new Error("old") }');
    await kernel.run('\n\n\n\nconst old2 = old', 'c3');
    await kernel.run('1', 'c3');
    expect((await kernel.run('old2()')).error?.frames[0]?.line).toBe(3);
  });

  it('carry their causes', async () => {
    const { error } = await kernel.run(
      'throw new Error("outer", { cause: new TypeError("inner", { cause: "root" }) })',
    );
    expect(error?.causes?.map(({ name, message }) => `${name}: ${message}`)).toEqual([
      'TypeError: inner',
      'Thrown: root',
    ]);
  });

  it('carry the members of an AggregateError', async () => {
    const { error } = await kernel.run(
      'await Promise.any([Promise.reject(new Error("a")), Promise.reject(new Error("b"))])',
    );
    expect(error?.name).toBe('AggregateError');
    expect(error?.causes?.map(({ message }) => message)).toEqual(['a', 'b']);
  });

  it.each([
    ['throw 5', 'Thrown', '5'],
    ['throw undefined', 'Thrown', 'undefined'],
    ['throw { a: 1 }', 'Thrown', '{ a: 1 }'],
    ['throw Object.create(null)', 'Thrown', '[Object: null prototype] {}'],
    ['await Promise.reject("text")', 'Thrown', 'text'],
    ['Promise.reject(new RangeError("last"))', 'RangeError', 'last'],
    ['missing', 'ReferenceError', 'missing is not defined'],
  ])('%s is told', async (source, name, message) => {
    expect((await kernel.run(source)).error).toMatchObject({ name, message });
  });

  it.each([
    ['throw 5', 1, 1],
    ['let at1 = 1;\n  throw { a: 1 }', 2, 3],
    ['const at2: number = 1;\nfor (;;) {\n  throw "text";\n}', 2, 1],
    ['import { once } from "node:events";\n\nawait Promise.reject("text")', 3, 1],
    ['function at3() {}\nclass At4 {}; await new Promise((_, reject) => setTimeout(reject, 1, 5))', 2, 15],
    ['1;\n2; new Promise((_, reject) => setTimeout(reject, 1, null))', 2, 4],
    ['using at5 = null;\nexport const at6 = 1;\nexport const at7 = await Promise.reject(6)', 3, 8],
    ['await 0;\nawait require("node:timers/promises").setTimeout(9e9, 0, { signal: AbortSignal.timeout(1) })', 2, 1],
  ])('that know no place are those of the statement: %s', async (source, line, column) => {
    const { error } = await kernel.run(source, 'step');
    expect(error?.frames).toEqual([{ cell: 'step', line, column }]);
    expect(error?.excerpt).toContain(`> ${line} |`);
  });

  it('of syntax have a place and run nothing', async () => {
    const { error, end } = await kernel.run('globalThis.ran = true;\nlet 1x', 'c4');
    expect(end).toBe('error');
    expect(error).toMatchObject({ name: 'SyntaxError', frames: [{ cell: 'c4', line: 2, column: 6 }] });
    expect(await result('globalThis.ran')).toBeUndefined();
  });

  it('that V8 alone finds have a place too', async () => {
    for (const wrong of [
      'for (;;) { break nowhere }',
      'for (;;) { (() => { break })() }',
      '{ function a() {} function a() {} }',
    ])
      expect((await kernel.run(`let v8alone: number = 1;\n\n${wrong}`, 'c5')).error).toMatchObject({
        name: 'SyntaxError',
        frames: [{ cell: 'c5', line: 3 }],
      });
  });

  it('printed by a cell name cells, not our files', async () => {
    const ran = await kernel.run('\nconsole.log(new Error("seen").stack)');
    expect(ran.text).toMatch(/^Error: seen\n {4}at cell \[\d+\]:2:13\n$/);
  });
});

describe('what is left running', () => {
  it('prints to the cell that started it, also after its end', async () => {
    const first = kernel.start('setTimeout(() => console.log("from first"), 30); void 0');
    await kernel.finished(first);
    const second = kernel.start('await new Promise((resolve) => setTimeout(resolve, 60)); console.log("second")');
    await kernel.finished(second);
    expect(kernel.textOf(first)).toBe('from first\n');
    expect(kernel.textOf(second)).toBe('second\n');
  });

  it('fails in the cell that started it, and the kernel lives', async () => {
    const id = kernel.start(
      'setTimeout(() => { throw new Error("in a timer") }, 1);\nPromise.reject(new Error("nobody cares")); 0',
      'c6',
    );
    await kernel.finished(id);
    await kernel.untilPrinted(id, 'Uncaught Error: in a timer\n    at');
    await kernel.untilPrinted(id, 'Uncaught Error: nobody cares\n    at');
    expect(await result('1')).toBe('1');
  });

  it('is told as an error with its places and lines, a timer that fails for ever as text in the end', async () => {
    const id = kernel.start(
      'let left = 60;\nconst timer = setInterval(() => {\n  if (--left === 0) {\n    clearInterval(timer);\n    setTimeout(() => console.log("no more"), 5);\n  }\n  throw new RangeError("again");\n}, 0); 0',
      'c9',
    );
    await kernel.finished(id);
    await kernel.untilPrinted(id, 'no more\n');
    expect(kernel.textOf(id).match(/Uncaught RangeError: again/g)).toHaveLength(60);
    const told = kernel.messages.filter((message) => message.type === 'uncaught' && message.execution === id);
    expect(told).toHaveLength(50);
    expect(told[0]).toMatchObject({
      error: { name: 'RangeError', message: 'again', frames: [{ cell: 'c9', line: 7, column: 9 }] },
    });
    expect(told[0]).toHaveProperty('error.excerpt', expect.stringContaining('> 7 |   throw new RangeError'));
  });

  it('says so where what failed is the code of another cell', async () => {
    await kernel.finished(kernel.start('const later = () => { throw new Error("made elsewhere") }; 0', 'c7'));
    const id = kernel.start('setTimeout(later, 1);\nsetTimeout(() => { throw new Error("made here") }, 1); 0', 'c8');
    await kernel.finished(id);
    await kernel.untilPrinted(id, 'at Timeout.later (another cell:1:29)');
    await kernel.untilPrinted(id, 'made here\n    at cell:2:');
  });
});

describe('process.exit()', () => {
  it.each(['process.exit(3)', 'process.reallyExit(1)', 'process.abort()'])(
    '%s fails the cell and keeps the state',
    async (call) => {
      await result('let still = "here"');
      const { error, end } = await kernel.run(call);
      expect(end).toBe('error');
      expect(error?.name).toBe('KernelExit');
      expect(error?.message).toContain('Restart');
      expect(await result('still')).toBe("'here'");
    },
  );
});

describe('imports', () => {
  it('find files beside the notebook, with or without extension, and JSON', async () => {
    await mkdir(join(folder, 'lib'), { recursive: true });
    await writeFile(join(folder, 'lib', 'index.ts'), 'export * from "./deep.ts";');
    await writeFile(
      join(folder, 'lib', 'deep.ts'),
      'export interface Shape { a: number }\nexport const deep: number = 7;',
    );
    await writeFile(join(folder, 'data.json'), '{"rows":[1,2]}');
    expect(
      await result('import { deep, Shape } from "./lib"; import data from "./data.json"; [deep, data.rows.length]'),
    ).toBe('[ 7, 2 ]');
    expect(await result('(await import("./lib/deep")).deep')).toBe('7');
  });

  it('see the edits of a file that was imported before', async () => {
    const file = join(folder, 'edited.ts');
    await writeFile(file, 'export const version = 1;');
    await utimes(file, 1, 1);
    expect(await result('import { version } from "./edited.ts"; version')).toBe('1');
    expect(await result('import { version } from "./edited.ts"; version')).toBe('1');
    await writeFile(file, '\nexport const version = 2; export const fail = () => { throw new Error("new") };');
    await utimes(file, 2, 2);
    expect(await result('import { version, fail } from "./edited.ts"; version')).toBe('2');
    expect((await kernel.run('fail()')).error?.frames[0]).toMatchObject({ file, line: 2 });
  });

  it('find packages from the notebook upward', async () => {
    await mkdir(join(folder, 'node_modules', 'own'), { recursive: true });
    await writeFile(
      join(folder, 'node_modules', 'own', 'package.json'),
      '{"name":"own","type":"module","exports":{"import":"./m.js"}}',
    );
    await writeFile(join(folder, 'node_modules', 'own', 'm.js'), 'export default "mine"; export const named = 1;');
    expect(
      await result('import own, { named as other } from "own"; import * as all from "own"; [own, other, all.named]'),
    ).toBe("[ 'mine', 1, 1 ]");
  });

  it('know import.meta and node: modules without prefix', async () => {
    expect(
      await result('import { join } from "path"; join(import.meta.dirname, "x") === join(process.cwd(), "x")'),
    ).toBe('true');
  });

  it('know node: modules that have no name without it', async () => {
    expect(await result('import { DatabaseSync } from "node:sqlite"; import test from "node:test"; typeof test')).toBe(
      "'function'",
    );
  });

  it('that fail say what to do and where', async () => {
    const absent = await kernel.run('1;\nimport x from "not-installed-anywhere";', 'c7');
    expect(absent.error?.message).toContain('npm install not-installed-anywhere');
    expect(absent.error?.frames[0]).toMatchObject({ cell: 'c7', line: 2 });
    const missing = await kernel.run('import { nope } from "node:fs"; nope()');
    expect(missing.error?.message).toBe('The module "node:fs" does not export "nope"');
    expect((await kernel.run('await import("./nowhere.ts")')).error?.message).toContain('nowhere.ts');
  });

  it('point into the user’s own files when these fail', async () => {
    await writeFile(join(folder, 'broken.ts'), '\nexport function go(): never {\n  throw new Error("file");\n}');
    const { error } = await kernel.run('import { go } from "./broken.ts"; go()');
    expect(error?.frames[0]).toMatchObject({ file: join(folder, 'broken.ts'), line: 3, name: 'go' });
    expect(error?.excerpt).toContain('> 3 |   throw new Error("file");');
  });
});
