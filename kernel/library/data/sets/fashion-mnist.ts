/**
 * Fashion-MNIST (Xiao, Rasul, Vollgraf, 2017): 70,000 photographs of clothes in MNIST's form, harder to tell apart. It is
 * not brought along: Debian has it as a package, and its four files can be put anywhere.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { prepareBackend } from '../../../backend/choose.ts';
import { loadTensorFlow } from '../../../backend/tensorflow.ts';
import { DataError } from '../error.ts';
import { type ImageBytes, type LabelledImages, labelledImages, readImages } from './labelled-images.ts';
import type { MnistOptions } from './mnist.ts';

/** Where the files are, and how many images to take. */
export interface FashionMnistOptions extends MnistOptions {
  /** Folder of the four files, compressed or not; where Debian's package puts them when not given. */
  path?: string;
}

const DEBIAN = '/usr/share/dataset-fashion-mnist';
const CLASSES = ['T-shirt', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'];

/**
 * Loads Fashion-MNIST; `digits` are the numbers of the classes.
 * @throws DataError when the files are not there: it says how to get them
 * @example const { train, test } = await data.fashionMnist();
 */
export async function fashionMnist(
  options: FashionMnistOptions = {},
): Promise<{ train: LabelledImages; test: LabelledImages }> {
  const folder = resolve(options.path ?? DEBIAN);
  const file = (name: string): string => {
    const found = [join(folder, name), join(folder, `${name}.gz`)].find((path) => existsSync(path));
    if (found !== undefined) return found;
    throw new DataError(`Fashion-MNIST is not here: there is no ${name} or ${name}.gz`, {
      place: { file: folder },
      advice:
        'Install it with `apt-get install dataset-fashion-mnist`, or put its four files into a folder and name that: data.fashionMnist({ path: "…" })',
    });
  };
  const part = (prefix: string, option: string, wanted: number | undefined): Promise<ImageBytes> =>
    readImages(
      { images: file(`${prefix}-images-idx3-ubyte`), labels: file(`${prefix}-labels-idx1-ubyte`) },
      wanted,
      (count) => `data.fashionMnist({ ${option}: ${count} })`,
    );
  const [train, test] = await Promise.all([part('train', 'train', options.train), part('t10k', 'test', options.test)]);
  await prepareBackend(loadTensorFlow());
  return { train: labelledImages(train, CLASSES), test: labelledImages(test, CLASSES) };
}
