import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KernelHarness, startKernel } from './harness.ts';

let kernel: KernelHarness;
let folder: string;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'trialroom-notebook-')));
  kernel = await startKernel({ cwd: folder });
});
afterAll(async () => {
  await kernel?.close();
  await rm(folder, { recursive: true, force: true });
});

const write = async (name: string, text: string): Promise<void> => {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), text);
};
const result = async (source: string): Promise<string | undefined> => {
  const ran = await kernel.run(source);
  expect(ran.error).toBeUndefined();
  return ran.result;
};

describe('files of the user', () => {
  it('may hold all that cells may', async () => {
    await write(
      'rich.tsx',
      `import type { Shape } from './types.ts';
import { Other } from './types';
export enum Level { Low = 1, High }
export namespace Space { export const x: number = 2; }
const log = (value: unknown, context: { name: unknown }) => { (globalThis as any).logged = context.name; return value as never };
@log export class Marked { constructor(readonly shape: Shape) {} }
export const Title = ({ text }: { text: string }) => <b title={text}>{text}</b>;
export const type = (value: Other): string => typeof value;
`,
    );
    await write('types.ts', 'export interface Shape { a: 1 }\nexport type Other = number;');
    expect(
      await result(
        'import { Level, Space, Marked, Title, type as kind } from "./rich.tsx";\n[Level.High, Space.x, new Marked({ a: 1 }).shape.a, logged, kind(1), (<Title text="<" />).toHtml()]',
      ),
    ).toBe(`[ 2, 2, 1, 'Marked', 'number', '<b title="&lt;">&lt;</b>' ]`);
  });

  it('show their own lines in errors, also after a change', async () => {
    const text = (message: string, lines: number): string =>
      `${'interface Gone {\n  a: 1;\n}\n'.repeat(lines)}enum E { A }\nexport function fail(value: string): never {\n  throw new RangeError(\`${message} \${value} \${E.A}\`);\n}\n`;
    await write('fails.ts', text('first', 1));
    const { error } = await kernel.run('import { fail } from "./fails.ts";\nfail("x")', 'c1');
    expect(error?.frames.slice(0, 2)).toEqual([
      { file: join(folder, 'fails.ts'), line: 6, column: 9, name: 'fail' },
      { cell: 'c1', line: 2, column: 1 },
    ]);
    expect(error?.excerpt).toContain('> 6 |   throw new RangeError(');
    await write('fails.ts', text('second', 2));
    const changed = await kernel.run('import { fail } from "./fails.ts";\nfail("x")');
    expect(changed.error).toMatchObject({ message: 'second x 0', frames: [{ line: 9, column: 9 }, {}] });
    await write('broken.ts', 'export const a = 1;\nexport const b: number = ;\n');
    const broken = await kernel.run('import "./broken.ts"');
    expect(broken.error).toMatchObject({
      name: 'SyntaxError',
      frames: [{ file: join(folder, 'broken.ts'), line: 2, column: 26 }],
    });
    expect(broken.error?.excerpt).toContain('> 2 | export const b: number = ;');
    await write('broken.ts', 'export const b: number = 7;\n');
    expect(await result('import { b } from "./broken.ts"; b')).toBe('7');
  });

  it.each([
    [
      'import "./leads.mjs"',
      'leads.mjs',
      'import "./plain.js";',
      'plain.js',
      'export const b = 1;\nexport const c = ;',
      2,
      18,
    ],
    [
      'await import("./leads.ts")',
      'leads.ts',
      'export * from "./plain.mjs";',
      'plain.mjs',
      '/* é😀 */\n/* é😀 */ let 1x',
      2,
      16,
    ],
    [
      'require("./leads.cjs")',
      'leads.cjs',
      'require("./plain.cjs")',
      'plain.cjs',
      'return;\nmodule.exports = {',
      2,
      19,
    ],
  ])(
    'show where their grammar is broken, by whatever way they are reached: %s',
    async (ask, by, link, name, text, line, column) => {
      await write(by, link);
      await write(name, text);
      const { error } = await kernel.run(ask);
      expect(error?.name).toBe('SyntaxError');
      expect(error?.frames[0]).toEqual({ file: join(folder, name), line, column });
      expect(error?.excerpt).toContain(`> ${line} |`);
    },
  );

  it('are loaded again when they, or what they import, change; and else are what they were', async () => {
    await write('a.ts', 'import { b } from "./deep/b";\nexport const a = () => "a" + b();\nexport const token = {};');
    await write('deep/b.ts', 'export { c as b } from "../c.js";');
    await write('c.ts', 'export const c = (): string => "c1";');
    await write('side.ts', 'export const token = {};');
    expect(await result('import * as one from "./a.ts"; import * as side1 from "./side.ts"; one.a()')).toBe("'ac1'");
    expect(await result('import * as two from "./a.ts"; two.token === one.token')).toBe('true');
    await write('c.ts', 'export const c = (): string => "c2";');
    expect(
      await result(
        'import * as three from "./a.ts"; import * as side2 from "./side.ts"; [three.a(), one.a(), three.token === one.token, side1.token === side2.token]',
      ),
    ).toBe("[ 'ac2', 'ac1', false, true ]");
  });

  it('may import one another in a circle', async () => {
    await write(
      'even.ts',
      'import { odd } from "./odd.ts";\nexport const even = (n: number): boolean => n === 0 || odd(n - 1);',
    );
    await write(
      'odd.ts',
      'import { even } from "./even.ts";\nexport const odd = (n: number): boolean => n !== 0 && even(n - 1);',
    );
    expect(await result('import { even } from "./even.ts"; even(10)')).toBe('true');
    await write('odd.ts', 'export const odd = (n: number): boolean => false;');
    expect(await result('import { even } from "./even.ts"; even(10)')).toBe('false');
  });

  it('import on demand what is there then', async () => {
    await write('lazy.ts', 'export const later = async () => (await import("./value.ts")).value;');
    await write('value.ts', 'export const value: number = 1;');
    expect(await result('const { later } = await import("./lazy.ts"); await later()')).toBe('1');
    await write('value.ts', 'export const value: number = 2;');
    expect(await result('await later()')).toBe('2');
    await write('table.json', '{ "rows": 3 }');
    await write('reads.ts', 'import table from "./table.json";\nexport const rows = table.rows;');
    expect(await result('import { rows } from "./reads.ts"; rows')).toBe('3');
    await write('table.json', '{ "rows": 4 }');
    expect(await result('import { rows } from "./reads.ts"; rows')).toBe('4');
  });

  it('may be CommonJS', async () => {
    await write('old.cjs', 'exports.n = require("./older.cjs").n + 1;');
    await write('older.cjs', 'exports.n = 1;');
    await write('typed.cts', 'import path = require("node:path");\nconst sep: string = path.sep;\nexport = { sep };');
    expect(await result('import { n } from "./old.cjs"; import typed from "./typed.cts"; [n, typed.sep]')).toBe(
      "[ 2, '/' ]",
    );
    expect(await result('require("./old.cjs").n + require("./typed.cts").sep')).toBe("'2/'");
    await write('older.cjs', 'exports.n = 5;');
    expect(await result('require("./old.cjs").n')).toBe('6');
    expect(await result('import { n } from "./old.cjs"; n')).toBe('6');
  });

  it('may be CommonJS that passes on what changes', async () => {
    await write('passes.cjs', 'module.exports = require("./passed.cjs");');
    await write('passed.cjs', 'module.exports = { n: 1 };');
    expect(await result('import { n } from "./passes.cjs"; n')).toBe('1');
    await write('passed.cjs', 'module.exports = { n: 22 };');
    expect(await result('import { n } from "./passes.cjs"; [n, require("./passes.cjs").n]')).toBe('[ 22, 22 ]');
  });

  it('are found by require too, and required as they are now', async () => {
    await write('bare.ts', 'import { inner } from "./inner";\nexport const outer: string = inner + "!";');
    await write('inner.ts', 'export const inner: string = "one";');
    await write('leads-on.cjs', 'module.exports = () => require("./inner").inner;');
    const ask = '[require("./bare").outer, require("./leads-on.cjs")()]';
    expect(await result(ask)).toBe("[ 'one!', 'one' ]");
    await write('inner.ts', 'export const inner: string = "second";');
    expect(await result(ask)).toBe("[ 'second!', 'second' ]");
    expect(await result('require("./bare") === (await import("./bare"))')).toBe('true');
    expect(await result('require.resolve("./bare")')).toBe(`'${join(folder, 'bare.ts')}'`);
  });

  it('show where they ask another for what it does not have', async () => {
    await write('has.ts', 'export interface Shape { a: 1 }\nexport const one = 1;');
    await write('asks.ts', 'type Gone = 1;\n\nimport { one, Shape } from "./has";\nexport { one, Shape };');
    const { error } = await kernel.run('import "./asks"', 'c3');
    expect(error?.frames[0]).toMatchObject({ file: join(folder, 'asks.ts'), line: 3 });
    expect(error?.excerpt).toContain('> 3 | import { one, Shape } from');
  });

  it('may import themselves by the name of their package', async () => {
    await write('pack/package.json', '{ "name": "pack", "exports": "./self.ts", "type": "module" }');
    await write('pack/self.ts', 'export const own: number = 1;');
    await write('pack/other.ts', 'export { own } from "pack";');
    expect(await result('import { own } from "./pack/other.ts"; own')).toBe('1');
  });

  it('find what the kernel brings', async () => {
    await write('shows.ts', 'import { html } from "trialroom";\nexport const page = html("<i>x</i>");');
    const ran = await kernel.run('import { page } from "./shows.ts"; page');
    expect(ran.outputs[0]).toMatchObject({ type: 'result', data: { 'text/html': '<i>x</i>' } });
    expect(await result('require("trialroom").html === (await import("trialroom")).html')).toBe('true');
  });
});

