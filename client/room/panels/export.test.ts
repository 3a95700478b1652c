import { describe, expect, it } from 'vitest';
import { pausesOf } from '../trial/pauses.ts';
import { csvText, jsonText } from './export.ts';

const table = {
  columns: ['a,b', 'value'],
  rows: [
    ['=1+1', Number.NaN],
    ['say "hi"', Number.NEGATIVE_INFINITY],
    [null, 0.5],
  ],
};

describe('a panel taken along', () => {
  it('keeps values that are no numbers, and runs no formula', () => {
    expect(csvText(table)).toBe('"a,b",value\r\n\'=1+1,NaN\r\n"say ""hi""",-inf\r\n,0.5\r\n');
    expect(JSON.parse(jsonText(table))).toEqual([
      { 'a,b': '=1+1', value: 'NaN' },
      { 'a,b': 'say "hi"', value: '-Infinity' },
      { 'a,b': null, value: 0.5 },
    ]);
  });
});

describe('pauses', () => {
  it('last from each pause to the next time that the trial goes on', () => {
    const said = (kind: 'paused' | 'resumed' | 'ended' | 'note', at: number) => ({ kind, at });
    expect(
      pausesOf([
        said('resumed', 1),
        said('paused', 2),
        said('paused', 3),
        said('note', 4),
        said('resumed', 5),
        said('paused', 8),
      ]),
    ).toEqual([
      { from: 2, to: 5 },
      { from: 8, to: null },
    ]);
    expect(pausesOf([said('paused', 2), said('ended', 7)])).toEqual([{ from: 2, to: 7 }]);
  });
});
