/** Cells in a real kernel that lose tensors, and cells that do not. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KernelHarness, startKernel } from '../../process/harness.ts';

let kernel: KernelHarness;
beforeAll(async () => {
  kernel = await startKernel({ cwd: import.meta.dirname });
  const prepared = await kernel.run(
    `import * as tf from '@tensorflow/tfjs'; const kept: unknown[] = []; let tensor = tf.ones([2]);`,
  );
  expect(prepared.error).toBeUndefined();
});
afterAll(() => kernel.close());

async function remark(source: string): Promise<string> {
  const execution = kernel.start(source);
  const ran = await kernel.finished(execution);
  expect(ran.error).toBeUndefined();
  return kernel.textOf(execution);
}

describe('a cell', () => {
  it('that loses many tensors hears how many, and from which line', async () => {
    const text = await remark(`const start = 1;
for (let i = 0; i < 300; i++) {
  tensor.mul(i);
}
tf.ones([10]);
undefined;`);
    expect(text).toMatch(
      /This cell made 30\d tensors \(0 MB\) that nothing can reach any more.*: \d+ tensors \(0 MB\) at cell \[\d+\]:3:10/,
    );
  });

  it('that loses much memory hears so, however few tensors it was', async () => {
    expect(await remark('await Promise.resolve();\ntf.zeros([4000, 4000]).square(); undefined;')).toMatch(
      /This cell made 2 tensors \(122\.1 MB\).*: 1 tensor \(61 MB\) at cell \[\d+\]:2:4, 1 tensor \(61 MB\) at cell \[\d+\]:2:24\./,
    );
  });

  it('that loses very many is told about how many', async () => {
    const text = await remark('for (let i = 0; i < 20000; i++) tensor.add(1); undefined;');
    const count = Number(/made about ([\d,]+) tensors/.exec(text)?.[1]?.replaceAll(',', ''));
    expect(Math.abs(count - 20_000)).toBeLessThan(1000);
  });

  it('that keeps, disposes of or tidies its tensors hears nothing', async () => {
    expect(await remark('for (let i = 0; i < 400; i++) kept.push(tensor.add(i)); undefined;')).toBe('');
    expect(await remark('for (let i = 0; i < 3000; i++) tensor.add(i).dispose(); undefined;')).toBe('');
    expect(await remark('tf.tidy(() => { for (let i = 0; i < 400; i++) tensor.add(i); }); undefined;')).toBe('');
    expect(await remark('for (let i = 0; i < 100; i++) tensor.add(i); undefined;')).toBe('');
    expect(
      await remark(`const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [2] })] });
      model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
      await model.fit(tf.ones([64, 2]), tf.ones([64, 2]), { epochs: 20, batchSize: 4, verbose: 0 }); undefined;`),
    ).toBe('');
  });
});
