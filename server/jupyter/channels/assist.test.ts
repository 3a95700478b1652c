import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { complete, isComplete } from './assist.ts';

/** Statements over several lines, as people type them. */
const STATEMENTS = [
  'const f = (x: number) => {\n  return x * 2;\n};',
  'const point = {\n  left: 1,\n  right: [\n    2,\n  ],\n};',
  'await train({\n  epochs: 3,\n});',
  ['const text = `one', 'two $', '{', '  f(2)', '} three`;'].join('\n').replace('$\n', '$'),
  'for (const a of list) {\n  if (a > 1) {\n    console.log(a);\n  }\n}',
  'enum Kind {\n  A,\n  B,\n}',
  'class Model {\n  @tracked layers = 3;\n  run() {\n    return 1;\n  }\n}',
  '/* a\n remark */',
];

describe('whether a text is whole', () => {
  test('lines of something whole are never wrong, and the whole is whole', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...STATEMENTS), { minLength: 1, maxLength: 4 }), async (parts) => {
        // Names are given once in each block of its own.
        const lines = parts
          .map((part) => `{\n${part}\n}`)
          .join('\n')
          .split('\n');
        for (let count = 1; count <= lines.length; count++) {
          const { status } = await isComplete(lines.slice(0, count).join('\n'));
          expect([status, lines.slice(0, count)]).toEqual([
            expect.stringMatching(/^(in)?complete$/),
            expect.anything(),
          ]);
        }
        expect(await isComplete(lines.join('\n'))).toEqual({ status: 'complete' });
      }),
      { numRuns: 60 },
    );
  });

  test('what can never become whole is said so', async () => {
    for (const code of ['}', 'const 1x', 'let = = 1', '"no end\n']) {
      expect(await isComplete(code)).toEqual({ status: 'invalid' });
    }
    for (const code of ['', '  \n', '// a remark', 'return_value', '<T>(x: T) => x']) {
      expect(await isComplete(code)).toEqual({ status: 'complete' });
    }
    expect(await isComplete('  if (a) {')).toEqual({ status: 'incomplete', indent: '    ' });
  });

  test('what is too long to be parsed beside everyone’s requests is left open', async () => {
    for (const code of ['('.repeat(100_000), 'a='.repeat(50_000), '{'.repeat(3000)]) {
      expect(await isComplete(code)).toEqual({ status: 'unknown' });
    }
    expect(await isComplete('({a:'.repeat(450))).toMatchObject({ status: 'incomplete' });
  });
});

test('completions are counted in code points, and only those that fit are given', async () => {
  const members = [
    { name: 'left', kind: 'property' },
    { name: 'right', kind: 'property' },
  ] as const;
  const ports = {
    language: async () => null,
    complete: async (expression: string) => (expression === 'point' ? [...members] : []),
    inspect: async () => null,
  };
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: fc.constantFrom('😀', 'é', 'x', ' ') }), async (text) => {
      const before = `/*${text}*/ point.`;
      const start = [...before].length;
      expect(await complete(ports, `${before}ri`, start + 2, 'c')).toMatchObject({
        ...{ matches: ['right'], cursor_start: start, cursor_end: start + 2 },
      });
    }),
  );
});

test('while types are not to be had yet, the live kernel answers alone', async () => {
  vi.useFakeTimers();
  try {
    const asked = complete(
      {
        language: () => new Promise(() => {}),
        complete: async () => [{ name: 'left', kind: 'property', type: 'number' }],
        inspect: async () => null,
      },
      'point.le',
      8,
      'a',
    );
    await vi.advanceTimersByTimeAsync(1000);
    expect(await asked).toMatchObject({ matches: ['left'], cursor_start: 6, cursor_end: 8 });
  } finally {
    vi.useRealTimers();
  }
});
