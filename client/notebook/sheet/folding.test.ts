import { describe, expect, it } from 'vitest';
import { foldedAway, type Section } from './folding.ts';

const section = (id: string, level: number | null = null, folded = false): Section => ({ id, level, folded });

describe('folding', () => {
  it('hides what stands below a heading, down to the next of its level or above', () => {
    const hidden = foldedAway([
      section('title', 1),
      section('data', 2, true),
      section('load'),
      section('clean', 3),
      section('drop'),
      section('model', 2),
      section('fit'),
    ]);
    expect([...hidden]).toEqual([
      ['load', 'data'],
      ['clean', 'data'],
      ['drop', 'data'],
    ]);
  });

  it('names the outermost fold, and goes on to the end', () => {
    const hidden = foldedAway([section('a', 1, true), section('b', 2, true), section('c'), section('d', 2)]);
    expect([...hidden.values()]).toEqual(['a', 'a', 'a']);
  });

  it('folds nothing without a heading', () => {
    expect(foldedAway([section('a', null, true), section('b')]).size).toBe(0);
  });
});
