import { describe, expect, it } from 'vitest';
import { notebookPath } from '../home/notebook-path.ts';
import { tokenIn } from '../shell/token.ts';
import { rank } from './rank.ts';

describe('rank', () => {
  const items = ['small CNN, Adam', 'digits.ipynb', 'scan notebook', 'Notebooks'];
  const found = (typed: string): string[] => rank(typed, items, (item) => item);

  it('keeps the order when nothing is typed', () => {
    expect(found('  ')).toEqual(items);
  });

  it('wants every word, in any order', () => {
    expect(found('adam cnn')).toEqual(['small CNN, Adam']);
    expect(found('adam digits')).toEqual([]);
  });

  it('puts what begins a word first, and earlier before later', () => {
    expect(found('note')).toEqual(['Notebooks', 'scan notebook']);
    expect(found('ipynb')).toEqual(['digits.ipynb']);
  });
});

describe('notebookPath', () => {
  it('adds the ending and cleans slashes', () => {
    expect(['first', ' a/b ', '/x.ipynb/', 'win\\dir\\n', '', ' / '].map(notebookPath)).toEqual([
      'first.ipynb',
      'a/b.ipynb',
      'x.ipynb',
      'win/dir/n.ipynb',
      null,
      null,
    ]);
  });
});

describe('tokenIn', () => {
  it('finds the token in an address, or takes it alone', () => {
    expect(tokenIn(' http://127.0.0.1:8700/?token=abcDEF1234 ')).toBe('abcDEF1234');
    expect(tokenIn('abcDEF1234')).toBe('abcDEF1234');
    expect(tokenIn('http://127.0.0.1:8700/')).toBeNull();
    expect(tokenIn('')).toBeNull();
  });
});
