/**
 * Many small images as one picture: what one looks at before training on them, and what a model got wrong after.
 * One PNG, not one per image, so that a hundred of them cost a reader one output.
 */
import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import { encode } from 'fast-png';
import { currentHost } from '../trial/standalone.ts';
import { escapeXml } from './xml.ts';

/** How to arrange and name the images. */
export interface ImagesOptions {
  /** A text under each image. */
  labels?: ArrayLike<string | number>;
  /** Images in a row; by default as many as make the picture about three times as wide as high. */
  columns?: number;
  /** Screen pixels for one image pixel; by default so that an image is about 56 pixels wide. */
  scale?: number;
}

/** Image data: a batch `[n, height, width, 1 or 3]` or `[n, height, width]`, or one flat array for each square image. */
export type ImageBatch = Tensor4D | Tensor3D | readonly ArrayLike<number>[];

interface Batch {
  count: number;
  height: number;
  width: number;
  channels: number;
  /** 0 to 255. */
  at(image: number, row: number, column: number, channel: number): number;
}

const MOST = 400;
const GAP = 4;
const LABEL = 18;

/**
 * Shows images under the cell. Values from 0 to 1 are taken as shares of full brightness, others as 0 to 255.
 * At most 400 are drawn; the text says so when there are more.
 * @throws RangeError for data that is no batch of images
 */
export function images(data: ImageBatch, options: ImagesOptions = {}): void {
  const batch = toBatch(data);
  const shown = Math.min(batch.count, MOST);
  const columns = Math.max(1, Math.min(shown, options.columns ?? Math.ceil(Math.sqrt(shown * 3))));
  const scale = Math.max(1, Math.round(options.scale ?? 56 / batch.width));
  const { labels } = options;
  const cell = { width: batch.width * scale + GAP, height: batch.height * scale + GAP + (labels ? LABEL : 0) };
  const size = { width: columns * cell.width, height: Math.ceil(shown / columns) * cell.height };
  const png = Buffer.from(draw(batch, shown, columns, scale, cell, size)).toString('base64');
  const text = `${batch.count} ${batch.count === 1 ? 'image' : 'images'} of ${batch.width} × ${batch.height}${shown < batch.count ? `, the first ${shown} shown` : ''}`;
  const picture = labels
    ? { 'image/svg+xml': withLabels(png, labels, shown, columns, cell, size) }
    : { 'image/png': png };
  currentHost().display({ ...picture, 'text/plain': text });
}

interface Size {
  width: number;
  height: number;
}

/** The images on a transparent ground, as PNG bytes. */
function draw(batch: Batch, shown: number, columns: number, scale: number, cell: Size, size: Size): Uint8Array {
  const rgba = new Uint8Array(size.width * size.height * 4);
  for (let image = 0; image < shown; image++) {
    const left = (image % columns) * cell.width;
    const top = Math.floor(image / columns) * cell.height;
    for (let y = 0; y < batch.height * scale; y++) {
      for (let x = 0; x < batch.width * scale; x++) {
        const [row, column] = [Math.floor(y / scale), Math.floor(x / scale)];
        const to = ((top + y) * size.width + left + x) * 4;
        for (let channel = 0; channel < 3; channel++) {
          rgba[to + channel] = batch.at(image, row, column, Math.min(channel, batch.channels - 1));
        }
        rgba[to + 3] = 255;
      }
    }
  }
  return encode({ ...size, data: rgba, channels: 4, depth: 8 });
}

function withLabels(
  png: string,
  labels: ArrayLike<string | number>,
  shown: number,
  columns: number,
  cell: Size,
  size: Size,
): string {
  const texts = Array.from({ length: Math.min(shown, labels.length) }, (_, image) => {
    const x = (image % columns) * cell.width + (cell.width - GAP) / 2;
    const y = (Math.floor(image / columns) + 1) * cell.height - GAP - 4;
    return `<text x="${x}" y="${y}">${escapeXml(String(labels[image]))}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}"`,
    ` width="${size.width}" height="${size.height}" font-family="ui-monospace, monospace" font-size="12"`,
    ' text-anchor="middle" fill="#808890">',
    `<image width="${size.width}" height="${size.height}" href="data:image/png;base64,${png}"/>`,
    ...texts,
    '</svg>',
  ].join('');
}

function toBatch(data: ImageBatch): Batch {
  if ('dataSync' in data) {
    const [count = 0, height = 0, width = 0, channels = 1] = data.shape;
    if (data.shape.length < 3 || (channels !== 1 && channels !== 3) || count === 0) {
      throw new RangeError(`show.images: [${data.shape.join(', ')}] is not [n, height, width, 1 or 3]`);
    }
    const values = data.dataSync();
    const bright = brightness(values);
    return {
      count,
      height,
      width,
      channels,
      at: (image, row, column, channel) =>
        bright(values[((image * height + row) * width + column) * channels + channel] ?? 0),
    };
  }
  const length = data[0]?.length ?? 0;
  const side = Math.sqrt(length);
  if (!Number.isInteger(side) || side === 0 || data.some((image) => image.length !== length)) {
    throw new RangeError('show.images: give arrays of one length, the square of a whole number; else a tensor');
  }
  const rules = data.map(brightness);
  return {
    count: data.length,
    height: side,
    width: side,
    channels: 1,
    at: (image, row, column) => rules[image]?.(data[image]?.[row * side + column] ?? 0) ?? 0,
  };
}

/** How values of this array become bytes. */
function brightness(values: ArrayLike<number>): (value: number) => number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i] ?? 0);
  const factor = most > 1 ? 1 : 255;
  return (value) => Math.max(0, Math.min(255, Math.round(value * factor)));
}
