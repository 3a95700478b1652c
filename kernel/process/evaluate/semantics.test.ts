import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KernelHarness, startKernel } from '../harness.ts';

let kernel: KernelHarness;
beforeAll(async () => {
  kernel = await startKernel();
});
afterAll(() => kernel?.close());

const result = async (source: string): Promise<string | undefined> => {
  const ran = await kernel.run(source);
  expect(ran.error, source).toBeUndefined();
  return ran.result;
};

describe('a name', () => {
  it('may be declared again as anything, and the latest is what it is', async () => {
    const kinds: [source: string, shown: string][] = [
      ['const n = 1', '1'],
      ['export let n = 2', '2'],
      ['var n = 3', '3'],
      ['function n() {} ; n = 4', '4'],
      ['class n {}', '[class n]'],
      ['enum n { A }', "{ '0': 'A', A: 0 }"],
      ['namespace n { export const x = 1 }', '{ x: 1 }'],
      ['import { sep as n } from "node:path"', "'/'"],
      ['import n = require("node:path"); n', ''],
      ['using n = null', 'null'],
    ];
    for (const [first] of kinds) {
      for (const [second, shown] of kinds) {
        await result(first);
        await result(second);
        if (shown !== '') expect(await result('n'), `${first} → ${second}`).toBe(shown);
      }
    }
  });

  it('is the same in functions of earlier cells; var keeps what it had; enums begin anew', async () => {
    await result('var v = 1; const read = () => v; enum E { A, B }');
    expect(await result('var v; read()')).toBe('1');
    expect(await result('const v = 2; read()')).toBe('2');
    expect(await result('for (var v of [7]) {} read()')).toBe('7');
    expect(await result('enum E { C } Object.keys(E)')).toBe("[ '0', 'C' ]");
    expect(await result('early(); function early() { return "hoisted" } early()')).toBe("'hoisted'");
  });

  it('is the latest also to code that was optimised, in cells that declare nothing', async () => {
    await result('let late = 1; let total = (n) => 0');
    await result('total = (n) => { let sum = 0; for (let i = 0; i < n; i++) sum += late; return sum }');
    expect(await result('for (let i = 0; i < 3000; i++) total(1000); total(1000)')).toBe('1000');
    expect(await result('late = 2; total(1000)')).toBe('2000');
    await result('const late = 3');
    expect(await result('total(1000)')).toBe('3000');
    await result('class late { static toString() { return "x" } }');
    expect(await result('total(2)')).toBe("'0xx'");
  });

  it.each([
    ['k = 2', 1],
    ['k++', 1],
    ['[k] = [2]', 2],
    ['({ k } = { k: 2 })', 4],
    ['for (k of [1]) {}', 6],
    ['(() => { k += 1 })()', 10],
  ])('that is constant refuses %s, in its cell and in later ones', async (assignment, column) => {
    const refusal = { name: 'TypeError', message: 'Assignment to constant variable.' };
    const own = await kernel.run(`const k: number = 1;\n${assignment}`, 'own');
    expect(own.error).toMatchObject(refusal);
    expect(own.error?.frames[0]).toMatchObject({ cell: 'own', line: 2, column });
    const later = await kernel.run(`// far away\n\n${assignment}`, 'later');
    expect(later.error).toMatchObject(refusal);
    expect(later.error?.frames[0]).toMatchObject({ cell: 'later', line: 3, column });
    expect(await result('k')).toBe('1');
    expect(await result('{ let k = 1; k = 2; }\n((k) => { k = 3; return k })(0)')).toBe('3');
    expect(await result('let k = 4; k = 5; k')).toBe('5');
  });
});

describe('using', () => {
  it('disposes when the cell ends, last first, also when it throws; the names stay', async () => {
    await result(
      'const log: string[] = []; const make = (name: string) => ({ name, [Symbol.dispose]() { log.push(name) } })',
    );
    expect(
      await result(
        'using a = make("a"), b = make("b");\nawait using c = { async [Symbol.asyncDispose]() { await null; log.push("c") } };\nconst late: number = log.length; late',
      ),
    ).toBe('0');
    expect(await result('[...log, a.name, late]')).toBe("[ 'c', 'b', 'a', 'a', 0 ]");
    const { error } = await kernel.run('log.length = 0;\nusing d = make("d");\n\nthrow new Error("out")', 'throws');
    expect(error).toMatchObject({ message: 'out', frames: [{ cell: 'throws', line: 4, column: 7 }] });
    expect(await result('[...log, d.name]')).toBe("[ 'd', 'd' ]");
    const both = await kernel.run(
      'using e = { [Symbol.dispose]() { throw new Error("second") } };\nthrow new Error("first")',
    );
    expect(both.error).toMatchObject({
      name: 'SuppressedError',
      causes: [
        { message: 'second', frames: [{ line: 1, column: 40 }, {}] },
        { message: 'first', frames: [{ line: 2, column: 7 }] },
      ],
    });
  });
});

describe('a component', () => {
  it('that fails says where', async () => {
    await kernel.run('const Row = ({ of }: { of: any }) => {\n  return <td>{of.cells.length}</td>;\n};');
    expect(await result('<tr>\n  <Row of={{}} />\n</tr>')).toMatch(
      /failed: TypeError: Cannot read properties of undefined \(reading 'length'\), at Row \(cell \[\d+\]:2:24\)\)$/,
    );
  });
});

