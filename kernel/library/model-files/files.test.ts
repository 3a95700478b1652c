/** Models saved and loaded; files that are cut short, or of another model; writers that are killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { LayersModel } from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareBackend } from '../../backend/choose.ts';
import { loadTensorFlow, type TensorFlow } from '../../backend/tensorflow.ts';
import * as nn from '../nn/index.ts';
import { load, save } from './index.ts';
import { encodeSafetensors } from './safetensors.ts';
import { readFolder } from './tensorflow-folder.ts';

let tf: TensorFlow;
let folder: string;
beforeAll(async () => {
  tf = loadTensorFlow();
  process.env.TRIALROOM_BACKEND = 'cpu';
  await prepareBackend(tf);
  folder = await mkdtemp(join(tmpdir(), 'models-'));
});
afterAll(() => rm(folder, { recursive: true }));

const build = (seed: number, units = 4): LayersModel =>
  nn.sequential(
    [
      nn.input([6], { dtype: 'int32' }),
      nn.embedding({ vocabulary: 9, units, position: 'learned', steps: 6 }),
      nn.transformerEncoder({ heads: 2 }),
      nn.convBlock1d({ filters: 3 }),
      nn.lstm({ units: 2, bidirectional: true }),
      nn.dense({ units: 2 }),
    ],
    { seed },
  );
const numbers = (model: LayersModel): number[][] => model.getWeights().map((each) => Array.from(each.dataSync()));
const refusal = (loading: Promise<unknown>): Promise<string> =>
  loading.then(
    () => 'nothing was refused',
    ({ message }) => message,
  );

describe('a model', () => {
  it.each(['model', 'model.json', 'model.safetensors'])('comes back from %s', async (name) => {
    const model = build(1);
    const path = join(folder, 'round', name);
    const saved = await save(model, path, { metadata: { note: 'the first' } });
    expect(saved.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect((await save(model, path, { metadata: { note: 'the first' } })).sha256).toBe(saved.sha256);
    const again = await load(path);
    expect(numbers(again)).toEqual(numbers(model));
    const x = tf.tensor2d([[1, 2, 3, 4, 5, 6]], [1, 6], 'int32');
    const both = [model.predict(x), again.predict(x)].flat().map((tensor) => Array.from(tensor.dataSync()));
    expect(both[1]).toEqual(both[0]);
  });

  it('in a folder is what TensorFlow.js itself loads', async () => {
    const model = build(2);
    await save(model, join(folder, 'plain'));
    const { topology, weights, bytes } = await readFolder(join(folder, 'plain', 'model.json'));
    const artifacts = { modelTopology: topology, weightSpecs: [...weights], weightData: Uint8Array.from(bytes).buffer };
    const again = await tf.loadLayersModel(tf.io.fromMemory(artifacts));
    expect(numbers(again)).toEqual(numbers(model));
  });

  it('takes the place of the one before, and leaves nothing else behind', async () => {
    const place = join(folder, 'again');
    await save(build(1), place);
    await Promise.all([save(build(3), place), save(build(4), place), save(build(2), place)]);
    const files = await readdir(place);
    expect(files.toSorted()).toEqual(['model.json', expect.stringMatching(/^weights-[0-9a-f]{16}\.bin$/)]);
    expect(numbers(await load(place))).toEqual(numbers(build(2)));
  });

  it('takes weights alone, by order or by names of their own', async () => {
    const [from, into] = [build(3), build(4)];
    const path = join(folder, 'weights.safetensors');
    await save(from, path);
    expect(await load(path, { into })).toBe(into);
    expect(numbers(into)).toEqual(numbers(from));
    const foreign = join(folder, 'foreign.safetensors');
    const dense = nn.sequential([nn.input([2]), tf.layers.dense({ units: 1, name: 'head' })]);
    const f32 = (shape: number[], ...values: number[]) => ({
      type: 'F32' as const,
      shape,
      bytes: new Uint8Array(Float32Array.from(values).buffer),
    });
    const tensors = new Map([
      ['out.bias', f32([1], 3)],
      ['out.weight', f32([2, 1], 1, 2)],
      ['step', f32([], 9)],
    ]);
    await writeFile(foreign, encodeSafetensors({ tensors, metadata: {} }));
    const names: Record<string, string> = { 'out.weight': 'head/kernel', 'out.bias': 'head/bias' };
    await load(foreign, { into: dense, rename: (name) => names[name] });
    expect(numbers(dense)).toEqual([[1, 2], [3]]);
    expect(await refusal(load(foreign))).toMatch(/holds weights alone: give the model/);
  });
});

describe('a file is refused', () => {
  it('when it is cut short, and says where', async () => {
    const place = join(folder, 'cut');
    await save(build(1), place);
    const [weights = ''] = (await readdir(place)).filter((name) => name.endsWith('.bin'));
    const { length } = await readFile(join(place, weights));
    await truncate(join(place, weights), length - 6);
    expect(await refusal(load(place))).toMatch(
      new RegExp(
        `weights-.*bin is cut short: ${length} bytes are due, ${length - 6} are there; the first one .* is .*/moving_variance`,
      ),
    );
    await truncate(join(place, 'model.json'), 100);
    expect(await refusal(load(place))).toMatch(
      /model\.json is no JSON: it is damaged, or cut short after 100 characters/,
    );
    const single = join(folder, 'cut.safetensors');
    await save(build(1), single);
    await truncate(single, 5000);
    expect(await refusal(load(single))).toMatch(/cut\.safetensors: it is cut short/);
  });

  it('when its bytes changed', async () => {
    const place = join(folder, 'changed');
    await save(build(1), place);
    const [name = ''] = (await readdir(place)).filter((each) => each.endsWith('.bin'));
    const bytes = await readFile(join(place, name));
    await writeFile(join(place, name), bytes.with(9, (bytes[9] ?? 0) ^ 1));
    expect(await refusal(load(place))).toMatch(/are damaged: their hash is not the one/);
  });

  it('when its weights are of another model, and names weight and shapes; the model stays as it was', async () => {
    const path = join(folder, 'other.safetensors');
    await save(build(1), path);
    const into = build(2, 8);
    const before = numbers(into);
    expect(await refusal(load(path, { into }))).toMatch(
      /embeddings.* is \[9, 4\] in the file and \[9, 8\] in the model/,
    );
    expect(numbers(into)).toEqual(before);
    const small = nn.sequential([nn.input([2]), nn.dense({ units: 1 })]);
    expect(await refusal(load(path, { into: small }))).toMatch(/the file has \d+ weights and the model 2/);
    const whole = encodeSafetensors({
      tensors: new Map([
        ['kernel', { type: 'I32', shape: [2, 1], bytes: new Uint8Array(8) }],
        ['bias', { type: 'F32', shape: [1], bytes: new Uint8Array(4) }],
      ]),
      metadata: {},
    });
    await writeFile(path, whole);
    expect(await refusal(load(path, { into: small, rename: (name) => `${small.layers[1]?.name}/${name}` }))).toMatch(
      /kernel holds int32 in the file, and float32 in the model/,
    );
  });

  it('when a layer or the kind of file is not known', async () => {
    const place = join(folder, 'strange');
    await save(build(1), place);
    const path = join(place, 'model.json');
    await writeFile(path, (await readFile(path, 'utf8')).replaceAll('"MultiHeadAttention"', '"FlashAttention"'));
    expect(await refusal(load(place))).toMatch(/layers that are not known here: FlashAttention\. Define their classes/);
    expect(await refusal(load('model.h5'))).toMatch(/model\.h5: what kind of file is that\?/);
    expect(await refusal(load(join(folder, 'nowhere')))).toMatch(/ENOENT.*nowhere/);
    await writeFile(
      path,
      JSON.stringify({ modelTopology: {}, weightsManifest: [{ paths: ['../../secret'], weights: [] }] }),
    );
    expect(await refusal(load(place))).toMatch(/names weights outside its folder: \.\.\/\.\.\/secret/);
  });
});

describe('a writer that is killed', () => {
  it('leaves the model before, or the new one', async () => {
    const place = join(folder, 'killed');
    const script = `
      import { writeFolder } from ${JSON.stringify(new URL('./tensorflow-folder.ts', import.meta.url).href)};
      for (let turn = 0; ; turn++) {
        const values = new Float32Array(50_000).fill(turn);
        await writeFolder(${JSON.stringify(place)}, {
          topology: { turn },
          weights: [{ name: 'w', dtype: 'float32', shape: [50_000] }],
          bytes: new Uint8Array(values.buffer),
        });
        console.log(turn);
      }`;
    for (let round = 0; round < 4; round++) {
      const writer = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const lines = createInterface({ input: writer.stdout });
      let written = 0;
      for await (const _ of lines) if (++written >= 3 + round) break;
      writer.kill('SIGKILL');
      await once(writer, 'exit');
      const { topology, bytes } = await readFolder(join(place, 'model.json'));
      expect(new Set(new Float32Array(Uint8Array.from(bytes).buffer))).toEqual(new Set([topology.turn]));
      expect(Number(topology.turn)).toBeGreaterThanOrEqual(written - 1);
    }
  });
});