describe('packages', () => {
  it('may hold TypeScript alone, as those of a workspace do', async () => {
    await write('node_modules/old-ts/package.json', '{ "name": "old-ts", "main": "main.ts" }');
    await write('node_modules/old-ts/main.ts', 'enum Size { S, M }\nexport const size: number = Size.M;');
    const exported = '{ "name": "@own/ts", "type": "module", "exports": "./src/index.ts" }';
    await write('node_modules/@own/ts/package.json', exported);
    await write('node_modules/@own/ts/src/index.ts', 'export { deep as default } from "./deep.js";');
    await write('node_modules/@own/ts/src/deep.ts', 'export const deep = { of: "own" } satisfies object;');
    expect(await result('import { size } from "old-ts"; import own from "@own/ts"; [size, own]')).toBe(
      "[ 1, { of: 'own' } ]",
    );
    expect(await result('require("old-ts").size')).toBe('1');
  });
});

describe('what cannot be found', () => {
  it('is told with the folder and what would help, from a file too', async () => {
    expect((await kernel.run('import "not-there/x"', 'c2')).error).toMatchObject({
      message: `Cannot find package "not-there" from ${folder}. Install it there: npm install not-there`,
      frames: [{ cell: 'c2', line: 1 }],
    });
    await write('sub/needs.ts', 'import "@some/thing/x";');
    expect((await kernel.run('import "./sub/needs.ts"')).error?.message).toBe(
      `Cannot find package "@some/thing" from ${join(folder, 'sub')}. Install it there: npm install @some/thing`,
    );
    expect((await kernel.run('import "./nowhere"')).error?.message).toContain(
      `there is no file ${join(folder, 'nowhere')}`,
    );
  });

  it('has the place of what asked for it', async () => {
    for (const ask of [
      'require("./nowhere")',
      'require("nobody")',
      'require.resolve("nobody")',
      'import.meta.resolve("nobody")',
    ])
      expect((await kernel.run(`1;\n  ${ask}`, 'c3')).error?.frames[0], ask).toMatchObject({
        cell: 'c3',
        line: 2,
        column: 3 + Math.max(0, ask.indexOf('resolve(')),
      });
  });

  it.each([
    ['import { v } from "late-a"; v', 'late-a', '"exports": "./i.js"', 'module', 'export const v = 1'],
    ['import { v } from "late-b"; v', 'late-b', '"main": "i.js"', 'commonjs', 'exports.v = 1'],
    ['require("late-c").v', 'late-c', '"main": "i.js"', 'commonjs', 'exports.v = 1'],
    ['import { v } from "./asks.ts"; v', '@late/d', '"main": "i.js"', 'module', 'export const v = 1'],
  ])('is found once it is installed: %s', async (ask, name, entry, type, code) => {
    await write('asks.ts', 'export { v } from "@late/d";');
    await write('node_modules/there/package.json', '{}');
    expect((await kernel.run(ask)).error?.message).toContain(`npm install ${name}`);
    await write(`node_modules/${name}/package.json`, `{ "name": "${name}", ${entry}, "type": "${type}" }`);
    await write(`node_modules/${name}/i.js`, code);
    expect(await result(ask)).toBe('1');
  });

  it('is told with what there is instead, where a package keeps it to itself', async () => {
    await write(
      'node_modules/closed/package.json',
      '{ "name": "closed", "exports": { ".": "./index.js", "./open": "./open.js" } }',
    );
    await write('node_modules/closed/index.js', 'module.exports = 1;');
    const { error } = await kernel.run('await import("closed/private")');
    expect(error?.message).toBe(
      `Package "closed" (${join(folder, 'node_modules/closed/package.json')}) does not export "closed/private". It offers: closed, closed/open`,
    );
  });
});
