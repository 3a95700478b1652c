/** Models of the library's own layers, saved as ONNX, give the same in a runtime that knows nothing of TensorFlow.js. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareBackend } from '../../backend/choose.ts';
import { nativeFailure, nativeSession, nativeTensor } from '../../backend/compiled/native.ts';
import { loadTensorFlow, type TensorFlow } from '../../backend/tensorflow.ts';
import * as nn from '../nn/index.ts';
import { load, save } from './index.ts';

let tf: TensorFlow;
let folder: string;
beforeAll(async () => {
  tf = loadTensorFlow();
  process.env.TRIALROOM_BACKEND = 'wasm';
  await prepareBackend(tf);
  folder = await mkdtemp(join(tmpdir(), 'onnx-'));
});
afterAll(() => rm(folder, { recursive: true }));

const MODELS: Record<string, () => nn.SingleModel> = {
  'an encoder': () =>
    nn.sequential([
      nn.input([6, 8]),
      nn.sinusoidalPosition(),
      nn.transformerEncoder({ heads: 2, causal: true, rotary: true, dropout: 0.5 }),
      nn.sequencePooling({ by: 'max' }),
      nn.dense({ units: 3 }),
    ]),
  'a residual network': () =>
    nn.resnet1d({ input: [32, 2], classes: 3, depth: 10, width: 4, squeezeExcite: true, zero: false }),
  'recurrent layers': () =>
    nn.sequential([nn.input([6, 8]), nn.gru({ units: 3, layers: 2, bidirectional: true }), nn.dense({ units: 3 })]),
};

describe.skipIf(nativeFailure() !== undefined)('in another runtime', () => {
  it.each(Object.keys(MODELS))('%s gives the same', async (name) => {
    const model = MODELS[name]?.();
    if (!model) throw new Error('no such model');
    const path = join(folder, `${name}.onnx`);
    const saved = await save(model, path);
    const bytes = await readFile(path);
    expect(saved).toMatchObject({ format: 'onnx', bytes: bytes.length });
    const session = nativeSession(bytes, 1);
    const shape = [2, ...(model.inputs[0]?.shape.slice(1).map(Number) ?? [])];
    const x = tf
      .range(
        0,
        shape.reduce((all, length) => all * length, 1),
      )
      .mul(1.7)
      .sin()
      .reshape(shape);
    const expected = model.predict(x);
    const values = new Float32Array(expected.size);
    const [input = ''] = session.inputs;
    session.run(
      { [input]: nativeTensor('float32', Float32Array.from(x.dataSync()), shape) },
      { [model.outputs[0]?.sourceLayer.name ?? '']: nativeTensor('float32', values, expected.shape) },
    );
    expect(Number(tf.tensor(values, expected.shape).sub(expected).abs().max().dataSync()[0])).toBeLessThan(1e-5);
    await expect(load(path)).rejects.toThrow(/ONNX files are written, not read/);
  });
});
