import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromFileOutput, toFileOutput } from './file-outputs.ts';
import {
  NotebookFormatError,
  newNotebook,
  notebookTitle,
  parseNotebook,
  serialiseNotebook,
  splitLines,
} from './format.ts';
import { byCodePoint, parseJson, writeJson } from './json.ts';
import type { Output } from './outputs.ts';

/** As Jupyter writes it, unknown keys included. */
const JUPYTER = `{
 "cells": [
  {
   "attachments": {
    "dot.png": {
     "image/png": "iVBORw0KGgo="
    }
   },
   "cell_type": "markdown",
   "id": "intro",
   "metadata": {
    "10": 1,
    "9": 2,
    "tags": []
   },
   "source": [
    "# Digits\\n",
    "\\n",
    "grüße 🙂"
   ]
  },
  {
   "cell_type": "code",
   "execution_count": 3,
   "future_key": {
    "a": [
     1.5,
     null
    ]
   },
   "id": "train",
   "metadata": {},
   "outputs": [
    {
     "name": "stdout",
     "output_type": "stream",
     "text": [
      "one\\n",
      "two\\n"
     ]
    },
    {
     "data": {
      "application/json": {
       "deep": [
        "x",
        "y"
       ]
      },
      "text/plain": [
       "42"
      ]
     },
     "execution_count": 3,
     "metadata": {},
     "output_type": "execute_result"
    },
    {
     "ename": "NameError",
     "evalue": "x",
     "output_type": "error",
     "traceback": [
      "\\u001b[0;31mNameError\\u001b[0m",
      "more"
     ]
    }
   ],
   "source": []
  }
 ],
 "colab": {
  "b": 1
 },
 "metadata": {
  "kernelspec": {
   "display_name": "Python 3",
   "name": "python3"
  },
  "unknown": {
   "kept": true
  }
 },
 "nbformat": 4,
 "nbformat_minor": 5
}
`;

const refusal = (text: string): NotebookFormatError => {
  try {
    parseNotebook(text);
  } catch (error) {
    if (error instanceof NotebookFormatError) return error;
    throw error;
  }
  throw new Error('the text was accepted');
};

const file = (cells: unknown[], more: object = {}): string =>
  JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells, ...more });

