/**
 * Our side of `bench train`, a process of its own: takes orders as lines of JSON on standard input, answers on standard
 * output. `peer.py` takes the same orders.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { LayersModel, Tensor } from '@tensorflow/tfjs';
import { data, fit, tensorflow } from 'trialroom';
import { batches, MODELS, type ModelName } from './models.ts';
import { type Answer, ORDER, type Order } from './orders.ts';

const tf = await tensorflow();
let model: LayersModel | undefined;
let given: { x: Tensor; y: Tensor }[] = [];
let taken = 0;

async function obey(order: Order): Promise<Answer> {
  switch (order.do) {
    case 'start': {
      model = MODELS[order.model].build(tf);
      given = batches(tf, order.model, 4);
      prepare(model, order.model);
      taken = 0;
      return { about: about() };
    }
    case 'steps': {
      const ms: number[] = [];
      let loss = Number.NaN;
      for (let count = 0; count < order.count; count++) {
        const from = performance.now();
        loss = await step();
        ms.push(performance.now() - from);
      }
      return { ms, loss };
    }
    case 'epoch':
      return epoch();
    case 'memory':
      return { peakMb: Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024 };
  }
}

function prepare(built: LayersModel, name: ModelName): void {
  const loss = MODELS[name].classes === 2 ? 'binaryCrossentropy' : 'categoricalCrossentropy';
  built.compile({ optimizer: tf.train.adam(1e-3), loss });
}

async function step(): Promise<number> {
  const batch = given[taken++ % given.length];
  if (!model || !batch) throw new Error('no model was started');
  return Number(await model.trainOnBatch(batch.x, batch.y));
}

/** Reads MNIST, trains the MLP on all of it once, shuffled: what a script does after its imports. */
async function epoch(): Promise<Answer> {
  const from = performance.now();
  const { train, test } = await data.mnist();
  const mlp = MODELS.mlp.build(tf);
  prepare(mlp, 'mlp');
  const { history } = await fit(mlp, train.dataset({ flat: true }), {
    batchSize: 128,
    epochs: 1,
    seed: 1,
    progress: false,
  });
  const ms = performance.now() - from;
  for (const held of [train, test, mlp]) held.dispose();
  return { ms: [ms], loss: history.at(-1)?.loss ?? Number.NaN };
}

const about = (): string => `TensorFlow.js ${tf.version.tfjs}, ${tf.getBackend()}, Node ${process.versions.node}`;

for await (const line of createInterface({ input: process.stdin })) {
  const order = ORDER.parse(JSON.parse(line));
  process.stdout.write(`${JSON.stringify(await obey(order))}\n`);
}
