import { afterAll, describe, expect, it } from 'vitest';
import { Repl } from './repl.ts';

const repl = new Repl();
afterAll(() => repl.close());

async function last(...cells: string[]): Promise<unknown> {
  let value: unknown;
  for (const cell of cells) {
    const ended = await repl.run(cell);
    value = ended.ok ? ended.value : ended.error;
  }
  return value;
}

/** True where the loop of a cell works on a copy of its own. */
const isQuick = (source: string): boolean => repl.compile(source).script.includes('\u200d\u200d');

describe('a loop of the top level', () => {
  it.each([
    ['for', 'let ha = 0; for (let i = 0; i < 9; i++) ha += i'],
    ['while', 'let hb = 0; while (hb < 9) hb++'],
    ['do', 'let hc = 0; do hc += 1; while (hc < 9)'],
    ['for with var', 'for (var hd = 0; hd < 9; hd++) {}'],
    ['for of', 'let he = 0; for (const x of [1, 2]) he += x'],
    ['a label', 'let hf = 0; out: for (;;) { hf++; if (hf > 3) break out }'],
    ['calls and waits', 'let hg = 0; for (const x of [1, 2]) { hg += Number(String(x)); await hg }'],
    ['a block round it', 'let hh = 0; if (true) { try { while (hh < 3) hh++ } finally {} }'],
    ['a closure that reads', 'let hi = 0; const hi2 = () => hi; for (let i = 0; i < 3; i++) { hi += 1; hi2() }'],
  ])('works on copies: %s', (_, source) => {
    expect(isQuick(source)).toBe(true);
  });

  it.each([
    ['a function assigns', 'let ja = 0; const ja2 = () => { ja = 5 }; for (let i = 0; i < 3; i++) { ja++; ja2() }'],
    ['a method of its own assigns', 'let jb = 0; for (let i = 0; i < 3; i++) { jb++; ({ m() { jb = 7 } }).m() }'],
    ['an initialiser assigns', 'let jc = 0; for (let i = 0; i < 3; i++) { jc++; new (class { x = (jc = 9) })() }'],
    ['it is destructured into', 'let jd = 0; for (let i = 0; i < 3; i++) { jd++; [jd] = [i] }'],
    ['it is the name of each round', 'let je = 0; for (je of [1, 2]) je++'],
    ['it is declared nowhere', 'for (let i = 0; i < 3; i++) jf += 1'],
    ['it is declared later', 'for (let i = 0; i < 3; i++) { try { jg += 1 } catch {} }\nlet jg = 1'],
    ['it is a constant', 'const jh = 0; for (let i = 0; i < 1; i++) { try { jh += 1 } catch {} }'],
    ['a function wants its name', 'let ji; for (let i = 0; i < 1; i++) { ji = () => 1 }'],
  ])('works on the variable itself where %s', (_, source) => {
    expect(isQuick(source)).toBe(false);
  });

  /** True where the loop of a cell has a function of its own. */
  const isAlone = (source: string): boolean => repl.compile(source).script.includes('const loop\u200d\u200d=');

  it.each([
    ['alone', 'let qa = 0; for (let i = 0; i < 9; i++) qa += i', true],
    ['with labels', 'let qb = 0; out: in_: for (;;) { if (qb++ > 3) break out; continue in_ }', true],
    ['behind a line without an end', 'let qc = 0\nfor (let i = 0; i < 9; i++) qc += i', true],
    ['in a block', 'let qd = 0; { let n = 3; while (n-- > 0) qd += n }', false],
    ['in a block that it leaves', 'let qe = 0; out: { for (;;) { if (qe++ > 3) break out } }', false],
    ['that waits', 'let qf = 0; for (const x of [1, 2]) { qf += x; await qf }', false],
    ['that waits between', 'let qg = 0; for await (const x of [1, 2]) qg += x', false],
    ['with a class that waits', 'let qh = 0; for (; qh < 2; qh++) { class A extends (await Map) {} new A() }', false],
  ])('has a function of its own or not: %s', async (_, source, alone) => {
    expect(isAlone(source)).toBe(alone);
    expect((await repl.run(source)).ok).toBe(true);
  });

  it('calls in each round what a name stands for then', async () => {
    expect(
      await last(
        'let ra = 0; function rb(x) { return x + 1 }; let rc = (x) => { if (x === 2) rb = (y) => y + 100; return x }',
        'for (let i = 0; i < 4; i++) { ra += rb(0); rc(i) }',
        'ra',
      ),
    ).toBe(103);
    expect(
      await last(
        'ra = 0; function rd(x) { return x + 1 }',
        'for (let i = 0; i < 3; i++) { ra += rd(0); if (i === 1) rd = (x) => x + 10; }; [ra, rd.name]',
      ),
    ).toEqual([12, 'rd']);
    expect(await last('ra = 0; for (let i = 0; i < 3; i++) ra += re(i); function re(x) { return x * 2 }; ra')).toBe(6);
    expect(await last('function re(x) { return x * 3 }', 'ra = 0; for (let i = 0; i < 3; i++) ra += re(i); ra')).toBe(
      9,
    );
  });

  it('keeps away from what a function of an earlier cell assigns to, also when it ran before', async () => {
    const loop = 'for (let i = 0; i < 3; i++) { ka += 1; if (typeof kb === "function") kb() }; ka';
    expect(await last('let ka = 0; let kb', loop, loop, loop)).toBe(9);
    expect(await last('kb = () => { ka += 10 }', 'ka = 0', loop)).toBe(33);
    expect(isQuick(loop)).toBe(false);
  });

  it('shows what it has done while it goes on, and when it ends in any way', async () => {
    expect(
      await last(
        'let la = 0; const lb = []; const lc = () => la',
        'for (let i = 0; i < 3; i++) { la += 2; lb.push(lc(), la++, { la }.la) }',
        '[la, lb]',
      ),
    ).toEqual([9, [2, 2, 3, 5, 5, 6, 8, 8, 9]]);
    await repl.run('for (;;) { la++; if (la > 20) throw new Error("enough") }');
    expect(await last('la')).toBe(21);
  });

  it('says names as they were written', async () => {
    const said = await last('let ma = 1; for (let i = 0; i < 2; i++) { ma(); ma = 2 }');
    expect(String(said).replaceAll('\u200d', '')).toBe('TypeError: ma is not a function');
  });

  it('counts in whole numbers of any size, and joins texts', async () => {
    expect(await last('let na = 1n, nb = ""; for (let i = 0; i < 3; i++) { na++; nb += na-- }; [na, nb]')).toEqual([
      1n,
      '222',
    ]);
  });

  it('goes on with the line before it where JavaScript does', async () => {
    expect(
      await last('let oa = 1, ob = 0; for (let i = 0; i < 2; i++) {\nob = oa\noa++ && ob\n++oa\n}\n[oa, ob]'),
    ).toEqual([5, 3]);
  });

  // Last, since it holds for all that comes after.
  it('works on the variable itself once code may come from a text', () => {
    expect(isQuick('let pa = 0; for (;pa < 3;) pa++')).toBe(true);
    expect(isQuick('let pb = 0; for (let i = 0; i < 3; i++) { pb++; eval("pb++") }')).toBe(false);
    expect(isQuick('let pc = 0; for (;pc < 3;) pc++')).toBe(false);
  });
});
