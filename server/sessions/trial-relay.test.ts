import type { ToKernel } from '@trialroom/shared/kernel/protocol';
import { packPoints } from '@trialroom/shared/trial/points';
import { expect, test } from 'vitest';
import type { TrialSink } from '../trials/sink.ts';
import { TrialRelay } from './trial-relay.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('points are given on without waiting for those before, acknowledged in order, and done before the trial ends', async () => {
  const stored = new Map<number, PromiseWithResolvers<void>>();
  const did: string[] = [];
  const sink: Partial<TrialSink> = {
    points: (_trial, _execution, seq) => {
      did.push(`points ${seq}`);
      const one = Promise.withResolvers<void>();
      stored.set(seq, one);
      return one.promise;
    },
    summary: async () => void did.push('summary'),
    finish: async () => void did.push('finish'),
  };
  const relay = new TrialRelay({
    sink: sink as TrialSink,
    kernel: 'k',
    send: (message: ToKernel) => void (message.type === 'trial.ack' && did.push(`ack ${message.seq}`)),
    origin: () => undefined,
    onWish: async () => async () => {},
    running: () => null,
    overdue: () => {},
    fault: expect.unreachable,
  });
  const one = { key: 'loss', steps: Float64Array.of(1), walls: Float64Array.of(1), values: Float64Array.of(1) };
  const { keys, payload } = packPoints([one]);
  const points = (seq: number): void => {
    const taken = (): void => void did.push(`taken ${seq}`);
    relay.handle({ type: 'trial.points', trial: 't', execution: 'e', seq, keys }, payload, taken);
  };
  points(1);
  points(2);
  relay.handle({ type: 'trial.summary', trial: 't', summary: {} }, new Uint8Array(), () => {});
  points(3);
  relay.handle({ type: 'trial.finish', trial: 't', end: 'completed' }, new Uint8Array(), () => did.push('ended'));
  await turn();
  expect(did).toEqual(['points 1', 'points 2']);
  stored.get(2)?.resolve();
  await turn();
  expect(did.slice(2)).toEqual([]);
  stored.get(1)?.resolve();
  await turn();
  expect(did.slice(2)).toEqual(['ack 1', 'taken 1', 'ack 2', 'taken 2', 'summary', 'points 3']);
  stored.get(3)?.resolve();
  await turn();
  expect(did.slice(8)).toEqual(['ack 3', 'taken 3', 'finish', 'ended']);
});
