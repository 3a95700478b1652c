import type { TrialEvent } from '@trialroom/shared/trial/event';
import { describe, expect, it } from 'vitest';
import { type LineageFacts, lineageOf } from './lineage.ts';

const trial: LineageFacts['trial'] = {
  ...{ id: 't1', experiment: 'digits', experimentId: 'e1', name: 'cnn', status: 'completed', stopRequested: false },
  ...{ pauseRequested: false, release: 'none', checkpoint: null, revision: 9, params: { lr: 0.1, seed: 1 } },
  ...{ objective: null, progress: null, summary: {}, reason: null, notebook: { id: 'n1', path: 'digits.ipynb' } },
  ...{ cell: null, backend: null, by: null, tags: [], starred: false, note: '', createdAt: 1, startedAt: 2 },
  ...{ endedAt: 90, archivedAt: null },
};
const event = (kind: TrialEvent['kind'], seq: number, at: number, step: number | null, data = {}): TrialEvent => ({
  ...{ kind, seq, at, step, text: '', data, by: null },
});
const environment = {
  ...{ node: '24.0.0', platform: 'linux x64', cpu: 'c', cores: 2, memory: 1, gpu: null, backend: 'CPU · compiled' },
  ...{ seed: 1, packages: {}, lockHash: null, git: { commit: 'abcdef0123456789', branch: 'main', dirty: true } },
};
const facts: LineageFacts = {
  trial,
  captured: {
    environment,
    codeHash: 'c0de'.repeat(16),
    cell: 'train',
    code: { kind: 'session', cells: [] },
  },
  started: [event('started', 1, 2, null), event('started', 5, 50, null)],
  checkpoints: [
    event('checkpoint', 2, 10, 100, { path: 'cp/100', data: 'da7a'.repeat(16) }),
    event('checkpoint', 3, 20, 200, { path: 'cp/200', data: 'da7a'.repeat(16) }),
    event('checkpoint', 7, 80, 300, { path: 'cp/300' }),
  ],
  evaluations: [{ name: 'test', task: 'classification', count: 1000, at: 85 }],
  artifacts: [
    { name: 'early.bin', kind: 'file', version: 1, bytes: 1, sha256: 'a'.repeat(64), at: 12 },
    { name: 'predictions/test.csv', kind: 'predictions', version: 2, bytes: 2, sha256: 'b'.repeat(64), at: 85 },
    { name: 'environment.json', kind: 'environment', version: 1, bytes: 2, sha256: 'b'.repeat(64), at: 1 },
  ],
};

describe('where a trial came from and what it led to', () => {
  it('goes from code, parameters and data over its runs and checkpoints to its results', () => {
    const { nodes, edges } = lineageOf(facts);
    expect(edges.map(({ from, to }) => `${from} > ${to}`)).toEqual([
      'notebook > code',
      'code > run-1',
      'parameters > run-1',
      'environment > run-1',
      `data-${'da7a'.repeat(16)} > run-1`,
      'run-1 > checkpoint-3',
      'checkpoint-3 > run-2',
      'run-2 > checkpoint-7',
      'run-2 > evaluation-test',
      'run-1 > artifact-early.bin',
      'evaluation-test > artifact-predictions/test.csv',
    ]);
    const of = (id: string) => nodes.find((node) => node.id === id);
    expect(of('notebook')?.href).toBe('/notebooks/n1');
    expect(of('checkpoint-3')).toMatchObject({
      name: 'Step 200',
      detail: 'checkpoint, 1 before it',
      whole: 'cp/200',
    });
    expect(of('environment')?.detail).toBe('commit abcdef0123, changed');
    expect(of('run-1')?.detail).toBe('was interrupted');
    expect(of('run-2')).toMatchObject({ name: 'Run 2 of 2', detail: 'completed' });
  });

  it('leaves out what would be too much, and says so', () => {
    const started = Array.from({ length: 9 }, (_, at) => event('started', at * 10 + 1, at * 10, null));
    const file = facts.artifacts[0];
    const artifacts = file ? Array.from({ length: 40 }, (_, at) => ({ ...file, name: `f${at}`, at: 1 })) : [];
    const { nodes, edges } = lineageOf({ ...facts, started, checkpoints: [], artifacts });
    expect(nodes.filter(({ kind }) => kind === 'run').map(({ name }) => name)).toEqual(
      [6, 7, 8, 9].map((run) => `Run ${run} of 9`),
    );
    expect(nodes.filter(({ kind }) => kind === 'artifact').length).toBe(12);
    expect(nodes.find(({ kind }) => kind === 'more')?.name).toBe('28 more results');
    const ids = new Set(nodes.map(({ id }) => id));
    expect(ids.size).toBe(nodes.length);
    for (const { from, to } of edges) expect([ids.has(from), ids.has(to)]).toEqual([true, true]);
  });

  it('is one node when nothing else is known', () => {
    const bare = { ...trial, params: {}, notebook: null, status: 'queued' as const };
    const nothing = { started: [], checkpoints: [], evaluations: [], artifacts: [] };
    expect(lineageOf({ trial: bare, captured: undefined, ...nothing })).toEqual({
      nodes: [{ id: 'run-1', kind: 'run', name: 'cnn', detail: 'queued', href: '/trials/t1', whole: 'cnn' }],
      edges: [],
    });
  });
});
