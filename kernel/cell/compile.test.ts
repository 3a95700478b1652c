import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { parseSync } from 'oxc-parser';
import { describe, expect, it } from 'vitest';
import { analyse, CellCompiler, CellSyntaxError, type CompiledCell } from './compile.ts';
import { RUNTIME } from './contract.ts';
import { boundNames, walk } from './names.ts';
import { locate, rememberCell } from './trace.ts';

const compile = (source: string): CompiledCell => new CellCompiler().compile('cell', 1, source);

/** Runs a script that awaits nothing, as one cell; returns what it shows and the names it declares. */
function run(source: string): unknown {
  let shown: unknown;
  const show = (value: unknown): void => {
    shown = value;
  };
  runInNewContext(compile(source).script, { [RUNTIME]: { show, step: [0], meta: { url: 'file:///x' } } });
  return shown;
}

function refused(source: string): CellSyntaxError {
  try {
    compile(source);
  } catch (error) {
    if (error instanceof CellSyntaxError) return error;
    throw error;
  }
  throw new Error('not refused');
}

const RESERVED = new Set(['async', 'let', 'static', 'await', 'yield', 'eval', 'arguments', 'of', 'get', 'set', 'as']);
const identifier = fc
  .stringMatching(/^[a-zA-Z_$][a-zA-Z0-9_$]{0,6}$/)
  .filter((name) => !RESERVED.has(name) && isIdentifier(name));

function isIdentifier(name: string): boolean {
  return parseSync('x.ts', `let ${name} = 1;`, { sourceType: 'module' }).errors.length === 0;
}

describe('what a cell shows', () => {
  it.each<[string, unknown]>([
    ['1 + 1', 2],
    ['"text"', 'text'],
    ['{ a: 1 }', { a: 1 }],
    ['{}', {}],
    ['// what it is\n{ a: 1 } // and why }', { a: 1 }],
    ['/* { */ { a: 1, b: { c: 2 } } /* } */\n', { a: 1, b: { c: 2 } }],
    ['// what it is\n{ const a = 1 }', undefined],
    ['1, 2', 2],
    ['let one = 1; one, (2, 3), one + 1;;', 2],
    ['#!/usr/bin/env node\n1 + 1', 2],
    ['#!/usr/bin/env node\nconst typed: number = 1; typed', 1],
    ['{ const a = 1 }', undefined],
    ['const a = 1', undefined],
    ['const a = 1; a;', 1],
    ['const s = [1, 2] satisfies number[]; s.length as number', 2],
    ['enum E { A, B } E.B', 1],
    ['namespace N { export const x = 4 } N.x', 4],
    ['export const e = 5; e', 5],
    ['export default 6', undefined],
    ['abstract class P { constructor(readonly v: number) {} }\nclass Q extends P {}\nnew Q(7).v', 7],
    ['later(); function later() { return 8 } later()', 8],
    ['function f() { return 1 } function f() { return 2 } f()', 2],
    ['var v = 1; var v = 2; v', 2],
    ['for (var i = 0; i < 3; i++) { var w = i } i + w', 5],
    ['for (var k of [1, 2]) {} k', 2],
    ['for (var p in { q: 1 }) {} p', 'q'],
    ['var { a, b: [c = 3] } = { a: 1, b: [] }; a + c', 4],
    ['if (true) { var deep = 9 } deep', 9],
    ['(() => { var own = 1; return own })()', 1],
    ['import.meta.url', 'file:///x'],
    ['// only a comment', undefined],
    ['', undefined],
  ])('%j shows %j', (source, expected) => {
    expect(run(source)).toEqual(expected);
  });
});

describe('names', () => {
  it('of any kind become let', () => {
    fc.assert(
      fc.property(fc.uniqueArray(identifier, { minLength: 6, maxLength: 6 }), (names) => {
        const [a, b, c, d, e, f] = names;
        const source = `const ${a} = 1; let ${b} = 2; var ${c} = 3; function ${d}() { return 4 } class ${e} {} enum ${f} { X = 6 }
          [${a}, ${b}, ${c}, ${d}(), typeof ${e}, ${f}.X]`;
        expect(run(source)).toEqual([1, 2, 3, 4, 'function', 6]);
        const { program } = parseSync('x.js', compile(source).script, { sourceType: 'module' });
        const declared: string[] = [];
        for (const node of program.body) {
          expect(node.type).not.toMatch(/FunctionDeclaration|ClassDeclaration|Export|Import/);
          if (node.type !== 'VariableDeclaration') continue;
          expect(node.kind).toBe('let');
          declared.push(...node.declarations.flatMap(({ id }) => boundNames(id)));
        }
        expect(declared.toSorted()).toEqual(names.toSorted());
      }),
      { numRuns: 50 },
    );
  });

  it('bound by a pattern are all found', () => {
    const { program } = parseSync('x.js', 'let { a, b: { c }, ["d"]: [e, , f = 1, ...g], ...h } = x', {});
    const found: string[] = [];
    walk(program, (node) => {
      if (node.type === 'VariableDeclarator') found.push(...boundNames(node.id));
      return true;
    });
    expect(found).toEqual(['a', 'c', 'e', 'f', 'g', 'h']);
  });
});

