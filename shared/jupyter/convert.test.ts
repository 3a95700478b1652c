import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromFileOutput, toFileOutput } from '../notebook/file-outputs.ts';
import { MIME } from '../notebook/mime.ts';
import { jupyterBundle, WIDGET_VIEW } from './bundles.ts';
import { executeReply, kernelInfo, toIopub, traceback } from './convert.ts';
import { completeReply, inspectReply } from './language.ts';
import { toCodePoints, toUnits } from './positions.ts';

const error = {
  name: 'TypeError',
  message: 'boom\nand more',
  frames: [{ cell: 'c1', line: 2, column: 3, name: 'f' }],
  excerpt: '  1 | f()\n> 2 |   x\n    |   ^',
  causes: [{ name: 'Error', message: 'why', frames: [{ file: 'a.ts', line: 1, column: 1 }] }],
};

describe('iopub messages', () => {
  it('says each kind of output in Jupyter’s words', () => {
    expect(toIopub({ type: 'stream', name: 'stderr', text: 'x' })).toEqual({
      type: 'stream',
      content: { name: 'stderr', text: 'x' },
    });
    const shown = { data: { 'text/plain': '1' }, metadata: { a: 1 } };
    expect(toIopub({ type: 'display', ...shown, id: 'd' })).toEqual({
      type: 'display_data',
      content: { ...shown, transient: { display_id: 'd' } },
    });
    expect(toIopub({ type: 'update', ...shown, id: 'd' })?.type).toBe('update_display_data');
    expect(toIopub({ type: 'result', ...shown, count: 3 })).toEqual({
      type: 'execute_result',
      content: { ...shown, transient: {}, execution_count: 3 },
    });
    expect(toIopub({ type: 'clear' })).toEqual({ type: 'clear_output', content: { wait: false } });
  });

  it('writes a traceback with source, places and causes', () => {
    const lines = traceback(error, { colours: false, cellName: () => 'In [2]' });
    expect(lines).toEqual([
      'TypeError: boom',
      'and more',
      '  1 | f()',
      '> 2 |   x',
      '    |   ^',
      '    at f (In [2]:2:3)',
      'Caused by Error: why',
      '    at a.ts:1:1',
    ]);
    const coloured = traceback(error).join('\n');
    expect(coloured).toContain('\u001b[31mTypeError\u001b[0m: boom');
    // A notebook file that holds the coloured lines still opens and shows them.
    const file = toFileOutput({ type: 'error', error: { ...error, traceback: coloured.split('\n') } });
    expect(fromFileOutput(file, 1)).toMatchObject({ type: 'error', error: { name: 'TypeError' } });
  });
});

describe('replies', () => {
  it('says one that nobody caught as text, here and in files: an error would fail a cell that went well', () => {
    const said = toIopub({ type: 'uncaught', error });
    expect(said).toMatchObject({ type: 'stream', content: { name: 'stderr' } });
    const text = String(said?.content.text);
    expect(text).toMatch(/^Uncaught TypeError: boom\nand more\n {4}at f /);
    expect(toFileOutput({ type: 'error', error, uncaught: { times: 2 } })).toEqual({
      output_type: 'stream',
      name: 'stderr',
      text,
    });
  });

  it('tells ok, failed and dropped executions apart', () => {
    expect(executeReply({ end: 'ok', count: 1 })).toMatchObject({ status: 'ok', user_expressions: {}, payload: [] });
    expect(executeReply({ end: 'error', count: 1, error })).toMatchObject({ status: 'error', ename: 'TypeError' });
    expect(executeReply({ end: 'aborted', count: 1 })).toMatchObject({ status: 'aborted' });
  });

  it('describes the language', () => {
    expect(kernelInfo({ version: '1.2.3', node: 'v24.0.0' })).toMatchObject({
      protocol_version: '5.4',
      language_info: { name: 'typescript', file_extension: '.ts' },
    });
  });

  it('counts places in code points', () => {
    const source = 'const 😀 = "é"; 😀.le';
    const reply = completeReply(source, source.length, {
      from: source.length - 2,
      items: [
        { label: 'length', kind: 'property' },
        { label: 'length', kind: 'text' },
      ],
    });
    expect(reply).toMatchObject({ matches: ['length'], cursor_start: 17, cursor_end: 19 });
  });

  it('shows a hover as Markdown and as text', () => {
    expect(inspectReply({ text: '```ts\nconst x: number\n```', value: '1' })).toMatchObject({
      found: true,
      data: { 'text/plain': expect.stringContaining('const x: number') },
    });
    expect(inspectReply(null)).toMatchObject({ status: 'ok', found: false });
  });
});

it('turns code points into units and back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, at) => {
      const points = [...text];
      const units = toUnits(text, at);
      expect(text.slice(0, units)).toBe(points.slice(0, at).join(''));
      expect(toCodePoints(text, units)).toBe(Math.min(at, points.length));
    }),
  );
});

describe('bundles for other tools', () => {
  it('adds a chart, a bar and a widget that they can draw, and takes nothing away', () => {
    const chart = { x: [1, 2], series: [{ name: 'loss', y: [1, null] }] };
    const bundle = jupyterBundle({ [MIME.chart]: chart, 'text/plain': 'chart' });
    expect(bundle[MIME.chart]).toEqual(chart);
    expect(bundle['application/vnd.vegalite.v5+json']).toMatchObject({
      data: {
        values: [
          { x: 1, y: 1, series: 'loss' },
          { x: 2, y: null, series: 'loss' },
        ],
      },
    });
    expect(jupyterBundle({ [MIME.progress]: { done: 1, total: 4, note: '<b>' } })['text/html']).toContain('&#60;b');
    expect(jupyterBundle({ [MIME.widget]: { widget: 'w' } })[WIDGET_VIEW]).toMatchObject({ model_id: 'w' });
  });

  it('says when a chart has more points than it shows', () => {
    const x = Array.from({ length: 10_000 }, (_, index) => index);
    const bundle = jupyterBundle({ [MIME.chart]: { title: 'loss', x, series: [{ name: 'a', y: x }] } });
    expect(bundle['application/vnd.vegalite.v5+json']).toMatchObject({
      title: expect.stringMatching(/^loss · 3,33\d of 10,000 points$/),
    });
  });

  it('never loses a form', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...Object.values(MIME), 'text/plain', 'text/html'), fc.jsonValue()),
        (data) => {
          expect(jupyterBundle(data)).toMatchObject(data);
        },
      ),
    );
  });
});
