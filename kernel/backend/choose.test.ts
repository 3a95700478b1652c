import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { BACKENDS } from '@trialroom/shared/kernel/backends';
import { BackendReport } from '@trialroom/shared/kernel/protocol';
import { describe, expect, it } from 'vitest';
import { nativeFailure } from './compiled/native.ts';

const run = promisify(execFile);

/** Runs a script in a process of its own, as the choice is made once a process. */
async function script(source: string, variables: Record<string, string> = {}): Promise<{ out: string; err: string }> {
  const { TRIALROOM_BACKEND: _, ...env } = process.env;
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: import.meta.dirname,
    env: { ...env, ...variables },
  });
  return { out: stdout, err: stderr };
}

const REPORT = `
  import { reportBackend } from './choose.ts';
  const report = await reportBackend().catch((error) => ({ error: error.message }));
  console.log(JSON.stringify(report));
`;

describe('the engine', () => {
  it('is the best that loads, and each better one is listed with its reason', async () => {
    const report = BackendReport.parse(JSON.parse((await script(REPORT)).out));
    expect(report.candidates.map(({ name }) => name)).toEqual([...BACKENDS]);
    const chosen = report.candidates.findIndex((candidate) => candidate.chosen);
    expect(report.candidates[chosen]?.name).toBe(report.name);
    for (const { reason } of report.candidates.slice(0, chosen)) {
      expect(reason).toMatch(/is not installed$|loads?[, ]|no graphics card|is of another copy/);
    }
    for (const { reason } of report.candidates.slice(chosen + 1)) expect(reason).toBe(`slower than ${report.name}`);
  });

  it.each([
    ['wasm', 'CPU · wasm'],
    ['cpu', 'CPU · JavaScript'],
  ])('is %s when that is asked for, and computes', async (name, label) => {
    const source = `${REPORT}
      import { loadTensorFlow } from './tensorflow.ts';
      const tf = loadTensorFlow();
      console.log(tf.getBackend(), tf.tensor1d([1, 2]).sum().dataSync()[0]);`;
    const { out, err } = await script(source, { TRIALROOM_BACKEND: name });
    const [json = '', line] = out.split('\n');
    expect(BackendReport.parse(JSON.parse(json))).toMatchObject({ name, label });
    expect(line).toBe(`${name} 3`);
    expect(err).toBe('');
  });

  it.skipIf(nativeFailure() !== undefined)('trains compiled where the native runtime is installed', async () => {
    const source = `${REPORT}
      import { loadTensorFlow } from './tensorflow.ts';
      const tf = loadTensorFlow();
      const model = tf.sequential();
      model.add(tf.layers.dense({ units: 1, inputShape: [2] }));
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      const { history } = await model.fit(tf.ones([4, 2]), tf.ones([4, 1]), { epochs: 20, verbose: 0 });
      console.log(tf.getBackend(), history.loss.at(-1) < history.loss[0] / 10);`;
    const { out, err } = await script(source, { TRIALROOM_BACKEND: 'compiled' });
    const [json = '', line] = out.split('\n');
    expect(BackendReport.parse(JSON.parse(json))).toMatchObject({ name: 'compiled', label: 'CPU · compiled' });
    expect(line).toBe('wasm true');
    expect(err).toBe('');
  });

  /** Node finds none of these packages, as where they could not be installed. */
  const without = (...packages: string[]): string =>
    `--import=data:text/javascript,${encodeURIComponent(`
    import { registerHooks } from 'node:module';
    const gone = ${JSON.stringify(packages)};
    registerHooks({
      resolve(specifier, context, next) {
        const name = gone.find((name) => specifier === name || specifier.startsWith(name + '/'));
        if (name === undefined) return next(specifier, context);
        throw Object.assign(new Error('Cannot find package ' + name), { code: 'MODULE_NOT_FOUND' });
      },
    });`)}`;
  const OPTIONAL = [
    'onnxruntime-node',
    'webgpu',
    '@tensorflow/tfjs-backend-webgpu',
    '@tensorflow/tfjs-node',
    '@tensorflow/tfjs-node-gpu',
  ];

  it.each([
    ['wasm', OPTIONAL],
    ['cpu', [...OPTIONAL, '@tensorflow/tfjs-backend-wasm']],
  ])('is %s where better ones are not installed, which is said; everything trains', async (name, packages) => {
    const source = `${REPORT}
      import { loadTensorFlow } from './tensorflow.ts';
      import { compile } from '../library/compile/compile.ts';
      const tf = loadTensorFlow();
      const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
      const step = await compile(model, { optimizer: 'sgd', loss: 'meanSquaredError' });
      const losses = [];
      for (let at = 0; at < 9; at++) losses.push((await step(tf.ones([4, 2]), tf.ones([4, 1]))).loss);
      console.log(tf.getBackend(), step.engine, losses[8] <= losses[0], step.reason);`;
    const { out } = await script(source, { NODE_OPTIONS: without(...packages) });
    const [json = '', line] = out.split('\n');
    const report = BackendReport.parse(JSON.parse(json));
    expect(report.name).toBe(name);
    const reasons = Object.fromEntries(report.candidates.map((candidate) => [candidate.name, candidate.reason]));
    for (const missing of ['tfjs-node-gpu', 'webgpu', 'compiled', 'tfjs-node']) {
      expect(reasons[missing]).toMatch(/is not installed|does not load/);
    }
    expect(line).toMatch(new RegExp(`^${name} eager true .+`));
  });

  it('that does not exist is refused, with the names of those that do', async () => {
    const { out } = await script(REPORT, { TRIALROOM_BACKEND: 'tpu' });
    expect(JSON.parse(out).error).toBe(
      `There is no backend "tpu": it can be ${BACKENDS.join(', ')}, or unset. Choose another in the notebook's menu, or with --backend or TRIALROOM_BACKEND, and restart the kernel.`,
    );
  });

  it('that is asked for and not there is an error, not another engine', async () => {
    const { out } = await script(REPORT, { TRIALROOM_BACKEND: 'tfjs-node-gpu' });
    expect(JSON.parse(out).error).toMatch(
      /^The backend tfjs-node-gpu was asked for, which does not run here: .*@tensorflow\/tfjs-node-gpu .* and restart the kernel\.$/,
    );
  });

  it('does not make an unhandled rejection fatal by itself', async () => {
    const source = `${REPORT}
      console.log(process.listenerCount('unhandledRejection'), process.listenerCount('uncaughtException'));`;
    expect((await script(source, { TRIALROOM_BACKEND: 'wasm' })).out.split('\n')[1]).toBe('0 0');
  });
});

it('importing the library loads no engine', async () => {
  const source = `
    import { createRequire } from 'node:module';
    import '../library/index.ts';
    const loaded = Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes('@tensorflow'));
    console.log(loaded.length);`;
  expect((await script(source)).out).toBe('0\n');
});
