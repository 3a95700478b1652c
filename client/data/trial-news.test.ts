import type { Trial } from '@trialroom/shared/trial/trial';
import { describe, expect, it } from 'vitest';
import { appendLog, LOG_KEPT, newerTrial } from './trial-news.ts';

const trial = (part: Partial<Trial>): Trial => ({
  id: 't',
  experiment: 'e',
  name: 'n',
  experimentId: 'e',
  tags: [],
  starred: false,
  note: '',
  archivedAt: null,
  status: 'running',
  stopRequested: false,
  pauseRequested: false,
  release: 'none',
  checkpoint: null,
  revision: 0,
  params: {},
  objective: null,
  progress: null,
  summary: {},
  reason: null,
  notebook: null,
  cell: null,
  backend: null,
  by: null,
  createdAt: 0,
  startedAt: 0,
  endedAt: null,
  ...part,
});
const line = (seq: number) => ({ seq, at: seq, stream: 'stdout' as const, text: `line ${seq}` });

describe('newerTrial', () => {
  it('never brings an ended trial back to life', () => {
    const ended = trial({ status: 'completed' });
    expect(newerTrial(ended, trial({ status: 'running' }))).toBe(ended);
  });

  it('never takes back a requested stop or progress', () => {
    const stopping = trial({ stopRequested: true });
    expect(newerTrial(stopping, trial({}))).toBe(stopping);
    const known = trial({ progress: { done: 9 } });
    expect(newerTrial(known, trial({ progress: { done: 4 } })).progress).toEqual({ done: 9 });
  });

  it('takes real news', () => {
    const news = trial({ status: 'failed', reason: 'out of memory', endedAt: 5 });
    expect(newerTrial(trial({ stopRequested: false }), news)).toBe(news);
  });
});

describe('appendLog', () => {
  it('keeps each line once, in order, late ones too', () => {
    const log = appendLog([line(1), line(3)], [line(2), line(3), line(4)]);
    expect(log.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });

  it('is the same list when there is no news', () => {
    const log = [line(1)];
    expect(appendLog(log, [line(1)])).toBe(log);
  });

  it('keeps the newest lines', () => {
    const many = Array.from({ length: LOG_KEPT + 10 }, (_, index) => line(index + 1));
    const log = appendLog([], many);
    expect(log.length).toBe(LOG_KEPT);
    expect(log.at(-1)?.seq).toBe(LOG_KEPT + 10);
  });
});
