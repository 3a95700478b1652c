/** The whole way through WebGPU, on a card that is imitated by software: it runs only where that is allowed by name. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { BackendReport } from '@trialroom/shared/kernel/protocol';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SOFTWARE_VARIABLE } from './adapter.ts';
import { unpackSoftwareCard } from './testing.ts';

const card = unpackSoftwareCard();
afterAll(() => card?.remove());

const run = promisify(execFile);

/** The last line that a script of its own process prints, as JSON. */
async function answerOf(source: string, variables: Record<string, string>): Promise<unknown> {
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: import.meta.dirname,
    env: { ...card?.env, ...variables },
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

const ALLOWED = { [SOFTWARE_VARIABLE]: '1', TRIALROOM_BACKEND: 'webgpu' };

const START = `
  import { reportBackend } from '../choose.ts';
  import { loadTensorFlow } from '../tensorflow.ts';
  const report = await reportBackend();
  const tf = loadTensorFlow();
`;

describe.skipIf(card === undefined)('a card that is imitated by the processor', () => {
  it('is refused, with the reason, and the next engine is taken', async () => {
    const report = BackendReport.parse(await answerOf(`${START} console.log(JSON.stringify(report))`, {}));
    expect(report.name).not.toBe('webgpu');
    expect(report.candidates.find(({ name }) => name === 'webgpu')).toEqual({
      name: 'webgpu',
      chosen: false,
      reason: expect.stringMatching(/^no graphics card was found, only SwiftShader .* on the processor/),
    });
  });

  it('trains as the processor does where tests allow it, reads at once, and says what it cannot do', async () => {
    const source = `${START}
      const train = async (engine) => {
        await tf.setBackend(engine);
        const start = (seed) => tf.initializers.glorotUniform({ seed });
        const model = tf.sequential();
        model.add(tf.layers.dense({ units: 6, inputShape: [4], activation: 'tanh', kernelInitializer: start(1) }));
        model.add(tf.layers.dense({ units: 1, kernelInitializer: start(2) }));
        model.compile({ optimizer: tf.train.momentum(0.1, 0.9), loss: 'meanSquaredError' });
        const x = tf.randomNormal([32, 4], 0, 1, 'float32', 3);
        const { history } = await model.fit(x, x.sum(1, true), { epochs: 3, batchSize: 16, shuffle: false, verbose: 0 });
        return [...history.loss, ...model.getWeights().flatMap((weight) => [...weight.dataSync()])];
      };
      const here = await train('cpu');
      const there = await train('webgpu');
      const a = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
      const refused = () => tf.zeros([1024, 1024, 300]).relu();
      const wrong = [];
      try { refused().dataSync(); } catch (error) { wrong.push(error.message); }
      await refused().data().catch((error) => wrong.push(error.message));
      console.log(JSON.stringify({
        report, here, there, wrong,
        product: [...tf.matMul(a, a, false, true).dataSync()],
        numbers: [...tf.range(0, 5, 1, 'int32').mul(tf.scalar(2, 'int32')).dataSync()],
        pairs: [...tf.complex(tf.ones([2]).mul(3), tf.ones([2]).mul(4)).dataSync()],
        both: (await Promise.all([a.square().data(), a.sum().data()])).map((values) => [...values]),
        browser: 'gpu' in navigator,
      }));`;
    const Numbers = z.array(z.number());
    const Said = z.object({
      report: BackendReport,
      here: Numbers,
      there: Numbers,
      wrong: z.array(z.string()),
      product: Numbers,
      numbers: Numbers,
      pairs: Numbers,
      both: z.array(Numbers),
      browser: z.boolean(),
    });
    const said = Said.parse(await answerOf(source, ALLOWED));
    expect(said.report).toMatchObject({ name: 'webgpu', label: expect.stringMatching(/^GPU · SwiftShader/) });
    expect(said.here.length).toBe(3 + 4 * 6 + 6 + 6 + 1);
    said.there.forEach((value, index) => {
      expect(value).toBeCloseTo(said.here[index] ?? Number.NaN, 5);
    });
    const tooLarge = expect.stringMatching(
      /^SwiftShader .* a tensor of 1,200 MB is larger than it can hold \(1,024 MB\)/,
    );
    expect(said.wrong).toEqual([tooLarge, tooLarge]);
    expect(said.product).toEqual([5, 11, 17, 11, 25, 39, 17, 39, 61]);
    expect(said.numbers).toEqual([0, 2, 4, 6, 8]);
    expect(said.pairs).toEqual([3, 4, 3, 4]);
    expect(said.both).toEqual([[1, 4, 9, 16, 25, 36], [21]]);
    expect(said.browser).toBe(true);
  });
});

it('a machine without what it needs says so in a sentence', async () => {
  const { TRIALROOM_BACKEND: _, ...env } = process.env;
  const { stdout } = await run(
    process.execPath,
    ['--input-type=module', '--eval', `${START} console.log(JSON.stringify(report))`],
    { cwd: import.meta.dirname, env: { ...env, VK_ICD_FILENAMES: '/nowhere', VK_DRIVER_FILES: '/nowhere' } },
  );
  const report = BackendReport.parse(JSON.parse(stdout));
  const { chosen, reason } = report.candidates.find(({ name }) => name === 'webgpu') ?? {};
  expect(chosen).toBe(false);
  expect(reason).toMatch(/^(the package \S+ is not installed|no graphics card )/);
});
