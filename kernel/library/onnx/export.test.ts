/**
 * Exported models beside the models themselves: in ONNX Runtime through its public interface, and, where Python's `onnx`
 * is installed, in its reference evaluator, which shares no code with anything of ours and checks the file's form too.
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LayersModel, SymbolicTensor, Tensor } from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareBackend } from '../../backend/choose.ts';
import { nativeFailure } from '../../backend/compiled/native.ts';
import { loadTensorFlow, type TensorFlow } from '../../backend/tensorflow.ts';
import type { Trainable } from '../compile/contract.ts';
import { exportOnnx, type OnnxInput } from './export.ts';

let tf: TensorFlow;
let folder: string;
beforeAll(async () => {
  tf = loadTensorFlow();
  process.env.TRIALROOM_BACKEND = 'wasm';
  await prepareBackend(tf);
  folder = await mkdtemp(join(tmpdir(), 'onnx-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Values {
  shape: number[];
  dtype: string;
  values: number[];
}

/** Runs a model file on inputs by name. */
type Run = (path: string, inputs: Record<string, Values>) => Promise<Record<string, Values>>;

const inRuntime: Run = async (path, inputs) => {
  const { InferenceSession, Tensor }: typeof import('onnxruntime-common') = createRequire(import.meta.url)(
    'onnxruntime-node',
  );
  const session = await InferenceSession.create(path);
  const feeds = Object.entries(inputs).map(([name, { shape, dtype, values }]) => [
    name,
    dtype === 'int32' ? new Tensor('int32', values, shape) : new Tensor('float32', values, shape),
  ]);
  const results = await session.run(Object.fromEntries(feeds));
  return Object.fromEntries(
    Object.entries(results).map(([name, { dims, type, data }]) => [
      name,
      { shape: [...dims], dtype: type, values: Array.from(Object(data), Number) },
    ]),
  );
};

const SCRIPT = `
import sys, json, numpy, onnx, onnx.checker
from onnx.reference import ReferenceEvaluator
path, inputs = sys.argv[1], json.load(sys.stdin)
model = onnx.load(path)
onnx.checker.check_model(model, full_check=True)
feeds = {n: numpy.array(v['values'], dtype=v['dtype']).reshape(v['shape']) for n, v in inputs.items()}
outs = ReferenceEvaluator(model).run(None, feeds)
print(json.dumps({o.name: {'shape': list(a.shape), 'dtype': str(a.dtype), 'values': a.astype(float).ravel().tolist()} for o, a in zip(model.graph.output, outs)}))
`;
const inReference: Run = async (path, inputs) => {
  const { stdout, stderr, status } = spawnSync('python3', ['-c', SCRIPT, path], {
    input: JSON.stringify(inputs),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
};
const hasReference = spawnSync('python3', ['-c', 'import onnx.reference']).status === 0;
const RUNTIMES: [string, Run, boolean][] = [
  ['ONNX Runtime', inRuntime, nativeFailure() === undefined],
  ['the reference evaluator', inReference, hasReference],
];

type Symbol = SymbolicTensor;
const LAYERS: Record<string, () => LayersModel> = {
  dense: () => {
    const { layers } = tf;
    const model = tf.sequential({ name: 'digits' });
    model.add(layers.dense({ units: 6, activation: 'relu', inputShape: [5] }));
    model.add(layers.dropout({ rate: 0.5 }));
    model.add(layers.dense({ units: 3, activation: 'softmax' }));
    return model;
  },
  convolution: () => {
    const { layers } = tf;
    const model = tf.sequential();
    model.add(layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [8, 8, 2] }));
    model.add(layers.maxPooling2d({ poolSize: 2 }));
    model.add(layers.batchNormalization({ movingMeanInitializer: 'ones' }));
    model.add(layers.depthwiseConv2d({ kernelSize: 2 }));
    model.add(layers.averagePooling2d({ poolSize: 2, padding: 'same' }));
    model.add(layers.flatten());
    model.add(layers.dense({ units: 3 }));
    return model;
  },
  recurrent: () => {
    const { layers } = tf;
    const model = tf.sequential();
    model.add(layers.embedding({ inputDim: 10, outputDim: 4, inputLength: 5 }));
    model.add(layers.bidirectional({ layer: layers.lstm({ units: 3, returnSequences: true }), mergeMode: 'concat' }));
    model.add(layers.gru({ units: 3 }));
    model.add(layers.layerNormalization());
    return model;
  },
  'two inputs, two outputs': () => {
    const { layers } = tf;
    const [a, b] = [tf.input({ shape: [4], name: 'left' }), tf.input({ shape: [3], name: 'right' })];
    const hidden = layers.dense({ units: 4 }).apply(b) as Symbol;
    const sum = layers.add({ name: 'sum' }).apply([a, hidden]) as Symbol;
    const dot = layers.dot({ axes: 1, name: 'product' }).apply([a, hidden]) as Symbol;
    return tf.model({ inputs: [a, b], outputs: [sum, dot] });
  },
};