describe('analysis', () => {
  it.each<[source: string, defines: string, uses: string]>([
    ['let { a = b, c: d, ...e } = f', 'a d e', 'b f'],
    ['const g = (h, i = j, { k: l }) => h + i + l', 'g', 'j'],
    ['function x(this: Y, z: ZZ): A { x(); arguments; let q = z; return q }', 'x', ''],
    ['class Q extends R { s = t; static u = Q; [v]() { this.w; return super.x } }', 'Q', 'R t v'],
    ['out: for (const a of b) { if (a) continue out; break out }', '', 'b'],
    ['({ a, b: c, [d]: e, f() {} }); g.h[i]', '', 'a c d e g i'],
    ['typeof a; type B = typeof c; interface D { e: F } let g: H = i as J', 'g', 'a i'],
    ['x = 1; [y] = [2]; ({ z } = w); v++', 'x y z v', 'x y z w v'],
    ['import d, { a as b, type T } from "m"; import * as n from "m"; b()', 'd b n', ''],
    ['export { a, b as c }; export { d } from "m"; export const e = 1; export default f', 'e', 'a b f'],
    ['try { a } catch ({ b }) { b; var c = b }', 'c', 'a'],
    ['enum E { A = a, B = A } namespace N { export const p = q } declare const gone: 1', 'E N', 'a q'],
    ['{ let a; function b() { return a } b() } var { c } = d', 'c', 'd'],
    ['const f = function g() { return g }; (class h { m = h })', 'f', ''],
    ['<Foo bar={a}><b>{c}</b></Foo>', '', 'Foo a c'],
    ['@dec class A { @log m() {} }', 'A', 'dec log'],
    ['switch (a) { case b: { let c = 1; c } case d: let e = 2; e }', '', 'a b d'],
    ['switch (a) { case b: let a = 1; a }', '', 'a b'],
    ['function f(x = a) { var a = x; { var b = a } return b } const g = (y = c) => { let c; return c }', 'f g', 'a c'],
    ['undefined; await a; b?.[0]; c`x`; import("d"); import.meta.e', '', 'a b c'],
  ])('of %s', (source, defines, uses) => {
    const found = analyse(source);
    expect([found.defines.toSorted().join(' '), found.uses.toSorted().join(' ')]).toEqual(
      [defines, uses].map((names) => names.split(' ').toSorted().join(' ')),
    );
  });

  it('finds what is declared under any name, and nothing that is bound inside', () => {
    fc.assert(
      fc.property(fc.uniqueArray(identifier, { minLength: 4, maxLength: 4 }), ([a = '', b = '', c = '', d = '']) => {
        const source = `const ${a} = (${b}) => { let ${c} = ${b}; return ${c} + ${d} }; { let ${d} = 1; ${d} }`;
        expect(analyse(source)).toEqual({ defines: [a], uses: [d] });
      }),
      { numRuns: 100 },
    );
  });
});

describe('a cell of plain JavaScript', () => {
  const outcome = (source: string): unknown => {
    try {
      const { defines, uses } = compile(source);
      return [defines.filter((name) => name !== 'T').toSorted(), uses.toSorted()];
    } catch (error) {
      return error instanceof CellSyntaxError ? error.message : error;
    }
  };

  it.each([
    'const a = b; function f(x) { return a + x + c }',
    'let [d, ...e] = [1]; for (const g of e) h(g)',
    'let a; let a',
    'return 1',
    'x => { break }',
    'function f(a, a) {}',
    'delete a',
    'class A { x = super.y; #p; #p }',
    'a\n--> b',
    '"use strict"; 010',
    'let let = 1',
    '/a/zz',
    'with (a) {}',
  ])('means and is refused what it is when there are types beside it: %s', (source) => {
    expect(outcome(source)).toEqual(outcome(`${source}\ntype T = 1`));
  });
});

describe('size', () => {
  it('of a sum does not matter', () => {
    expect(run(`var one = 1; one${' + one'.repeat(5000)}`)).toBe(5001);
  });
});

