/** Files of checkpoints: whole after a kill, passed over when broken, and refused by another model. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { prepareBackend } from '../../../backend/choose.ts';
import { loadTensorFlow, type TensorFlow } from '../../../backend/tensorflow.ts';
import type { HostArray } from '../../data/source.ts';
import { BadModelFile } from '../../model-files/safetensors.ts';
import { fit } from '../fit.ts';
import { EVERYTHING, smallData, smallModel, train } from '../going-on.ts';
import { START } from '../loop.ts';
import type { FitOptions, FitResult } from '../options.ts';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from './file.ts';

let tf: TensorFlow;
let folder: string;
beforeAll(async () => {
  process.env.TRIALROOM_BACKEND = 'cpu';
  tf = loadTensorFlow();
  await prepareBackend(tf);
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trialroom-checkpoint-'));
});
afterEach(() => rm(folder, { recursive: true }));

const run = async (over: FitOptions, units?: number): Promise<FitResult & { weights: number[] }> => {
  const model = smallModel(tf, 9, units);
  try {
    const result = await fit(model, smallData(), { ...EVERYTHING, checkpoints: folder, ...over });
    return { ...result, weights: model.getWeights().flatMap((weight) => Array.from(weight.dataSync())) };
  } finally {
    model.dispose();
  }
};
const files = async (): Promise<string[]> => (await readdir(folder)).sort();

describe('a checkpoint', () => {
  const { savedAt: _, ...state } = START;
  const array: fc.Arbitrary<HostArray> = fc.oneof(
    fc
      .float32Array({ maxLength: 20 })
      .map((values): HostArray => ({ dtype: 'float32', shape: [values.length], values })),
    fc
      .int32Array({ maxLength: 20 })
      .map((values): HostArray => ({ dtype: 'int32', shape: [1, values.length], values })),
    fc
      .uint8Array({ maxLength: 5, max: 1 })
      .map((values): HostArray => ({ dtype: 'bool', shape: [values.length], values })),
  );
  const checkpoint: fc.Arbitrary<Checkpoint> = fc
    .record({
      tensors: fc.dictionary(
        fc.string({ minLength: 1 }).filter((name) => !name.startsWith('__')),
        array,
        { maxKeys: 5 },
      ),
      figure: fc.double(),
    })
    .map(({ tensors, figure }) => ({
      header: {
        format: 1,
        at: 1,
        seed: 5,
        weights: Object.keys(tensors),
        trained: [],
        // A sum over no examples has no sign.
        state: { ...state, history: [{ loss: figure === 0 ? 0 : figure }] },
        optimizer: { kind: 'adam', updates: 3, slots: 2, gathered: null },
        rate: 0.1,
        averages: false,
        best: false,
        monitor: { key: 'loss', direction: 'min', value: Number.NaN },
        data: 'abc',
      },
      tensors: new Map(Object.entries(tensors)),
    }));

  it('comes back as it was, to the last bit', () => {
    fc.assert(
      fc.property(checkpoint, (given) => {
        const back = decodeCheckpoint(encodeCheckpoint(given));
        expect(back.header).toEqual(given.header);
        expect([...back.tensors].sort()).toEqual([...given.tensors].sort());
      }),
      { seed: 3 },
    );
  });

  it('is refused as soon as a byte is missing or another', () => {
    fc.assert(
      fc.property(checkpoint, fc.double({ min: 0, max: 0.999, noNaN: true }), fc.boolean(), (given, share, cut) => {
        const bytes = encodeCheckpoint(given);
        const at = Math.floor(share * bytes.length);
        if (cut) expect(() => decodeCheckpoint(bytes.subarray(0, at))).toThrow(BadModelFile);
        const head = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
        if (at < head) return;
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        expect(() => decodeCheckpoint(bytes)).toThrow('have changed');
      }),
      { seed: 3 },
    );
  });
});

describe('going on', () => {
  it('is possible after a kill at any moment, with the numbers of a run that was not killed', async () => {
    const whole = await train(tf, []);
    const child = spawn(process.execPath, [join(import.meta.dirname, 'killed.child.ts'), folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: child.stdout })) {
      if (Number(line) >= 8) break;
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
    const result = await run({ resume: true });
    expect(result).toMatchObject({ steps: 20, seed: 5, ending: 'completed' });
    expect(result.history).toEqual(whole.history);
    expect(result.weights).toEqual(whole.weights);
    expect((await files()).every((file) => file.endsWith('.safetensors'))).toBe(true);
  });

  it('takes the checkpoint before one that is cut short, and says so', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    await run({ seed: 5, epochs: 2, checkpoints: { folder, keep: 3 } });
    const [first, second] = await files();
    await truncate(join(folder, second ?? ''), 3000);
    const { steps, history } = await run({ resume: true, epochs: 2 });
    expect(steps).toBe(10);
    expect(history).toHaveLength(2);
    expect(warn.mock.calls.flat()).toEqual([
      expect.stringMatching(new RegExp(`^the checkpoint ${second}: it is cut short.*the one before it is used$`)),
    ]);
    for (const file of [first, second]) await writeFile(join(folder, file ?? ''), 'x');
    await expect(run({ resume: true })).rejects.toThrow('all checkpoints of the newest run');
    warn.mockRestore();
  });

  it('is refused with another model, another optimizer and another seed', async () => {
    await run({ seed: 5, epochs: 1 });
    await expect(run({ resume: true, epochs: 2 }, 7)).rejects.toThrow(
      /is of another model: its weight dense_\w+\/kernel, \[4, 6\], is here dense_\w+\/kernel, \[4, 7\]/,
    );
    await expect(run({ resume: true, optimizer: 'sgd' })).rejects.toThrow(/\.safetensors: .*adam.*sgd/);
    await expect(run({ resume: true, seed: 6 })).rejects.toThrow(
      'the checkpoint’s run has the seed 5'.replace('’', "'"),
    );
  });

  it('says when the data are others', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    await run({ seed: 5, epochs: 1 });
    await run({ resume: true, epochs: 2, batchSize: 10 });
    expect(warn.mock.calls.flat()).toEqual([expect.stringContaining('learnt from other data, or in other batches')]);
    warn.mockRestore();
  });

  it('begins where there is nothing to go on from, and adds epochs to what is complete', async () => {
    expect(await run({ resume: true, seed: 5, epochs: 1, schedule: 'constant' })).toMatchObject({ steps: 5 });
    const more = await run({ resume: true, epochs: 4, schedule: 'constant', earlyStopping: 9 });
    const { weights } = await run({ seed: 5, epochs: 4, schedule: 'constant', earlyStopping: 9 });
    expect(more).toMatchObject({ steps: 20, epochs: 4 });
    expect(more.weights).toEqual(weights);
    expect(await run({ resume: true, epochs: 4, earlyStopping: 9 })).toMatchObject({ steps: 20, weights });
  });

  it('needs a folder', async () => {
    const model = smallModel(tf);
    await expect(fit(model, smallData(), { ...EVERYTHING, resume: true })).rejects.toThrow(
      'resume needs `checkpoints`',
    );
    model.dispose();
  });
});

describe('a folder', () => {
  it('keeps the newest and the best, and nothing of an earlier run is touched', async () => {
    const values = (from: FitResult): number[] => from.history.map((figures) => figures.val_loss ?? Number.NaN);
    const checkpoints = { folder, keep: 1, keepBest: 2 };
    const options = { seed: 5, epochs: 8, earlyStopping: 99, checkpoints };
    const result = await run(options);
    const ranked = values(result)
      .map((value, epoch) => ({ value, step: (epoch + 1) * 5 }))
      .sort((a, b) => a.value - b.value);
    const kept = new Set([40, ranked[0]?.step, ranked[1]?.step]);
    const named = [...kept].map((step) => `0001-${String(step).padStart(8, '0')}.safetensors`).sort();
    expect(await files()).toEqual(named);
    expect(result.checkpoint).toBe(join(folder, '0001-00000040.safetensors'));
    await run({ ...options, epochs: 1 });
    expect(await files()).toEqual([...named, '0002-00000005.safetensors']);
    // Any tool can read the weights.
    const bytes = await readFile(join(folder, '0002-00000005.safetensors'));
    const head = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString());
    const [name = ''] = Object.keys(head).filter((each) => each.startsWith('dense_'));
    expect(head[name]).toMatchObject({ dtype: 'F32', shape: [4, 6], data_offsets: [0, 96] });
  });

  it.each([
    [{ everySteps: 0 }, 'everySteps is 0'],
    [{ keep: 0 }, 'keep is 0'],
    [{ keepBest: -1 }, 'keepBest is -1'],
    [{ everyMinutes: -1 }, 'everyMinutes is -1'],
  ])('refuses %o', async (options, message) => {
    await expect(run({ checkpoints: { folder, ...options } })).rejects.toThrow(message);
  });
});
