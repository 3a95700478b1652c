/** What draws by chance: a compiled function draws what the JavaScript backend draws by the same calls of `Math.random`. */
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { prepareBackend } from '../choose.ts';
import { loadTensorFlow, type TensorFlow } from '../tensorflow.ts';
import { CompiledFunction } from './function.ts';
import { Heap } from './heap.ts';
import { nativeFailure } from './native.ts';
import { eagerly, type Outcome } from './testing.ts';

let tf: TensorFlow;
let heap: Heap;
const { random } = Math;
beforeAll(async () => {
  tf = loadTensorFlow();
  process.env.TRIALROOM_BACKEND = 'wasm';
  await prepareBackend(tf);
  const backend = tf.backend();
  if (!(backend instanceof BackendWasm)) throw new Error('no WebAssembly');
  heap = new Heap(backend);
});
afterEach(() => {
  Math.random = random;
});

/** The same sequence for both. */
function seeded<T>(work: () => T): T {
  let calls = 0;
  Math.random = () => ((++calls * 0.7548776662466927) % 1) + 1e-9;
  try {
    return work();
  } finally {
    Math.random = random;
  }
}

type Work = (inputs: Tensor[]) => Tensor;

/** What three runs of one compiled function give, and three on the JavaScript backend. */
async function threeTimes(shape: number[], values: number[], work: Work): Promise<[number[][], number[][]]> {
  await tf.setBackend('wasm');
  const x = tf.tensor(values, shape);
  const native = new CompiledFunction({ tf, heap, threads: 1 }, [{ shape, dtype: 'float32' }], (inputs) => [
    tf.cast(work(inputs), 'float32'),
  ]);
  const size = native.outputs[0]?.shape.reduce((product, length) => product * length, 1) ?? 0;
  const mine = seeded(() =>
    [0, 1, 2].map(() => {
      const out = new Float32Array(size);
      native.run([x], [out]);
      return Array.from(out);
    }),
  );
  native.dispose();
  x.dispose();
  await tf.setBackend('cpu');
  const reference = seeded(() => [0, 1, 2].map(() => eagerly(tf, [{ shape, values }], (inputs) => [work(inputs)])));
  return [mine, reference.map(([outcome]: Outcome[]) => outcome?.values ?? [])];
}

const logits = [0.3, -1, 2, 0.1, 1.5, 0.2, -0.4, 0.9, -2, 0, 0.7, 1.1];
const shares = [0.1, 0.2, 0.3, 0.4, 0.7, 0, 0.1, 0.2, 0.25, 0.25, 0.25, 0.25];

describe.skipIf(nativeFailure() !== undefined)('compiled, the same is drawn', () => {
  const cases: [string, number[], number[], Work][] = [
    ['multinomial, of logits', [3, 4], logits, ([x]) => tf.multinomial(x as Tensor2D, 50)],
    ['multinomial, of one row', [12], logits, ([x]) => tf.multinomial(x as Tensor1D, 30)],
    ['multinomial, of shares', [3, 4], shares, ([x]) => tf.multinomial(x as Tensor2D, 50, undefined, true)],
    ['gamma', [12], logits, ([x]) => tf.randomGamma([12], 2.5, 3).mul(x as Tensor)],
    ['gamma below one', [12], logits, ([x]) => tf.randomGamma([12], 0.3).add(x as Tensor)],
    ['dropout', [12], logits, ([x]) => tf.dropout(x as Tensor, 0.4)],
    ['noise', [12], logits, ([x]) => tf.randomNormal([12], 1, 0.2).add(x as Tensor)],
    [
      'several in a row',
      [3, 4],
      logits,
      ([x]) => {
        const chosen = tf.multinomial(tf.dropout(x as Tensor2D, 0.2) as Tensor2D, 5).cast('float32');
        return chosen.add(tf.randomUniform([3, 5])).add(tf.randomGamma([3, 5], 4, 2));
      },
    ],
  ];
  it.each(cases)('%s', async (_, shape, values, work) => {
    const [mine, reference] = await threeTimes(shape, values, work);
    for (const [run, numbers] of reference.entries()) {
      for (const [at, value] of numbers.entries()) expect(mine[run]?.[at], `run ${run}, ${at}`).toBeCloseTo(value, 5);
    }
    expect(mine[1]).not.toEqual(mine[0]);
  });

  it('events come as often as their shares say', async () => {
    const [mine] = await threeTimes([1, 4], [0.1, 0.2, 0.3, 0.4], ([x]) =>
      tf.multinomial(x as Tensor2D, 20_000, undefined, true),
    );
    const counts = [0, 0, 0, 0];
    for (const event of mine[0] ?? []) counts[event] = (counts[event] ?? 0) + 1;
    counts.forEach((count, event) => {
      // Four deviations of a binomial count.
      const share = (event + 1) / 10;
      expect(Math.abs(count - 20_000 * share)).toBeLessThan(4 * Math.sqrt(20_000 * share * (1 - share)));
    });
  });

  it('a seed of one\u2019s own draws the same each time, as it does uncompiled', async () => {
    const [mine, reference] = await threeTimes([3, 4], logits, ([x]) => tf.multinomial(x as Tensor2D, 20, 7));
    expect(mine[1]).toEqual(mine[0]);
    expect(mine).toEqual(reference);
  });
});