describe('reading and writing', () => {
  test('a file that Jupyter wrote comes back byte for byte', () => {
    expect(serialiseNotebook(parseNotebook(JUPYTER))).toBe(JUPYTER);
  });

  test('outputs pass through what the page shows without loss', () => {
    const cell = parseNotebook(JUPYTER).cells[1];
    if (cell?.cell_type !== 'code') throw new Error('no code cell');
    expect(cell.outputs.map((output) => toFileOutput(fromFileOutput(output, cell.execution_count)))).toEqual(
      cell.outputs,
    );
  });

  test('an error of ours is read back with its frames', () => {
    const error: Output = {
      type: 'error',
      error: {
        name: 'TypeError',
        message: 'x is not a function\nreally',
        excerpt: '1 | x()\n    ^',
        frames: [
          { cell: 'abc', line: 1, column: 5, name: 'train (it)' },
          { file: '/a b/c.ts', line: 7, column: 1 },
        ],
      },
    };
    expect(fromFileOutput(toFileOutput(error), null)).toEqual(error);
  });

  test('any notebook is stable after one writing', () => {
    const json = fc.jsonValue({ maxDepth: 3 });
    const bag = fc.dictionary(fc.string(), json, { maxKeys: 4 });
    const output = fc.oneof(
      fc.record({ output_type: fc.constant('stream'), name: fc.constantFrom('stdout', 'stderr'), text: fc.string() }),
      fc.record({
        output_type: fc.constant('display_data'),
        data: fc.record({ 'text/plain': fc.string({ unit: 'binary' }), 'application/json': json }),
        metadata: bag,
      }),
    );
    const cell = fc.record({
      cell_type: fc.constantFrom('code', 'markdown', 'raw'),
      source: fc.oneof(fc.string({ unit: 'binary' }), fc.array(fc.string())),
      metadata: bag,
      outputs: fc.array(output),
      execution_count: fc.option(fc.nat()),
    });
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 5 }), bag, (cells, metadata) => {
        const once = serialiseNotebook(parseNotebook(file(cells, { metadata })));
        expect(serialiseNotebook(parseNotebook(once))).toBe(once);
      }),
      { numRuns: 200 },
    );
  });

  test('lines joined are the text, whatever ends them', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '\n', '\r', '\r\n', '\u2028', '\f', '\u0085', '🙂')), (parts) => {
        const text = parts.join('');
        expect(splitLines(text).join('')).toBe(text);
      }),
    );
    expect(splitLines('a\nb\r\nc\u2028d\n')).toEqual(['a\n', 'b\r\n', 'c\u2028', 'd\n']);
  });

  test('keys are sorted as Python sorts them, and nothing is lost', () => {
    expect(['\u{1F600}', '\uFFFD', 'a', 'B', '10', '9'].sort(byCodePoint)).toEqual([
      '10',
      '9',
      'B',
      'a',
      '\uFFFD',
      '\u{1F600}',
    ]);
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parseJson(writeJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('a new notebook is valid and has one empty code cell', () => {
    const notebook = parseNotebook(serialiseNotebook(newNotebook()));
    expect(notebook.cells).toMatchObject([{ cell_type: 'code', source: '' }]);
  });

  test('the title is the first heading of a markdown cell', () => {
    const cells = [
      { cell_type: 'code', source: '# no', metadata: {} },
      { cell_type: 'markdown', source: 'words\n\n## Two  words ##\n', metadata: {} },
    ];
    expect(notebookTitle(parseNotebook(file(cells)))).toBe('Two  words');
    expect(notebookTitle(newNotebook())).toBeNull();
  });
});

describe('cells without ids', () => {
  const old = JSON.stringify({
    nbformat: 4,
    nbformat_minor: 2,
    metadata: {},
    cells: ['a', 'a', 'b'].map((source) => ({ cell_type: 'raw', source, metadata: {} })),
  });

  test('get valid, different ids, the same each time', () => {
    const first = parseNotebook(old);
    expect(first.nbformat_minor).toBe(5);
    expect(new Set(first.cells.map(({ id }) => id)).size).toBe(3);
    for (const { id } of first.cells) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(parseNotebook(old)).toEqual(first);
  });

  test('an id used twice or not allowed is replaced; the first holder keeps it', () => {
    const cells = ['x', 'x', 'not valid!'].map((id) => ({ id, cell_type: 'raw', source: 's', metadata: {} }));
    const ids = parseNotebook(file(cells)).cells.map(({ id }) => id);
    expect(ids[0]).toBe('x');
    expect(new Set(ids).size).toBe(3);
    expect(ids[2]).toMatch(/^[0-9a-f]{8}$/);
  });
});

describe('refusals name the place', () => {
  const raw = { cell_type: 'raw', source: '', metadata: {} };
  test.each([
    [
      file([raw, raw, raw, { ...raw, cell_type: 'widget' }]),
      'cells[3].cell_type is "widget"; expected code, markdown or raw',
    ],
    [file([{ cell_type: 'raw', metadata: {} }]), 'cells[0].source is missing; expected a string or a list of strings'],
    [file([{ ...raw, source: ['a', 1] }]), 'cells[0].source is ["a",1]; expected a string or a list of strings'],
    [file([{ ...raw, metadata: 3 }]), 'cells[0].metadata is 3; expected an object'],
    [
      file([{ ...raw, cell_type: 'code', outputs: [{ output_type: 'sound' }] }]),
      'cells[0].outputs[0].output_type is "sound"; expected stream, display_data, execute_result or error',
    ],
    [JSON.stringify({ nbformat: 4, nbformat_minor: 5 }), 'cells is missing; expected an array'],
    [JSON.stringify({ nbformat: 3, worksheets: [] }), 'nbformat is 3; expected 4'],
    [JSON.stringify({ nbformat: 5 }), 'nbformat is 5; expected 4'],
    ['[]', 'the file is JSON but not a notebook: the top is not an object'],
    ['', 'the file is empty'],
    ['{"cells": [\n  1,\n  nope]}', 'line 3, column 3: expected a value but found "n"'],
    [
      '{"a": "b',
      'line 1, column 9: expected the rest of a string (a closing quote or a valid escape) but the text ends',
    ],
    ['{"a" 1}', 'line 1, column 6: expected ":" but found "1"'],
    ['{"a": 1', 'line 1, column 8: expected "," or "}" but the text ends'],
    ['{"a": 1,}', 'line 1, column 9: expected a key but found "}"'],
    ['{} x', 'line 1, column 4: expected the end of the text but found "x"'],
  ])('%s', (text, message) => {
    expect(refusal(text).message).toBe(message);
  });

  test('a merge conflict is recognised', () => {
    expect(refusal('{\n<<<<<<< HEAD\n"a": 1\n=======\n}').fix).toContain('merge conflict');
  });

  test('a fault is found wherever a valid text is cut or spoilt', () => {
    fc.assert(
      fc.property(fc.nat(JUPYTER.length - 3), fc.constantFrom('', '@', ']]'), (at, spoil) => {
        const text = JUPYTER.slice(0, at) + spoil;
        const error = refusal(text);
        expect(error.message).toMatch(/^line \d+, column \d+: expected|^the file is empty$/);
      }),
    );
  });
});
