import { decode } from 'fast-png';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { prepareBackend } from '../../backend/choose.ts';
import { loadTensorFlow } from '../../backend/tensorflow.ts';
import { installHost } from '../../process/host.ts';
import { MemoryHost } from '../trial/memory-host.ts';
import { confusion, countPairs } from './confusion.ts';
import { images } from './images.ts';

const host = new MemoryHost();
const tf = loadTensorFlow();

beforeAll(async () => {
  installHost(host);
  await prepareBackend(tf);
});
beforeEach(() => {
  host.displayed.length = 0;
});

const shown = (type: string): string => String(host.displayed[0]?.[type]);

describe('images', () => {
  it('puts each image in its place of one PNG', () => {
    // Two images of 2 × 2: white over black, and black over white.
    images(tf.tensor4d([1, 1, 0, 0, 0, 0, 1, 1], [2, 2, 2, 1]), { columns: 2, scale: 1 });
    const png = decode(Buffer.from(shown('image/png'), 'base64'));
    const grey = (x: number, y: number): number[] => [
      ...png.data.slice((y * png.width + x) * 4, (y * png.width + x) * 4 + 4),
    ];
    expect(png.width).toBe(12);
    expect(grey(0, 0)).toEqual([255, 255, 255, 255]);
    expect(grey(0, 1)).toEqual([0, 0, 0, 255]);
    expect(grey(6, 0)).toEqual([0, 0, 0, 255]);
    expect(grey(7, 1)).toEqual([255, 255, 255, 255]);
    expect(grey(3, 0)[3]).toBe(0);
    expect(shown('text/plain')).toBe('2 images of 2 × 2');
  });

  it('takes colour, bytes and plain arrays', () => {
    images(tf.tensor4d([255, 0, 128], [1, 1, 1, 3]), { scale: 1 });
    expect([...decode(Buffer.from(shown('image/png'), 'base64')).data.slice(0, 3)]).toEqual([255, 0, 128]);
    host.displayed.length = 0;
    images([[0, 1, 0, 1]], { scale: 1 });
    expect(shown('text/plain')).toBe('1 image of 2 × 2');
  });

  it('writes labels under the images, never as markup', () => {
    images(tf.zeros([2, 4, 4, 1]).as4D(2, 4, 4, 1), { labels: ['<b>', 7] });
    expect(shown('image/svg+xml')).toContain('&lt;b&gt;</text>');
    expect(shown('image/svg+xml')).toContain('>7</text>');
  });

  it('says when it draws only the first', () => {
    images(tf.zeros([500, 2, 2, 1]).as4D(500, 2, 2, 1));
    expect(shown('text/plain')).toBe('500 images of 2 × 2, the first 400 shown');
  });

  it('refuses what are no images', () => {
    expect(() => images([[1, 2, 3]])).toThrow('the square of a whole number');
    expect(() => images(tf.zeros([2, 2, 2, 2]).as4D(2, 2, 2, 2))).toThrow(
      '[2, 2, 2, 2] is not [n, height, width, 1 or 3]',
    );
  });
});

describe('confusion', () => {
  it('counts pairs, from numbers, one-hot rows and scores alike', () => {
    const expected = [
      [1, 1],
      [0, 2],
    ];
    expect(countPairs([0, 0, 1, 1], [0, 1, 1, 1])).toEqual(expected);
    const hot = tf.tensor2d([1, 0, 1, 0, 0, 1, 0, 1], [4, 2]);
    const scores = tf.tensor2d([0.9, 0.1, 0.4, 0.6, 0.2, 0.8, 0.1, 0.9], [4, 2]);
    expect(countPairs(hot, scores)).toEqual(expected);
  });

  it('draws every count, with a title that tells the cell', () => {
    confusion(Uint8Array.of(0, 0, 1), [0, 1, 1], ['cat', 'dog & co']);
    expect(shown('image/svg+xml')).toContain('cat read as dog &amp; co: 1 of 2');
    expect(shown('text/plain')).toBe('2 of 3 right');
  });

  it('refuses what does not pair', () => {
    expect(() => confusion([1], [1, 2])).toThrow('1 labels and 2 predictions do not pair');
    expect(() => confusion([0.5], [1])).toThrow('0.5 is no class number');
  });
});
