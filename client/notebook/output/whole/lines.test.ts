import { describe, expect, it } from 'vitest';
import { Lines, MOST_FOUND } from './lines.ts';

const all = (text: string): string[] => {
  const lines = new Lines(text);
  return Array.from({ length: lines.count }, (_, line) => lines.at(line));
};

describe('Lines', () => {
  it.each([
    ['', ['']],
    ['one', ['one']],
    ['one\n', ['one']],
    ['one\n\ntwo', ['one', '', 'two']],
    ['one\r\ntwo\r\n', ['one', 'two']],
    ['\r10%\r20%\r30%\ndone', ['10%', '20%', '30%', 'done']],
    ['\u001b[31mred\u001b[0m\nplain', ['red', 'plain']],
  ])('are those of %j', (text, expected) => {
    expect(all(text)).toEqual(expected);
  });

  it('finds a text whatever its case, and says where it stands', () => {
    const lines = new Lines('Loss 1\nnothing\na loss, another LOSS\n(a+b)');
    expect(lines.find('loss')).toEqual([
      { line: 0, from: 0, to: 4 },
      { line: 2, from: 2, to: 6 },
      { line: 2, from: 16, to: 20 },
    ]);
    expect(lines.find('(a+b)')).toEqual([{ line: 3, from: 0, to: 5 }]);
    expect(lines.find('')).toEqual([]);
    expect(lines.find('absent')).toEqual([]);
  });

  it('counts a hundred thousand lines, and stops where nobody counts on', () => {
    const lines = new Lines(Array.from({ length: 100_000 }, (_, index) => `line ${index}\n`).join(''));
    expect(lines.count).toBe(100_000);
    expect(lines.at(99_999)).toBe('line 99999');
    expect(lines.find('line 98765')).toEqual([{ line: 98_765, from: 0, to: 10 }]);
    expect(lines.find('line')).toHaveLength(MOST_FOUND);
  });
});