describe('a source that comes again', () => {
  it('is compiled anew where its names mean something else by then', () => {
    const compiler = new CellCompiler();
    const script = (source: string): string => compiler.compile('cell', 1, source).script.split('\n//#')[0] ?? '';
    const first = script('v = 1; URL');
    expect(script('v = 1; URL')).toBe(first);
    script('const v = 0');
    const constant = script('v = 1; URL');
    expect(constant).toContain(`${RUNTIME}.constant(v).value = 1`);
    expect(script('v = 1; URL')).toBe(constant);
    script('let URL = 5');
    expect(script('v = 1; URL')).toContain('URL\u200d');
    script('let v = 0');
    expect(script('v = 1; URL')).not.toContain('constant');
  });

  it('has a name of its own in traces, and the names of decorators’ helpers to itself', () => {
    const compiler = new CellCompiler();
    for (const source of ['1 + 1', 'const dec = () => {};\n@dec class A {}']) {
      const [one, two] = [compiler.compile('a', 1, source), compiler.compile('b', 2, source)];
      expect([one.url === two.url, one.cell, two.cell, two.count]).toEqual([false, 'a', 'b', 2]);
      expect([one.defines, one.uses]).toEqual([two.defines, two.uses]);
      expect(two.script).toContain(two.url);
    }
  });
});

describe('imports', () => {
  it('become awaited calls and say which names are used', () => {
    const { script } = compile(
      'import d, { a as b, type T, Shape } from "x"; import * as n from "./y.json" with { type: "json" }; b();',
    );
    expect(script).toContain(
      `let [d,b,Shape]=${RUNTIME}.pick((await ${RUNTIME}.load("x")),"x",[["default",false],["a",true],["Shape",false]]);`,
    );
    expect(script).toContain(`let n=await ${RUNTIME}.load("./y.json",{with:{"type":"json"}});`);
  });

  it('run before the code above them', () => {
    const { script } = compile('a();\nimport { a } from "x";');
    expect(script.indexOf(`${RUNTIME}.load`)).toBeLessThan(script.indexOf('a()'));
  });

  it('in expressions are calls of the kernel too', () => {
    expect(compile('const x = () => import("y")').script).toContain(`${RUNTIME}.load("y")`);
  });
});

describe('places', () => {
  it('lead back to the cell through both rewritings', () => {
    const source =
      'interface A {\n  a: 1;\n}\nimport "x";\nvar v = 1;\nfunction f(): void {\n  fail(v);\n}\n\n  fail(2)';
    const compiled = compile(source);
    rememberCell(compiled);
    const lines = compiled.script.split('\n');
    for (const [text, line, column] of [
      ['fail(v)', 7, 3],
      ['fail(2)', 10, 3],
    ] as const) {
      const index = lines.findIndex((each) => each.includes(text));
      const found = locate(compiled.url, index + 1, (lines[index]?.indexOf(text) ?? 0) + 1);
      expect(found?.frame).toEqual({ cell: 'cell', line, column });
    }
  });

  it('of a syntax error are exact, also after wide characters', () => {
    const { error } = refused('const é = "😀";\nlet 1x');
    expect(error.frames).toEqual([{ cell: 'cell', line: 2, column: 6 }]);
    expect(error.excerpt).toBe('  1 | const é = "😀";\n> 2 | let 1x\n    |      ^');
  });

  it('of a syntax error come with words that are sentences', () => {
    expect(refused('const f = () => { yield 1 }').message).toMatch(/generator body\. Either remove/);
    expect(refused('let 1x').message).not.toMatch(/\.\./);
  });

  it('of a double declaration are the second', () => {
    expect(refused('let a = 1;\nlet a = 2;').error.frames[0]).toMatchObject({ line: 2, column: 5 });
  });

  it.each([
    ['foo(\n  1,\n  2\nlet b = 3;', 4, 1, 'What it would close was opened in line 1'],
    ['const x = {\n  a: 1\n  b: 2\n}', 3, 3, 'opened in line 1'],
    ['é(1 2)', 1, 5, 'but found `decimal`'],
    ['if (true) {\n  1;\n', 3, 1, 'opened in line 1'],
    ['class A {\n  constructor() {\n    super();\n  }\n}', 3, 5, "'super' can only be"],
    ['const a = <ul>\n  <li>\n</ul>', 3, 3, "closing tag for 'li'. What it would close was opened in line 2"],
    ['<p>\n  1 > 0\n</p>', 2, 5, "Did you mean `{'>'}`"],
    ['const f = <T>(x: T) => x;\nf("</b>" 1)', 2, 10, 'but found `decimal`'],
  ])('of %j are where it goes wrong', (source, line, column, words) => {
    const { error } = refused(source);
    expect(error.frames[0]).toMatchObject({ line, column });
    expect(error.message).toContain(words);
  });

  it.each(['return 1', 'let x = ', 'await = 1', 'const a', '}', 'import {'])('%j is refused', (source) => {
    expect(refused(source).error.name).toBe('SyntaxError');
  });

  it('never make compiling fail in any other way', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (source) => {
        try {
          compile(source);
        } catch (error) {
          expect(error).toBeInstanceOf(CellSyntaxError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