describe('a loop of the top level', () => {
  const places = (frames: readonly { line: number; column: number; name?: string | undefined }[] = []) =>
    frames.map(({ line, column, name }) => [line, column, name]);

  it('throws from where it is, with one frame of its own', async () => {
    const { error } = await kernel.run(
      'let rounds = 0;\nfunction check(n: number) {\n  if (n > 2) throw new RangeError("enough");\n}\nfor (;;) {\n  rounds++;\n  check(rounds);\n}',
      'loop',
    );
    expect(places(error?.frames)).toEqual([
      [3, 20, 'check'],
      [7, 3, undefined],
    ]);
    expect(await result('rounds')).toBe('3');
    const later = await kernel.run(
      'await null;\nwhile (true) {\n  rounds += 1;\n  if (rounds > 5) rounds.missing.x;\n}',
      'l2',
    );
    expect(places(later.error?.frames)).toEqual([[4, 34, undefined]]);
    expect(await result('rounds')).toBe('6');
  });

  it('is the top level in stacks that cells read', async () => {
    expect(
      await result(
        'let stack = ""; let turn = 0;\nfor (; turn < 1; turn++) stack = new Error("here").stack ?? "";\nstack.replace(/cell \\[\\d+\\]/g, "cell")',
      ),
    ).toBe("'Error: here\\n    at cell:2:34'");
  });
});

describe('decorators', () => {
  it('are those of the standard, and errors keep their places', async () => {
    await result(
      'const seen: string[] = [];\nfunction logged(value: any, context: { kind: string; name: unknown }) { seen.push(context.kind + String(context.name)); return value }',
    );
    expect(
      await result(
        '@logged class A { @logged m(): number { return 1 } @logged accessor y = 2; @logged static z = 3 }\n[new A().m(), new A().y, A.z, A.name]',
      ),
    ).toBe("[ 1, 2, 3, 'A' ]");
    expect(await result('@logged class B { @logged m() { return 2 } }\n[new A().m(), new B().m(), seen.length]')).toBe(
      '[ 1, 2, 6 ]',
    );
    const { error } = await kernel.run(
      'interface Q { a: 1 }\n@logged class C {\n  m(): never {\n    throw new RangeError("in C");\n  }\n}\nnew C().m()',
      'dec',
    );
    expect(error?.frames.map(({ line, column }) => [line, column])).toEqual([
      [4, 11],
      [7, 9],
    ]);
  });
});

describe('JSX', () => {
  it('is shown as HTML, beside generics too', async () => {
    const ran = await kernel.run(
      'const same = <T>(value: T) => value;\nconst Item = ({ text }: { text: string }) => <li className="x">{same(text)}</li>;\n<ul>{["<a>", "b"].map((text) => <Item text={text} />)}<></></ul>',
    );
    expect(ran.error).toBeUndefined();
    expect(ran.outputs[0]).toMatchObject({
      type: 'result',
      data: { 'text/html': '<ul><li class="x">&lt;a&gt;</li><li class="x">b</li></ul>', 'text/plain': '<a>\nb' },
    });
  });

  it('tells errors where they are', async () => {
    const { error } = await kernel.run('const fine = <i>a</i>;\n<p>\n  {missing}\n</p>', 'jsx');
    expect(error).toMatchObject({ name: 'ReferenceError', frames: [{ cell: 'jsx', line: 3, column: 4 }] });
    const refused = await kernel.run('\n<button onClick={() => 1}>x</button>', 'jsx2');
    expect(refused.error).toMatchObject({ name: 'TypeError', frames: [{ cell: 'jsx2', line: 2, column: 2 }] });
    expect(refused.error?.message).toContain('widgets');
    const syntax = await kernel.run('<div>\n  <b>\n</div>', 'jsx3');
    expect(syntax.error).toMatchObject({ name: 'SyntaxError', frames: [{ cell: 'jsx3', line: 3 }] });
  });
});

describe('all of TypeScript and JavaScript', () => {
  it.each([
    ['let sum = 0; for await (const each of [1, Promise.resolve(2)]) sum += each; sum', '3'],
    ['import { type Stats, sep } from "node:fs"; import type { X } from "nowhere"; 1', '1'],
    ['namespace N { export const x = 1; export namespace M { export const y = x + 1 } } N.M.y', '2'],
    ['const s = { a: 1 } satisfies object; s!.a as number', '1'],
    ['/[\\p{L}--[a-z]]/v.test("Q")', 'true'],
    ['export = 5', '5'],
    ['import.meta.filename.endsWith("notebook.ts")', 'true'],
    ['abstract class P { constructor(readonly v: number) {} } class Q extends P {} new Q(7).v', '7'],
    ['{ a: 1, b: [2] }', '{ a: 1, b: [ 2 ] }'],
  ])('%s', async (source, shown) => {
    expect(await result(source)).toBe(shown);
  });

  it('errors in an object that is a whole cell are where they are', async () => {
    const { error } = await kernel.run('{ a: 1, b: missing }', 'object');
    expect(error?.frames[0]).toMatchObject({ line: 1, column: 12 });
  });
});

describe('names of a cell', () => {
  it('are told before it starts', async () => {
    const { messages } = await kernel.run(
      'const made = given + (<T,>(shadow: T) => shadow)(1); type Gone = 1; undeclared ??= made;',
    );
    const names = messages.find(({ type }) => type === 'names');
    expect(names).toMatchObject({ defines: ['made', 'undeclared'], uses: ['given', 'undeclared'] });
    expect(messages.findIndex(({ type }) => type === 'names')).toBeLessThan(
      messages.findIndex(({ type }) => type === 'started'),
    );
  });
});
