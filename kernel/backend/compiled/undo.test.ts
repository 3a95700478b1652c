import { describe, expect, it } from 'vitest';
import { undoInterrupted, withUndo } from './undo.ts';

describe('withUndo', () => {
  it('undoes once, however the work ends', () => {
    const done: string[] = [];
    expect(
      withUndo(
        () => done.push('a'),
        () => 1,
      ),
    ).toBe(1);
    const fail = (): never => {
      throw new Error('fault');
    };
    expect(() => withUndo(() => done.push('b'), fail)).toThrow('fault');
    undoInterrupted();
    expect(done).toEqual(['a', 'b']);
  });

  it('is also done by whoever puts things in order, the latest first', () => {
    const done: string[] = [];
    let seen: string[] = [];
    const inner = (): void => {
      undoInterrupted();
      seen = [...done];
    };
    const outer = (): void => withUndo(() => done.push('second'), inner);
    withUndo(() => done.push('first'), outer);
    expect(seen).toEqual(['second', 'first']);
  });
});
