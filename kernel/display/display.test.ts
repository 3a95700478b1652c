import { MIME, TableData } from '@trialroom/shared/notebook/outputs';
import fc from 'fast-check';
import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { DISPLAY, resultBundle, toBundle } from './bundle.ts';
import { html, image, json, markdown, svg, table } from './display.ts';
import { isRecords, PREVIEW_ROWS, tableData } from './table.ts';

const text = (value: unknown): unknown => resultBundle(value).data['text/plain'];

describe('any value', () => {
  it('has plain text and survives JSON', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withTypedArray: true }), (value) => {
        for (const { data, metadata } of [toBundle(value), resultBundle(value)]) {
          expect(typeof data['text/plain']).toBe('string');
          expect(JSON.parse(JSON.stringify({ data, metadata }))).toEqual({ data, metadata });
        }
      }),
    );
  });

  it('that is big is summarised', () => {
    expect(text(new Array(1e6).fill(7))).toMatch(/999900 more items/);
    expect(String(text('x'.repeat(1e7))).length).toBeLessThan(20_000);
    expect(String(toBundle('x'.repeat(1e6)).data['text/plain'])).toBe('x'.repeat(1e6));
    expect(String(text(Array.from({ length: 100 }, () => 'y'.repeat(5000)))).length).toBeLessThan(120_000);
  });

  it('says itself how it is shown', () => {
    expect(toBundle({ [DISPLAY]: () => ({ 'text/latex': '$x$' }) }).data).toEqual({
      'text/latex': '$x$',
      'text/plain': 'text/latex',
    });
    expect(toBundle({ [DISPLAY]: () => ({}) }).data).toEqual({});
    expect(toBundle({ toHtml: () => '<b>x</b>' }).data['text/html']).toBe('<b>x</b>');
    expect(toBundle({ toHtml: 'no function' }).data).not.toHaveProperty('text/html');
  });
});

describe('tables', () => {
  it('are made of records only', () => {
    expect(isRecords([{ a: 1 }, { b: 2 }])).toBe(true);
    for (const other of [
      [],
      [1],
      [{}, {}],
      [[1]],
      [{ a: 1 }, null],
      [new Date()],
      [
        new (class A {
          a = 1;
        })(),
      ],
      { a: 1 },
    ]) {
      expect(isRecords(other)).toBe(false);
    }
  });

  it('keep what each column holds, in a form JSON can say', () => {
    const rows = [
      { n: 1, s: 'a', d: new Date(0), b: true, m: 1, o: { deep: [1] }, g: 10n },
      { n: Number.NaN, s: null, d: new Date(Number.NaN), b: false, m: 'x', e: 1 },
    ];
    const data = TableData.parse(JSON.parse(JSON.stringify(tableData(rows))));
    expect(Object.fromEntries(data.columns.map(({ name, type }) => [name, type]))).toEqual({
      n: 'number',
      s: 'string',
      d: 'date',
      b: 'boolean',
      m: 'mixed',
      o: 'mixed',
      g: 'number',
      e: 'number',
    });
    expect(data.rows).toEqual([
      [1, 'a', '1970-01-01T00:00:00.000Z', true, 1, '{ deep: [ 1 ] }', '10', null],
      ['NaN', null, 'Invalid Date', false, 'x', null, null, 1],
    ]);
  });

  it('are previews that count the rest', () => {
    const { data } = toBundle(Array.from({ length: 1000 }, (_, i) => ({ i })));
    expect(data[MIME.table]).toMatchObject({ total: 1000 });
    expect(TableData.parse(data[MIME.table]).rows).toHaveLength(PREVIEW_ROWS);
    expect(data['text/html']).toContain('200 of 1,000 rows');
    expect(data['text/plain']).toContain('20 of 1,000 rows');
  });

  it('escape what they show in HTML', () => {
    const { data } = toBundle([{ '<i>': '<script>alert("1")</script>&' }]);
    expect(data['text/html']).not.toMatch(/<script|<i>/);
  });

  it('asked for explicitly must be tables', () => {
    expect(() => Reflect.apply(table, undefined, [[1, 2]])).toThrow(TypeError);
    expect(toBundle(table([])).data[MIME.table]).toEqual({ columns: [], rows: [], total: 0 });
    expect(TableData.parse(toBundle(table([{ a: 1 }, { a: 2 }], { limit: 1 })).data[MIME.table]).rows).toEqual([[1]]);
  });
});

describe('pictures', () => {
  it('of pixels are PNG files with these pixels', () => {
    for (const channels of [1, 3, 4]) {
      const data = Uint8Array.from({ length: 6 * channels }, (_, i) => i * 9);
      const bundle = toBundle(image({ width: 3, height: 2, data })).data;
      const png = decode(Buffer.from(String(bundle['image/png']), 'base64'));
      expect({ width: png.width, height: png.height, channels: png.channels, data: [...png.data] }).toEqual({
        width: 3,
        height: 2,
        channels,
        data: [...data],
      });
    }
  });

  it('of floats go from 0 to 1', () => {
    const bundle = toBundle(image({ width: 4, height: 1, data: [0, 0.5, 1, 2] })).data;
    expect([...decode(Buffer.from(String(bundle['image/png']), 'base64')).data]).toEqual([0, 128, 255, 255]);
  });

  it('of a file are the file', () => {
    const png = Buffer.from(String(toBundle(image({ width: 1, height: 1, data: [1] })).data['image/png']), 'base64');
    expect(toBundle(new Uint8Array(png)).data['image/png']).toBe(png.toString('base64'));
    expect(toBundle(image(new Uint8Array(png))).data['image/png']).toBe(png.toString('base64'));
    expect(toBundle(Uint8Array.of(0xff, 0xd8, 0xff, 0)).data).toHaveProperty('image/jpeg');
    expect(toBundle(Uint8Array.of(1, 2, 3)).data).toEqual({ 'text/plain': 'Uint8Array(3) [ 1, 2, 3 ]' });
  });

  it('that do not fit are refused with the numbers', () => {
    expect(() => image({ width: 2, height: 2, data: [1, 2, 3] })).toThrow(/2 × 2 needs 1, 3 or 4 values a pixel; 3/);
    expect(() => image(Uint8Array.of(1))).toThrow(/no PNG/);
  });
});

it('html, svg, markdown and json are shown as such', () => {
  expect(toBundle(html('<b>x</b>')).data).toEqual({ 'text/html': '<b>x</b>', 'text/plain': 'x' });
  expect(toBundle(svg('<svg></svg>')).data).toHaveProperty(['image/svg+xml'], '<svg></svg>');
  expect(() => svg('no')).toThrow(TypeError);
  expect(toBundle(markdown('# x')).data).toHaveProperty(['text/markdown'], '# x');
  expect(toBundle(json({ a: [1, undefined] })).data['application/json']).toEqual({ a: [1, null] });
  expect(() => json(1n)).toThrow(TypeError);
});
