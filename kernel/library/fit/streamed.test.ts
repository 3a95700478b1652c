/**
 * Training on files that are never in memory as a whole: batches are prepared by a thread while the step runs. Stopped,
 * paused and gone on with to the last bit; what is wrong with a file is said with its place, and nothing is left behind.
 */
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { prepareBackend } from '../../backend/choose.ts';
import { loadTensorFlow, type TensorFlow } from '../../backend/tensorflow.ts';
import { dataset } from '../data/dataset/make.ts';
import { NumericArray } from '../data/dataset/numeric.ts';
import { openCsv } from '../data/formats/csv/open.ts';
import { encodeNpy, openNpy } from '../data/formats/npy.ts';
import type { BatchSource } from '../data/source.ts';
import { MemoryHost } from '../trial/memory-host.ts';
import { Trial } from '../trial/trial.ts';
import { fit } from './fit.ts';
import { EVERYTHING, smallData, smallModel, train } from './going-on.ts';
import type { FitOptions } from './options.ts';

let tf: TensorFlow;
let folder: string;
beforeAll(async () => {
  tf = loadTensorFlow();
  await prepareBackend(tf);
  folder = await mkdtemp(join(tmpdir(), 'trialroom-streamed-'));
});
afterAll(() => rm(folder, { recursive: true }));

const KINDS = ['ash', 'birch', 'cedar'];
const [inputs, targets] = smallData();
let csv = '';
let npy = '';
/** The same 50 examples, as separated values and as an array. */
beforeEach(async () => {
  csv = join(folder, 'trees.csv');
  const rows = inputs.map((row, index) => [...row, KINDS[index % 3]].join());
  await writeFile(csv, `a,b,c,d,kind\n${rows.join('\n')}\n`);
  npy = join(folder, 'trees.npy');
  await writeFile(npy, encodeNpy(new NumericArray(Float32Array.from(inputs.flat()), [50, 4])));
});

const fromCsv = async (): Promise<BatchSource> =>
  (await openCsv(csv))
    .dataset({ target: 'kind', oneHot: true })
    .batches({ batchSize: 8, shuffle: { window: 16 }, thread: 'worker' });
const fromNpy = async (): Promise<BatchSource> =>
  dataset({
    inputs: await openNpy(npy),
    targets: { shape: [50, 3], values: Float32Array.from(targets.flat()) },
  }).batches({
    batchSize: 8,
    shuffle: true,
    augment: { noise: 0.1 },
    thread: 'worker',
  });
const OVER: FitOptions = { validation: smallData() };

describe.each([
  ['separated values', fromCsv],
  ['an array in a file', fromNpy],
])('from %s', (_, open) => {
  it('a run that was stopped goes on to the last bit', async () => {
    const source = await open();
    const straight = await train(tf, [], OVER, () => source);
    expect(straight.steps).toHaveLength(28);
    // In the middle of an epoch, at its end, and right after its beginning.
    expect(await train(tf, [3, 7, 15], OVER, () => source)).toEqual(straight);
  });

  it('it waits while paused, goes on and stops, with the numbers of a run that was left alone', async () => {
    const host = new MemoryHost();
    const run = new Trial(host, 't1', 'first', undefined);
    const send = host.send.bind(host);
    const waited: number[] = [];
    host.send = (message, payload) => {
      send(message, payload);
      if (message.type !== 'trial.paused' || !message.paused) return;
      waited.push(run.step);
      setImmediate(() => host.wish('t1', 'resume'));
    };
    const options: FitOptions = { ...EVERYTHING, ...OVER, seed: 5, epochs: 3, earlyStopping: 99 };
    const model = smallModel(tf);
    const result = await fit(model, await open(), {
      ...options,
      trial: run,
      callbacks: [
        {
          onStep: ({ step }) => {
            if (step === 2 || step === 7) host.wish('t1', 'pause');
            if (step === 16) host.wish('t1', 'stop');
          },
        },
      ],
    });
    await run.finish();
    expect(waited).toEqual([2, 7]);
    expect(result).toMatchObject({ ending: 'stopped', steps: 16 });
    const alone = smallModel(tf);
    const whole = await fit(alone, await open(), options);
    expect(result.history.slice(0, 2)).toEqual(whole.history.slice(0, 2));
    for (const each of [model, alone]) each.dispose();
  });
});

