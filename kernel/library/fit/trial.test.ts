/** `fit` that reports to a trial, and obeys its wishes. */
import type { LayersModel } from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { prepareBackend } from '../../backend/choose.ts';
import { loadTensorFlow, type TensorFlow } from '../../backend/tensorflow.ts';
import { MemoryHost } from '../trial/memory-host.ts';
import { Trial } from '../trial/trial.ts';
import { fit } from './fit.ts';
import { smallData, smallModel } from './going-on.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = loadTensorFlow();
  await prepareBackend(tf);
});
const made: LayersModel[] = [];
afterEach(() => {
  for (const each of made.splice(0)) each.dispose();
});

const LOSS = { loss: 'categoricalCrossentropy', metrics: ['accuracy'], progress: false, seed: 3 } as const;
function model(): LayersModel {
  const small = smallModel(tf);
  made.push(small);
  return small;
}

describe('with a trial', () => {
  const open = (): { host: MemoryHost; run: Trial } => {
    const host = new MemoryHost();
    return { host, run: new Trial(host, 't1', 'first', undefined) };
  };

  it('logs every batch and every validation, and says how far it is', async () => {
    const { host, run } = open();
    await fit(model(), smallData(), { ...LOSS, epochs: 2, batchSize: 10, validation: 0.2, trial: run });
    await run.finish();
    expect(host.points('loss').map(([step]) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(host.points('val_accuracy').map(([step]) => step)).toEqual([4, 8]);
    const told = host.sent.filter((message) => message.type === 'trial.progress');
    expect(told.at(-1)?.progress).toEqual({ done: 8, total: 8, note: 'epoch 2 of 2' });
  });

  it('makes one curve of two', async () => {
    const { host, run } = open();
    const options = { ...LOSS, batchSize: 25, trial: run };
    await fit(model(), smallData(), options);
    await fit(model(), smallData(), { ...options, schedule: { kind: 'constant', rate: 0.5 } });
    await run.finish();
    expect(host.points('loss').map(([step]) => step)).toEqual([1, 2, 3, 4]);
    expect(host.points('learningRate')).toEqual([
      [3, 0.5],
      [4, 0.5],
    ]);
  });

  it('waits while paused, goes on, and stops when asked to', async () => {
    const { host, run } = open();
    const send = host.send.bind(host);
    const waited: number[] = [];
    host.send = (message, payload) => {
      send(message, payload);
      if (message.type !== 'trial.paused' || !message.paused) return;
      waited.push(run.step);
      setImmediate(() => host.wish('t1', 'resume'));
    };
    const result = await fit(model(), smallData(), {
      ...LOSS,
      epochs: 100,
      batchSize: 10,
      validation: 0.2,
      trial: run,
      callbacks: [
        {
          onStep: ({ step }) => {
            // In the middle of an epoch, and before a validation.
            if (step === 2 || step === 4) host.wish('t1', 'pause');
            if (step === 7) host.wish('t1', 'stop');
          },
        },
      ],
    });
    expect(waited).toEqual([2, 4]);
    expect(result).toMatchObject({ ending: 'stopped', steps: 7, epochs: 1 });
    const whole = await fit(model(), smallData(), { ...LOSS, epochs: 1, batchSize: 10, validation: 0.2 });
    expect(result.history).toEqual(whole.history);
    await run.finish();
    expect(host.sent.at(-1)).toMatchObject({ type: 'trial.finish', end: 'stopped' });
  });
});
