import { describe, expect, it } from 'vitest';
import { outputStanding } from './places.ts';

describe('a thread on an output', () => {
  const thread = { index: 1, execution: 'run1' };

  it('is there while the run that it is about is shown', () => {
    expect(outputStanding(thread, 2, 'run1')).toBe('here');
    expect(outputStanding(thread, 1, 'run1')).toBe('gone');
  });

  it('is on an earlier output once the cell has run again, whatever stands in its place', () => {
    expect(outputStanding(thread, 2, 'run2')).toBe('earlier');
    expect(outputStanding(thread, 1, 'run2')).toBe('earlier');
    expect(outputStanding(thread, 0, 'run2')).toBe('gone');
  });

  it('goes by its place where a run is not known', () => {
    expect(outputStanding({ index: 1 }, 2, 'run2')).toBe('here');
    expect(outputStanding(thread, 2, null)).toBe('here');
    expect(outputStanding({ index: 1 }, 1, null)).toBe('gone');
  });
});
