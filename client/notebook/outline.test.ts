import { describe, expect, it } from 'vitest';
import { type CellDigest, outlineOf } from './outline.ts';

const text = (id: string, ...headings: [number, string][]): CellDigest => ({
  id,
  headings: headings.map(([level, heading]) => ({ level, text: heading })),
  code: false,
  status: 'ready',
  validity: 'fresh',
  count: null,
});
const code = (id: string, more: Partial<CellDigest> = {}): CellDigest => ({ ...text(id), code: true, ...more });

describe('outlineOf', () => {
  it('lists headings with the state of the code up to the next heading', () => {
    const outline = outlineOf([
      code('before', { validity: 'failed', count: 9 }),
      text('t1', [1, 'Title'], [2, 'Load']),
      code('a', { validity: 'evaluated', count: 3 }),
      code('b', { validity: 'stale', count: 2 }),
      text('t2', [2, 'Train']),
      code('c', { validity: 'evaluated', status: 'evaluating' }),
      code('d', { validity: 'failed', count: 4 }),
      text('t3', [2, 'Later']),
      code('e'),
    ]);
    expect(outline.map(({ text: heading, face, count }) => [heading, face, count])).toEqual([
      ['Title', null, null],
      ['Load', 'stale', 3],
      ['Train', 'running', 4],
      ['Later', null, null],
    ]);
  });

  it('is empty without headings', () => expect(outlineOf([code('a'), text('b')])).toEqual([]));
});
