import { type CellState, freshCell } from '@trialroom/shared/notebook/session';
import { describe, expect, it } from 'vitest';
import { downstreamOf, inCircle, withReaders } from './downstream.ts';

const cell = (defines: string, uses: string, change: Partial<CellState> = {}): CellState => ({
  ...freshCell(),
  hash: 'h',
  validity: 'evaluated',
  names: { defines: [...defines], uses: [...uses] },
  ...change,
});
const outdated: Partial<CellState> = { validity: 'stale', outdatedBy: ['x'] };

describe('what reads from cells that are no longer true', () => {
  it('is found through others, each with the cell that it reads from', () => {
    const cells = {
      a: cell('a', ''),
      b: cell('b', 'a', outdated),
      c: cell('c', 'b'),
      d: cell('', 'c'),
      e: cell('e', 'a'),
    };
    expect([...downstreamOf(cells)]).toEqual([
      ['c', 'b'],
      ['d', 'c'],
    ]);
  });

  it.each(['failed', 'aborted'] as const)('counts a cell that %s', (validity) => {
    expect([...downstreamOf({ a: cell('a', '', { validity }), b: cell('', 'a') })]).toEqual([['b', 'a']]);
  });

  it('is not marked by typing, and goes through a cell that is being written', () => {
    const edited = cell('b', 'a', { validity: 'stale' });
    expect(downstreamOf({ a: cell('a', ''), b: edited, c: cell('', 'b') }).size).toBe(0);
    expect([...downstreamOf({ a: cell('a', '', outdated), b: edited, c: cell('', 'b') })]).toEqual([['c', 'b']]);
  });

  it('stays marked while the cell that it reads from runs', () => {
    const running = cell('a', '', { validity: 'stale', status: 'evaluating' });
    expect([...downstreamOf({ a: running, b: cell('', 'a') }).keys()]).toEqual(['b']);
  });

  it('leaves out consoles and what another kernel ran', () => {
    const cells = { a: cell('a', '', outdated), 'console:1': cell('', 'a'), b: cell('', 'a', { hash: null }) };
    expect(downstreamOf(cells).size).toBe(0);
  });

  it('does not mark both of two that read each other', () => {
    expect(downstreamOf({ a: cell('a', 'b', outdated), b: cell('b', 'a') }).size).toBe(0);
  });

  it('is run along with the stale, whatever made them so', () => {
    const cells = { a: cell('a', '', { validity: 'stale' }), b: cell('b', 'a'), c: cell('', 'b'), d: cell('d', '') };
    expect([...withReaders(cells, ['a'])]).toEqual(['a', 'b', 'c']);
  });

  it('may be a circle', () => {
    const cells = { a: cell('a', 'c'), b: cell('b', 'a'), c: cell('c', 'b'), d: cell('', 'c') };
    expect(inCircle(cells, 'a', 'c')).toBe(true);
    expect(inCircle(cells, 'a', 'd')).toBe(false);
  });
});
