import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isInner } from './scope.ts';
import { headIndex, moduleText, readCell, toOffset, toPosition, visibleNames } from './virtual.ts';

const names = (source: string): string[] => [...readCell(source).defines.keys()];

describe('reading a cell', () => {
  it.each([
    ['const { a, b: [c = 1], ...d } = x, e = 2', ['a', 'c', 'd', 'e']],
    ['import f, { g as h, type I } from "m"; import * as j from "n"', ['f', 'h', 'I', 'j']],
    ['function f() { var inner }\nasync function* g() {}\nclass C { static { var s } }', ['f', 'g', 'C']],
    ['type T<U> = U; interface I {}; enum E { A }; namespace N { export const q = 1; var r }', ['T', 'I', 'E', 'N']],
    ['for (var i = 0; i < 1; i++) { let x; var y }', ['i', 'y']],
    ['export const a = 1; export default class D {}; let b; export { b as c }', ['a', 'D', 'b']],
    ['declare global { var z: number }\ndeclare module "m" {}\nabstract class A {}\nusing u = x', ['A', 'u']],
    ['const y = <b>hi</b>', ['y']],
    ['{ a: 1, b: 2 }', []],
    ['', []],
  ])('%s', (source, expected) => {
    expect(names(source)).toEqual(expected);
    expect(readCell(source).whole).toBe(true);
  });

  it.each([
    ['const x = 1;\nx.', ['x']],
    ['const x = 1;\nfoo(x,\nconst y = 2', ['x', 'y']],
    ['export function f() {\n  return\n\nlet z', ['f', 'z']],
    ['async function g(', ['g']],
    ['const t = `${', ['t']],
    ['const { a, b } = x\nlet q = <b>', ['a', 'b', 'q']],
  ])('half typed: %s', (source, expected) => {
    expect(names(source)).toEqual(expected);
    expect(readCell(source).whole).toBe(false);
  });

  it('knows what is exported already', () => {
    const { defines } = readCell('export const a = 1; let b; export { b }; let c; export { c as d }');
    expect([...defines].map(([name, { exported }]) => [name, exported])).toEqual([
      ['a', true],
      ['b', true],
      ['c', false],
    ]);
  });

  it('does not go into what is nested beyond all measure', () => {
    expect(readCell(`const a = 1;${'('.repeat(100_000)}`)).toMatchObject({ whole: false });
    expect(isInner(`${'{'.repeat(100_000)}let a`, 100_004, false)).toBe(true);
  });

  it('takes any text', () => {
    fc.assert(fc.property(cellText, (source) => void expect(readCell(source).words).toBeInstanceOf(Set)));
  });
});

const piece = fc.constantFrom(
  ...[
    'const a = 1',
    'let b',
    '\n',
    '\r\n',
    '\r',
    ' ',
    '{',
    '}',
    '(',
    ')',
    '`',
    '"',
    '🙂',
    'é',
    '\u2028',
    'x.',
    'import * as t from "m"',
    ';',
    '<b>',
    '/*',
    '//',
    'export ',
  ],
);
const cellText = fc.array(piece, { maxLength: 12 }).map((parts) => parts.join(''));

describe('places', () => {
  it('lead from the cell to the module and back', () => {
    fc.assert(
      fc.property(cellText, fc.nat(), (source, place) => {
        const offset = place % (source.length + 1);
        // Between the two characters of a line end there is no place.
        fc.pre(!(source[offset - 1] === '\r' && source[offset] === '\n'));
        const position = toPosition(source, offset);
        expect(toOffset(source, position)).toBe(offset);
        // What stands in the module at that position is what stands in the cell.
        const shape = readCell(source);
        const lines = moduleText(source, shape, new Map([['./m', ['q']]])).split(/\r\n|\r|\n/);
        const line = lines[position.line] ?? '';
        const rest = source.slice(offset).split(/\r\n|\r|\n/)[0] ?? '';
        expect(line.slice(position.character)).toBe(rest);
      }),
    );
  });

  it('never leave the cell', () => {
    fc.assert(
      fc.property(cellText, fc.integer({ min: 0, max: 40 }), fc.nat(200), (source, line, character) => {
        const offset = toOffset(source, { line, character });
        if (line === 0) expect(offset).toBeNull();
        else {
          expect(offset).toBeGreaterThanOrEqual(0);
          expect(offset).toBeLessThanOrEqual(source.length);
        }
      }),
    );
  });
});

describe('which cell a name comes from', () => {
  const defining = fc.array(fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 3 }), {
    minLength: 1,
    maxLength: 8,
  });

  it('the nearest above, else the last of all, never the cell itself', () => {
    fc.assert(
      fc.property(defining, fc.nat(), (cells, place) => {
        const at = place % cells.length;
        const shapes = cells.map((list) => ({ defines: new Map(list.map((name) => [name, { exported: false }])) }));
        const seen = visibleNames(shapes, at);
        for (const name of ['a', 'b', 'c', 'd'] as const) {
          const by = cells.flatMap((list, index) => (list.includes(name) ? [index] : []));
          const above = by.filter((index) => index < at);
          const expected = by.includes(at) ? undefined : (above.at(-1) ?? by.at(-1));
          expect(seen.get(name)).toBe(expected);
        }
      }),
    );
  });

  it('the first line exports and imports each name once, and every one can be found in it', () => {
    fc.assert(
      fc.property(defining, fc.nat(), (cells, place) => {
        const at = place % cells.length;
        const sources = cells.map((list) => list.map((name) => `let ${name} = 1`).join('\n'));
        const shapes = sources.map(readCell);
        const from = new Map<string, string[]>();
        for (const [name, index] of visibleNames(shapes, at))
          from.set(`./${index}`, [...(from.get(`./${index}`) ?? []), name]);
        const shape = shapes[at];
        if (!shape) throw new Error('no shape');
        const text = moduleText(sources[at] ?? '', shape, from);
        const [head = ''] = text.split('\n');
        const all = [...shape.defines.keys(), ...[...from.values()].flat()];
        expect(
          head
            .match(/[{,][a-d](?=[,}])/g)
            ?.map((part) => part.slice(1))
            .sort() ?? [],
        ).toEqual([...all].sort());
        for (const name of all) expect(head.slice(headIndex(text, name)).startsWith(name)).toBe(true);
        expect(headIndex(text, 'z')).toBe(-1);
      }),
    );
  });
});
