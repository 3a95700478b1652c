import { describe, expect, it } from 'vitest';
import { dropBefore } from './arranging.ts';

const boxes = [
  { id: 'a', left: 0, top: 0, width: 400, height: 100 },
  { id: 'b', left: 0, top: 110, width: 195, height: 195 },
  { id: 'c', left: 205, top: 110, width: 195, height: 195 },
];

describe('where a dropped panel goes', () => {
  it('is before or after the nearest, by the half it is over', () => {
    expect(dropBefore(boxes, 50, 200)).toBe('b');
    expect(dropBefore(boxes, 180, 200)).toBe('c');
    expect(dropBefore(boxes, 230, 200)).toBe('c');
    expect(dropBefore(boxes, 390, 200)).toBe('');
    expect(dropBefore(boxes, 200, -50)).toBe('a');
    expect(dropBefore(boxes, 390, 900)).toBe('');
  });

  it('is nowhere among none', () => {
    expect(dropBefore([], 1, 1)).toBeNull();
  });
});
