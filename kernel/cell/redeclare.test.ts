import { afterAll, describe, expect, it } from 'vitest';
import { Repl } from './repl.ts';

const repl = new Repl();
afterAll(() => repl.close());

/** Runs cells one after another; what the last one came to. */
async function last(...cells: string[]): Promise<unknown> {
  let value: unknown;
  for (const cell of cells) {
    const ended = await repl.run(cell);
    value = ended.ok ? ended.value : ended.error;
  }
  return value;
}

describe('a cell that declares what is there already', () => {
  it('opens no scope and needs nothing of V8’s REPL mode', async () => {
    const cell = 'let ra = 1; const { rb } = { rb: 2 }; function rc() { return ra } class rd {} enum re { X = 3 }';
    expect(repl.compile(cell).plain).toBe(false);
    await repl.run(cell);
    const again = repl.compile(cell);
    expect(again.plain).toBe(true);
    expect(again.script).not.toMatch(/\blet\b/);
    expect(await last(cell, '[ra, rb, rc(), rd.name, rc.name, re.X]')).toEqual([1, 2, 1, 'rd', 'rc', 3]);
  });

  it('is declared again where its declaration was never reached', async () => {
    const cell = (value: string): string => `const rf = ${value}; rf`;
    expect(await last(cell('1'), 'throw new Error("other")', cell('2'))).toBe(2);
    await repl.run('missing(); let rg = 1;');
    expect(repl.compile('let rg = 2;').plain).toBe(false);
    expect(await last('let rg = 2; rg')).toBe(2);
    await repl.run('let rg = 3, rh = missing();');
    expect(await last('let rg = 4, rh = 5; [rg, rh]')).toEqual([4, 5]);
    expect(repl.compile('let rg = 4, rh = 5;').plain).toBe(true);
  });

  it('leaves the platform what is the platform’s where it has failed before it took its name', async () => {
    await last('const structuredClone = missing()', 'class Intl { static x = missing() }');
    expect(await last('structuredClone([1])')).toEqual([1]);
    expect(await last('const sc = () => typeof structuredClone; [sc(), typeof Intl.NumberFormat]')).toEqual([
      'function',
      'function',
    ]);
    expect(repl.compile('structuredClone([2])').plain).toBe(true);
    expect(await last('const atob = 1; missing()', 'atob', 'atob')).toBe(1);
    expect(
      await last(
        'for (let i = 0; i < 2; i++) btoa("x"); const btoa = 1',
        'let bt = ""; for (const x of "ab") bt += btoa(x); bt',
      ),
    ).toBe('YQ==Yg==');
    expect(await last('using atob2 = null, escape = missing()', 'using at3 = null; escape(" ")')).toBe('%20');
    expect(await last('var unescape = missing()', 'unescape("%20")')).toBe(' ');
  });

  it('empties what it declares without a value, but not what var declares', async () => {
    expect(await last('let ri = 1; var rj = 2;', 'let ri; var rj; [ri, rj]')).toEqual([undefined, 2]);
  });

  it('keeps a constant a constant, and frees what is one no more', async () => {
    const assigned = 'try { rk = 3 } catch (error) { error.message }; rk';
    expect(await last('let rk = 1', 'const rk = 2', assigned)).toBe(2);
    expect(await last('let rk = 1', assigned)).toBe(3);
  });

  it('is seen by the functions of earlier cells', async () => {
    expect(await last('let rl = 1; const rm = () => rl;', 'let rl = 2;', 'rm()')).toBe(2);
  });

  it('imports again', async () => {
    const cell = 'import { sep as rn } from "node:path"; import * as ro from "node:path"; [rn, typeof ro.join]';
    expect(await last(cell, cell)).toEqual(['/', 'function']);
  });

  it('decorates again', async () => {
    const cell = 'const rp = (value: unknown) => value; @rp class rq { @rp m() { return 5 } }\nnew rq().m()';
    expect(await last(cell, cell, cell)).toBe(5);
  });

  it('disposes again', async () => {
    const cell = 'using rr = { [Symbol.dispose]() { rs.push(1) } };';
    expect(await last('const rs = [];', cell, cell, 'rs.length')).toBe(2);
  });
});

describe('an assignment that was a declaration', () => {
  it('keeps its lines apart', async () => {
    const cell = 'let rt = [1], ru = 0\nlet rv\n[ru] = rt\nlet rw = ru\n`x`\nlet rx = rw\n;[rt, ru, rv, rw, rx]';
    const expected = [[1], 1, undefined, 1, 1];
    // The template is a call of what stands before it, here as in any JavaScript.
    const apart = cell.replace('\n`x`', '\n;`x`');
    expect(await last(apart)).toEqual(expected);
    expect(await last(apart)).toEqual(expected);
    expect(await last('var ry\n[ry] = [1]\nvar rz = ry\n;[ry, rz]')).toEqual([1, 1]);
  });

  it('may be all that an if, a loop or a label has', async () => {
    const cell = `if (true) var sa = 1; else var sa = 2
      if (false) var sb = 1
      else var sb = 2
      for (let i = 0; i < 3; i++) var sc = i
      do var sd = 4; while (false)
      out: var se = 5
      switch (1) { case 1: var sf = 6 }
      export var sg = 7
      ;[sa, sb, sc, sd, se, sf, sg]`;
    expect(await last(cell)).toEqual([1, 2, 2, 4, 5, 6, 7]);
    expect(await last(cell)).toEqual([1, 2, 2, 4, 5, 6, 7]);
  });
});
