import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { letter, useLanguage } from './testing.ts';

const { notebook } = useLanguage();

describe('types across cells', () => {
  it('the latest definition wins, whatever its kind', async () => {
    const n = notebook('const x = 1', 'x', 'function x() { return "s" }', 'x', 'class x {}', 'x');
    const shown = async (cell: string) => (await n.ask('hover', cell, '|x')).hover?.text;
    expect(await shown('b')).toContain('const x: 1');
    expect(await shown('d')).toContain('function x(): string');
    expect(await shown('f')).toContain('class x');
    expect(await n.remarks()).toEqual([]);
    n.tell(['const x = "now a text"', ...n.sources.slice(1)]);
    expect(await shown('b')).toContain('"now a text"');
  });

  it('is what a list of the definitions says, for any sequence of them', async () => {
    const kinds = fc.constantFrom(
      'const x = 1',
      'let x = "s"',
      'var x = true',
      'type y = 1',
      'let z',
      'export const x = null',
      'x',
      'syntax error (',
    );
    const n = notebook();
    await fc.assert(
      fc.asyncProperty(fc.array(kinds, { minLength: 1, maxLength: 6 }), async (sources) => {
        n.tell([...sources, '']);
        const last = sources.findLast((source) => / x = /.test(source));
        const text = (await n.ask('hover', letter(sources.length), '|x;')).hover?.text ?? 'any';
        const types: Record<string, string> = {
          'const x = 1': 'const x: 1',
          'let x = "s"': 'let x: string',
          'var x = true': 'var x: boolean',
          'export const x = null': 'const x: null',
        };
        expect(text).toContain(last === undefined ? 'any' : types[last]);
      }),
      { numRuns: 15 },
    );
  });

  it('a name defined only below is known above; generics and types keep their meaning', async () => {
    const n = notebook(
      'const b: Box<number> = { value: "s" }; later.toFixed(); wrap("a").value.trim()',
      'type Box<T> = { value: T }; function wrap<T>(value: T): Box<T> { return { value } }',
      'let later = 1',
    );
    expect(await n.remarks()).toEqual(['a 2322 value']);
  });

  it('what is right in a notebook is not remarked on', async () => {
    const n = notebook(
      'let n = 1; const m = 2; import fs, { readFileSync } from "node:fs"; export const e = 3; export default n',
      'n = 2; n++; m; [n] = [3]; await Promise.resolve(n); for await (const q of [1]) q',
      'let n = "again"; { a: 1 }',
      '{ a: n.length, b: 2 }',
      'using d = { [Symbol.dispose]() {} }; enum Color { Red }; namespace N { export const a = 1 }; import.meta.dirname',
      'const answer = await input("name?", { password: true }); prompt("x")?.trim(); require("node:fs"); display(1).update(2)',
      'let unset; function f() { unset = 3 }',
      '#!/usr/bin/env node\nimport os = require("node:os"); os.cpus()',
      '// what it is\n{ a: 1, b: 2 } // }',
      '// it is so\n// @ts-nocheck\nconst wrong: number = "s"',
      'unset; process.version; Buffer.from("a"); await fetch("http://localhost")',
    );
    expect(await n.remarks()).toEqual([]);
  });

  it('remarks stand where the mistake is', async () => {
    const n = notebook(
      'const size = 1',
      '\n  const text: string = size;\nsize.foo\n',
      'import x from "no-such-package"',
      'import { nope } from "node:fs"',
      'Math.abs(',
    );
    expect(await n.remarks()).toEqual([
      'b 2322 text',
      'b 2339 foo',
      'c 2307 "no-such-package"',
      'd 2305 nope',
      'e 1005 ',
    ]);
    n.tell(['function half(value) { return value / 2 }']);
    expect((await n.check()).a).toMatchObject([{ from: 14, to: 19, severity: 'info', code: 7006 }]);
    n.tell(['globalThis.kept = 1', '// @ts-nocheck\nconst = 1']);
    const found = await n.check();
    expect([found.a?.[0]?.severity, found.b?.[0]?.code]).toEqual(['info', 1134]);
  });

  it('a constant is one in all cells, until it is declared again', async () => {
    const n = notebook(
      'const fixed = 1; let loose = 1; import { sep } from "node:path"; using held = null; function f() {} class C {}',
      'fixed = 2; loose = 2; (() => { sep = "" })(); held = null; f = f; C = C; ({ fixed } = { fixed: 3 }); fixed++',
      'let fixed = 1',
      'fixed = 2; const own = 1; own = 2; import { join } from "node:path"; join = 1',
    );
    const found = (await n.remarks()).filter((remark) => !/ \w+ [fC]$/.test(remark));
    expect(found).toEqual([
      ...['fixed', 'sep', 'held', 'fixed', 'fixed'].map((name) => `b 2588 ${name}`),
      'd 2588 own',
      'd 2588 join',
    ]);
  });

  it('this of a function is nothing to mend', async () => {
    const n = notebook('const own = function () { return this }; own');
    expect((await n.check()).a).toMatchObject([{ severity: 'info', code: 2683 }]);
  });

  it('remarks are in the words of the type checker', async () => {
    const n = notebook('const size = 1', 'const text: string = size');
    const { b } = await n.check();
    expect(b?.[0]?.message).toBe("Type 'number' is not assignable to type 'string'.");
  });

  it('a cell that does not parse blinds no other', async () => {
    const n = notebook('const a = 1;\nfunction broken( {\n', 'a.toFixed(); const b = "s"', 'b.trim(); a.nope');
    expect((await n.remarks()).filter((remark) => !remark.startsWith('a '))).toEqual(['c 2339 nope']);
  });

  it('JSX is an element that can be displayed, and a cast stays one where there is none', async () => {
    const n = notebook(
      'const Title = ({ text }: { text: string }) => <h1 className="t">{text}</h1>',
      'const el = <div><Title text="a" /></div>; display(el); el.toHtml().trim()',
      'const cast = <string>"a"; const id = <T>(x: T) => x; id(cast).trim()',
      '<Title />',
    );
    expect(await n.remarks()).toEqual(['d 2322 Title']);
    expect((await n.ask('hover', 'b', n.sources[1]?.replace('el', '|el') ?? '')).hover?.text).toContain('JSX.Element');
  });
});