/** Attention by hand, over whole numbers. */
function attention(): Trainable & { inputs: OnnxInput[] } {
  const weight = (name: string, shape: number[]) =>
    tf.variable(tf.randomNormal(shape, 0, 0.5, 'float32', 1 + shape.length), true, name);
  const [words, query, out] = [weight('words', [9, 4]), weight('query', [4, 4]), weight('out', [4, 2])];
  return {
    name: 'attention',
    inputs: [{ shape: [null, 6], dtype: 'int32', name: 'ids' }],
    trainable: () => [words, query, out],
    apply: ([ids]) => {
      const x = tf.gather(words, ids as Tensor);
      const q = x.reshape([-1, 4]).matMul(query).reshape(x.shape);
      const weights = tf.matMul(q, x, false, true).mul(0.5).softmax();
      const mixed = tf.einsum('bij,bjk->bik', weights, x);
      return mixed.mean(1).matMul(out);
    },
  };
}

const numbers = (shape: number[], whole: boolean): number[] =>
  Array.from({ length: shape.reduce((product, length) => product * length, 1) }, (_, index) =>
    whole ? (index * 7) % 9 : Math.sin(index * 1.3),
  );
const named = (tensor: Tensor): Values => ({
  shape: tensor.shape,
  dtype: tensor.dtype,
  values: Array.from(tensor.dataSync()),
});

function close(mine: Values | undefined, reference: Values): void {
  expect(mine?.shape).toEqual(reference.shape);
  expect(mine?.dtype).toBe(reference.dtype);
  for (const [index, value] of reference.values.entries()) expect(mine?.values[index]).toBeCloseTo(value, 4);
}

describe.each(RUNTIMES)('in %s', (_name, run, present) => {
  describe.skipIf(!present)('a model', () => {
    it.each(Object.keys(LAYERS))('of layers gives what it gives here, for batches of any size: %s', async (kind) => {
      const model = LAYERS[kind]?.();
      if (!model) throw new Error('no model');
      const path = join(folder, `${kind}.onnx`);
      await exportOnnx(model, { path });
      for (const batch of [1, 7]) {
        const inputs = model.inputs.map(({ shape }) => {
          const whole = [batch, ...shape.slice(1).map((length) => length ?? 1)];
          return tf.tensor(numbers(whole, kind === 'recurrent'), whole);
        });
        const results = await run(
          path,
          Object.fromEntries(model.inputs.map(({ sourceLayer }, i) => [sourceLayer.name, named(inputs[i] as Tensor)])),
        );
        const outputs = [model.predict(inputs)].flat();
        expect(Object.keys(results)).toEqual(model.outputNames);
        model.outputNames.forEach((name, index) => void close(results[name], named(outputs[index] as Tensor)));
      }
    });

    it('written by hand gives what it gives here', async () => {
      const model = attention();
      const path = join(folder, 'attention.onnx');
      await exportOnnx(model, { path, inputs: model.inputs });
      for (const batch of [1, 3]) {
        const ids = tf.tensor2d(numbers([batch, 6], true), [batch, 6], 'int32');
        const results = await run(path, { ids: named(ids) });
        const [expected] = [model.apply([ids], { training: false })].flat();
        close(results.output_0, named(expected as Tensor));
      }
      tf.dispose([...model.trainable()]);
    });
  });
});

it('says which axis of an input has no length, and takes it', async () => {
  const model = tf.sequential({
    layers: [tf.layers.simpleRNN({ units: 2, inputShape: [null, 3] as unknown as number[] })],
  });
  await expect(exportOnnx(model)).rejects.toThrow(
    /the input simple_rnn\w*_input is \[any, any, 3\]: say how long axis 1 is/,
  );
  expect((await exportOnnx(model, { inputs: [{ shape: [null, 4, 3] }] })).length).toBeGreaterThan(100);
});

it('says what a hand-written model lacks, and which operation has no form', async () => {
  const model: Trainable = {
    trainable: () => [],
    apply: ([x]) => tf.image.rotateWithOffset(tf.square(x as Tensor).as4D(1, 2, 2, 1), 1),
  };
  await expect(exportOnnx(model)).rejects.toThrow(/inputs must be described/);
  await expect(exportOnnx(model, { inputs: [{ shape: [1, 2, 2, 1] }] })).rejects.toThrow(
    /no ONNX form: RotateWithOffset/,
  );
});

it('refuses what is another computation for each size of batch', async () => {
  const model: Trainable = {
    trainable: () => [],
    apply: ([x]) => (x as Tensor).sum().div((x as Tensor).shape[0] ?? 1),
  };
  await expect(exportOnnx(model, { inputs: [{ shape: [null, 2] }] })).rejects.toThrow(
    /something else for each size of batch/,
  );
  expect((await exportOnnx(model, { inputs: [{ shape: [8, 2] }] })).length).toBeGreaterThan(50);
});

it('the file written is what is returned', async () => {
  const model = LAYERS.dense?.();
  if (!model) throw new Error('no model');
  const path = join(folder, 'same.onnx');
  const bytes = await exportOnnx(model, { path });
  expect(Buffer.compare(await readFile(path), bytes)).toBe(0);
});
