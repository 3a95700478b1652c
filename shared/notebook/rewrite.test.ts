import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FileCell, type NotebookFile, parseNotebook, serialiseNotebook } from './format.ts';
import { parseJson } from './json.ts';
import { rewriteNotebook, type Standing } from './rewrite.ts';

const standing = (text: string): Standing => ({ text, notebook: parseNotebook(text) });
const edited = (notebook: NotebookFile, index: number, change: (cell: FileCell) => FileCell): NotebookFile => ({
  ...notebook,
  cells: notebook.cells.map((cell, at) => (at === index ? change(cell) : cell)),
});
const withSource = (notebook: NotebookFile, index: number, source: string): NotebookFile =>
  edited(notebook, index, (cell) => ({ ...cell, source }));

/** Lines that are in one text and not at the same distance from either end of the other. */
function changedLines(before: string, after: string): { gone: string[]; come: string[] } {
  const [old, now] = [before.split('\n'), after.split('\n')];
  let head = 0;
  while (head < old.length && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < Math.min(old.length, now.length) - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  return { gone: old.slice(head, old.length - tail), come: now.slice(head, now.length - tail) };
}

/** As Colab writes it: two spaces, keys in an order of its own, HTML's marks and all else escaped, no newline at the end. */
const COLAB = `{
  "nbformat": 4,
  "nbformat_minor": 5,
  "metadata": {
    "colab": {
      "provenance": [],
      "lr": 1.0,
      "big": 12345678901234567890,
      "tiny": 1E-3
    },
    "accelerator": "GPU"
  },
  "cells": [
    {
      "cell_type": "markdown",
      "source": [
        "gr\\u00fc\\u00dfe \\u003cb\\u003e\\n",
        "two"
      ],
      "metadata": {
        "id": "x",
        "a": 2.50
      },
      "id": "first"
    },
    {
      "cell_type": "code",
      "source": [],
      "metadata": {},
      "id": "second",
      "execution_count": null,
      "outputs": []
    }
  ]
}`;

describe("writing into a file in another hand's manner", () => {
  test('an edit of one cell changes its lines and no other', () => {
    const before = standing(COLAB);
    expect(rewriteNotebook(before, before.notebook)).toBe(COLAB);
    expect(changedLines(COLAB, rewriteNotebook(before, withSource(before.notebook, 0, 'grüße <b>\nthree é<')))).toEqual(
      {
        gone: ['        "two"'],
        come: ['        "three \\u00e9\\u003c"'],
      },
    );
    const filled = rewriteNotebook(before, withSource(before.notebook, 1, 'a\nb'));
    expect(changedLines(COLAB, filled)).toEqual({
      gone: ['      "source": [],'],
      come: ['      "source": [', '        "a\\n",', '        "b"', '      ],'],
    });
  });

  test('a new cell is written as its like, and metadata beside the rest', () => {
    const before = standing(COLAB);
    const cell: FileCell = { id: 'new', cell_type: 'markdown', source: 'new', metadata: {} };
    const [first, ...rest] = before.notebook.cells;
    const cells = first ? [first, cell, ...rest] : [];
    expect(rewriteNotebook(before, { ...before.notebook, cells })).toBe(
      COLAB.replace(
        '      "id": "first"\n    },',
        (end) => `${end}
    {
      "cell_type": "markdown",
      "source": [
        "new"
      ],
      "metadata": {},
      "id": "new"
    },`,
      ),
    );
    const metadata = { ...before.notebook.metadata, trialroom: { outputs: false } };
    expect(changedLines(COLAB, rewriteNotebook(before, { ...before.notebook, metadata }))).toEqual({
      gone: ['    "accelerator": "GPU"'],
      come: ['    "accelerator": "GPU",', '    "trialroom": {', '      "outputs": false', '    }'],
    });
  });

  test('texts stay one string, and what the file leaves out stays left out', () => {
    const text = `{"cells":[{"cell_type":"code","id":"a","source":"one\\ntwo","metadata":{}},{"cell_type":"raw","id":"b","source":"r"}],"metadata":{},"nbformat":4,"nbformat_minor":5}\r\n`;
    const before = standing(text);
    expect(rewriteNotebook(before, withSource(before.notebook, 0, 'one\nthree'))).toBe(text.replace('two', 'three'));
  });

  test('a file without cell ids gets them, and 4.5, with its first change', () => {
    const old = serialiseNotebook(parseNotebook(COLAB))
      .replace(/\n *"id": "(first|second)",/g, '')
      .replace('"nbformat_minor": 5', '"nbformat_minor": 2');
    const before = standing(old);
    expect(rewriteNotebook(before, before.notebook)).toBe(old);
    const after = withSource(before.notebook, 1, 'x');
    expect(parseNotebook(rewriteNotebook(before, after))).toEqual(after);
    expect(rewriteNotebook(before, after)).toContain('"nbformat_minor": 5');
    expect(rewriteNotebook(before, after)).toContain('"lr": 1');
  });
});

interface Hand {
  unit: string;
  newline: string;
  ascii: boolean;
  shuffle: number;
  end: string;
  colon: string;
  whole: boolean;
}
const hands: fc.Arbitrary<Hand> = fc.record({
  unit: fc.constantFrom(' ', '  ', '    ', '\t'),
  newline: fc.constantFrom('\n', '\r\n'),
  ascii: fc.boolean(),
  shuffle: fc.nat(1000),
  end: fc.constantFrom('', '\n', '\r\n', '\n\n'),
  colon: fc.constantFrom(': ', ':', ' : '),
  whole: fc.boolean(),
});

/** A JSON text as this hand writes it; whole numbers get `.0`. */
function writtenBy(hand: Hand, value: unknown, pad = hand.newline): string {
  const string = (text: string): string =>
    hand.ascii
      ? JSON.stringify(text).replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
      : JSON.stringify(text);
  const inner = pad + hand.unit;
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    return `[${value.map((item) => inner + writtenBy(hand, item, inner)).join(',')}${pad}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    if (entries.length === 0) return '{}';
    const turned = [
      ...entries.slice(hand.shuffle % entries.length),
      ...entries.slice(0, hand.shuffle % entries.length),
    ];
    return `{${turned.map(([key, item]) => `${inner}${string(key)}${hand.colon}${writtenBy(hand, item, inner)}`).join(',')}${pad}}`;
  }
  return typeof value === 'string' ? string(value) : JSON.stringify(value);
}

const texts = fc.string({ unit: fc.constantFrom('a', 'ü', '🙂', '"', '\\', '<', '\n', ' '), maxLength: 12 });
const anything = fc.jsonValue({ maxDepth: 2 });
const notebooks = fc
  .record({
    cells: fc.array(
      fc.record({
        code: fc.boolean(),
        source: texts,
        metadata: fc.dictionary(texts, anything, { maxKeys: 3 }),
        extra: anything,
        said: texts,
      }),
      { minLength: 1, maxLength: 5 },
    ),
    metadata: fc.dictionary(texts, anything, { maxKeys: 3 }),
  })
  .map(({ cells, metadata }) => (hand: Hand) => {
    const form = (text: string): unknown => (hand.whole ? text : text.split(/(?<=\n)/).filter((line) => line !== ''));
    return {
      metadata,
      nbformat: 4,
      cells: cells.map(({ code, source, metadata: own, extra, said }, index) => ({
        ...{ metadata: own, source: form(source), id: `c${index}`, cell_type: code ? 'code' : 'markdown', extra },
        ...(code ? { execution_count: 1, outputs: [{ output_type: 'stream', name: 'stdout', text: form(said) }] } : {}),
      })),
      nbformat_minor: 5,
    };
  });

describe('for files in any manner', () => {
  test('what nobody edited comes back byte for byte', () => {
    fc.assert(
      fc.property(hands, notebooks, (hand, make) => {
        const text = writtenBy(hand, make(hand)) + hand.end;
        const before = standing(text);
        expect(rewriteNotebook(before, parseNotebook(text))).toBe(text);
      }),
    );
  });

  test('what is written says what it should, and other cells keep their bytes', () => {
    fc.assert(
      fc.property(hands, notebooks, fc.nat(), texts, (hand, make, at, source) => {
        const value = make(hand);
        const index = at % value.cells.length;
        const text = writtenBy(hand, value) + hand.end;
        const before = standing(text);
        const after = withSource(before.notebook, index, source);
        const written = rewriteNotebook(before, after);
        expect(parseNotebook(written)).toEqual(after);
        // Written by the same hand, the edited notebook is the same text.
        const cells = value.cells.map((cell, one) =>
          one === index
            ? { ...cell, source: hand.whole ? source : source.split(/(?<=\n)/).filter((line) => line !== '') }
            : cell,
        );
        const high = /[\u0080-\uffff]/.test(JSON.stringify(value));
        if (!hand.ascii || high) expect(written).toBe(writtenBy(hand, { ...value, cells }) + hand.end);
      }),
    );
  });

  test("in Jupyter's own manner it is what Jupyter would write, whatever changed", () => {
    const plain: Hand = { unit: ' ', newline: '\n', ascii: false, shuffle: 0, end: '', colon: ': ', whole: false };
    fc.assert(
      fc.property(notebooks, notebooks, fc.boolean(), (one, other, reversed) => {
        const [a, b] = [one, other].map((make) => parseNotebook(JSON.stringify(make(plain))));
        if (!a || !b) return;
        const next = reversed ? { ...a, cells: a.cells.toReversed() } : b;
        expect(rewriteNotebook({ text: serialiseNotebook(a), notebook: a }, next)).toBe(serialiseNotebook(next));
      }),
    );
  });

  test('numbers keep their spelling', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('1.0', '-0.0', '1e3', '1E+3', '0.10', '123456789012345678901', '1e999'),
        (spelled) => {
          const text = COLAB.replace('2.50', spelled);
          const written = rewriteNotebook(standing(text), withSource(parseNotebook(text), 0, 'other'));
          expect(written).toContain(`"a": ${spelled}\n`);
          expect(() => parseJson(written)).not.toThrow();
        },
      ),
    );
  });
});
