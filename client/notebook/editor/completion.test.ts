import { describe, expect, it } from 'vitest';
import { said } from './completion.ts';

describe('said', () => {
  it('says the kind by a letter and the name once', () => {
    const detail = 'function tensor2d(values: TensorLike2D): Tensor2D';
    expect(said({ label: 'tensor2d', kind: 'variable', detail })).toEqual({
      letter: 'ƒ',
      detail: '(values: TensorLike2D): Tensor2D',
    });
    expect(said({ label: 'width', kind: 'constant', detail: 'const width: number' })).toEqual({
      letter: 'k',
      detail: 'number',
    });
    expect(said({ label: 'Tensor', kind: 'variable', detail: 'class Tensor' })).toEqual({
      letter: 'C',
      detail: undefined,
    });
  });

  it('leaves a detail alone that says something else', () => {
    expect(said({ label: 'map', kind: 'method', detail: '(method) Array<number>.map()' }).detail).toBe(
      '(method) Array<number>.map()',
    );
    expect(said({ label: 'a', kind: 'variable', detail: 'const b: number' }).detail).toBe('const b: number');
    expect(said({ label: 'a', kind: 'variable' })).toEqual({ letter: 'v', detail: undefined });
  });
});