describe('what is wrong with a file', () => {
  const options: FitOptions = { optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', progress: false };
  /** Trains on labels that a file of separated values holds. */
  async function onLabels(labels: readonly (number | string)[]): Promise<unknown> {
    await writeFile(csv, `a,b,c,d,label\n${labels.map((label, row) => `${row},1,2,${row % 3},${label}`).join('\n')}\n`);
    const model = smallModel(tf);
    const before = tf.memory().numTensors;
    try {
      const set = (await openCsv(csv, { kinds: { label: 'int32' } })).dataset({ target: 'label' });
      return await fit(model, set.batches({ batchSize: 4, thread: 'worker' }), options);
    } finally {
      expect(tf.memory().numTensors).toBe(before);
      model.dispose();
    }
  }

  it('labels that no class has are named', async () => {
    await expect(onLabels([0, 1, 2, 7, 1])).rejects.toThrow(/7/);
    await expect(onLabels([0, 1, -1, 2, 1])).rejects.toThrow(/-1/);
  });

  it('a label that is no number is named with its line', async () => {
    await expect(onLabels([0, 1, 'two', 1])).rejects.toThrow(/two/);
  });

  it('one class alone', async () => {
    await writeFile(csv, `a,b,c,d,kind\n${inputs.map((row) => [...row, 'ash'].join()).join('\n')}\n`);
    const stream = await openCsv(csv);
    expect(() => stream.dataset({ target: 'kind' })).toThrow(/one class|only/);
  });

  it('no rows', async () => {
    await writeFile(csv, '');
    await expect(openCsv(csv)).rejects.toThrow('the file is empty');
    await writeFile(npy, encodeNpy(new NumericArray(new Float32Array(0), [0, 4])));
    await expect(openNpy(npy)).rejects.toThrow('[0, 4] holds no examples');
  });

  it('a file that is cut short before it is opened, and while it is trained on', async () => {
    const source = await fromNpy();
    const size = 128 + 50 * 4 * 4;
    const model = smallModel(tf);
    const before = tf.memory().numTensors;
    const cut: FitOptions = {
      ...EVERYTHING,
      ...OVER,
      callbacks: [{ onStep: async ({ step }) => (step === 7 ? truncate(npy, size / 2) : undefined) }],
    };
    await expect(fit(model, source, cut)).rejects.toThrow(
      /trees\.npy, byte \d+: example \d+ should be here, but the file has ended/,
    );
    expect(tf.memory().numTensors).toBe(before);
    await expect(openNpy(npy)).rejects.toThrow('it is cut short');
    // The same model and the same process train on.
    const [x, y] = smallData();
    expect(await fit(model, [x, y], { ...EVERYTHING, epochs: 1 })).toMatchObject({ ending: 'completed' });
    model.dispose();
  });

  it('rows that changed since the file was opened', async () => {
    const source = await fromCsv();
    await writeFile(csv, `a,b,c,d,kind\n1,2,3,what,ash\n`);
    const model = smallModel(tf);
    await expect(fit(model, source, { ...EVERYTHING, ...OVER })).rejects.toThrow(/line 2.*"what" is no float64/);
    model.dispose();
  });

  it('numbers of another type than the loss takes', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const set = dataset({
      inputs: await openNpy(npy),
      targets: { shape: [50], values: Float32Array.from(inputs, ([first = 0]) => Math.abs(first)) },
    });
    const model = smallModel(tf);
    await expect(fit(model, set.batches({ batchSize: 8 }), options)).rejects.toThrow(/label|class|whole/);
    model.dispose();
    warn.mockRestore();
  });
});
