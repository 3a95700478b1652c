import { freshCell } from '@trialroom/shared/notebook/session';
import { describe, expect, it } from 'vitest';
import { runStory } from './run-story.ts';

const at = new Date(2026, 2, 4, 14, 53).getTime();
const ran = {
  ...freshCell(),
  validity: 'evaluated' as const,
  count: 3,
  by: { id: 'a', name: 'Ada', colour: 'a' as const },
  startedAt: at,
  ms: 840,
  hash: 'h',
};

describe('the story of a run', () => {
  it('says who, when, how long and on which text', () => {
    expect(runStory(ran, at + 1000)).toBe('Run 3, by Ada at 14:53, took 0.84 s, on the text it has now.');
    expect(runStory({ ...ran, validity: 'stale' }, at + 1000)).toMatch(/on an earlier text\.$/);
    const outdated = { ...ran, validity: 'stale' as const, outdatedBy: ['other'] };
    expect(runStory(outdated, at + 1000)).toMatch(/took 0.84 s\.$/);
    const running = { ...ran, status: 'evaluating' as const, ms: null, edited: true };
    expect(runStory(running, at)).toMatch(/still running, on an earlier text\.$/);
  });

  it('says of a run that goes on that it does', () => {
    expect(runStory({ ...ran, status: 'evaluating', ms: null }, at)).toContain('still running');
  });

  it('says nothing of a text that no kernel remembers, and nothing of a cell that never ran', () => {
    expect(runStory({ ...ran, hash: null }, at)).toBe('Run 3, by Ada at 14:53, took 0.84 s.');
    expect(runStory(freshCell(), at)).toBe('');
  });
});
