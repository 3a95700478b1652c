/**
 * Changes of inputs by chance. Images `[height, width, channels]` are moved, turned, cropped and mirrored in one go;
 * series `[steps, channels]` are moved and mirrored along time; noise may be added to anything.
 */
import { below, gaussian, type Random } from './chance.ts';
import type { Augment, FieldShape } from './plan.ts';

/** Changes `values` from `at` on, one example of the shape given, in place. */
export type Augmenter = (values: Float32Array, at: number, random: Random) => void;

const SPATIAL = ['rotate', 'crop', 'erase'] as const;
const MOVING = ['flip', 'shift'] as const;

/**
 * Checks what is wanted against what inputs look like, and gives a function for each input; undefined for inputs that it
 * does not concern.
 * @throws RangeError when a number is out of its range, or no input is of a shape that it makes sense for
 */
export function augmenters(augment: Augment, inputs: readonly FieldShape[]): (Augmenter | undefined)[] {
  check(augment);
  const made = inputs.map((input) => augmenterOf(augment, input));
  const asked = Object.keys(augment).filter((name) => name !== 'fill');
  if (asked.length > 0 && made.every((each) => each === undefined)) {
    const shapes = inputs.map(({ shape, dtype }) => `${dtype} [${shape.join(', ')}]`).join(', ');
    throw new RangeError(
      `augment { ${asked.join(', ')} } fits no input of this data set (${shapes}): images are float32 [height, width, channels], series float32 [steps, channels]`,
    );
  }
  return made;
}

function check({ shift = 0, rotate = 0, crop = 1, noise = 0, brightness = 0, contrast = 0, erase = 0 }: Augment): void {
  const rules: [name: string, value: number, fits: boolean, range: string][] = [
    ['shift', shift, Number.isInteger(shift) && shift >= 0, 'a whole number of pixels'],
    ['rotate', rotate, rotate >= 0 && rotate <= 180, 'degrees from 0 to 180'],
    ['crop', crop, crop > 0 && crop <= 1, 'a share above 0, up to 1'],
    ['noise', noise, noise >= 0 && Number.isFinite(noise), 'a deviation of 0 or more'],
    ['brightness', brightness, brightness >= 0 && Number.isFinite(brightness), '0 or more'],
    ['contrast', contrast, contrast >= 0 && contrast <= 1, 'a share from 0 to 1'],
    ['erase', erase, erase >= 0 && erase <= 1, 'a share from 0 to 1'],
  ];
  for (const [name, value, fits, range] of rules) {
    if (!fits) throw new RangeError(`augment { ${name}: ${value} }: give ${range}`);
  }
}

function augmenterOf(augment: Augment, { shape, dtype }: FieldShape): Augmenter | undefined {
  if (dtype !== 'float32') return undefined;
  const steps: Augmenter[] = [];
  const size = shape.reduce((product, length) => product * length, 1);
  const moves = MOVING.some((name) => augment[name]);
  if (shape.length === 3) {
    if (moves || SPATIAL.some((name) => name !== 'erase' && augment[name])) steps.push(warp(augment, shape));
  } else if (shape.length === 2 && moves) {
    const [length = 1, channels = 1] = shape;
    steps.push(warp(augment, [1, length, channels]));
  }
  if (augment.brightness || augment.contrast) steps.push(light(augment, size));
  if (augment.erase && shape.length === 3) steps.push(erase(augment, shape));
  if (augment.noise) steps.push(noise(augment.noise, size));
  if (steps.length === 0) return undefined;
  return (values, at, random) => {
    for (const step of steps) step(values, at, random);
  };
}

/** Where each pixel comes from: x = a·column + b·row + c, y = d·column + e·row + f. */
interface Placement {
  a: number;
  b: number;
  c: number;
  d: number;
  e: number;
  f: number;
}

function warp(augment: Augment, [height = 1, width = 1, channels = 1]: readonly number[]): Augmenter {
  const { fill = 0, rotate = 0, crop = 1 } = augment;
  const before = new Float32Array(height * width * channels);
  // Whole pixels are copied; only turning and scaling look between them.
  const whole = rotate === 0 && crop === 1;
  return (values, at, random) => {
    const placement = place(augment, height, width, random);
    before.set(values.subarray(at, at + before.length));
    const { a, b, c, d, e, f } = placement;
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const x = a * column + b * row + c;
        const y = d * column + e * row + f;
        const to = at + (row * width + column) * channels;
        if (whole) copy(before, height, width, channels, Math.round(x), Math.round(y), values, to, fill);
        else between(before, height, width, channels, x, y, values, to, fill);
      }
    }
  };
}

/** Draws in a fixed order, so that the same seed gives the same change whatever else is asked for. */
function place(augment: Augment, height: number, width: number, random: Random): Placement {
  const { flip, shift = 0, rotate = 0, crop = 1 } = augment;
  const mirrorX = (flip === 'horizontal' || flip === 'both') && random() < 0.5 ? -1 : 1;
  const mirrorY = flip === 'vertical' || flip === 'both' ? (random() < 0.5 ? -1 : 1) : 1;
  const moveX = shift > 0 ? below(random, 2 * shift + 1) - shift : 0;
  const moveY = shift > 0 && height > 1 ? below(random, 2 * shift + 1) - shift : 0;
  const angle = rotate > 0 ? ((random() * 2 - 1) * rotate * Math.PI) / 180 : 0;
  const scale = crop < 1 ? crop + random() * (1 - crop) : 1;
  const slackX = crop < 1 ? (random() - 0.5) * (1 - scale) * (width - 1) : 0;
  const slackY = crop < 1 ? (random() - 0.5) * (1 - scale) * (height - 1) : 0;
  const [centreX, centreY] = [(width - 1) / 2, (height - 1) / 2];
  const cos = Math.cos(angle) * scale;
  const sin = Math.sin(angle) * scale;
  const [a, b, d, e] = [cos * mirrorX, -sin * mirrorY, sin * mirrorX, cos * mirrorY];
  return {
    a,
    b,
    c: centreX + slackX - a * (centreX + moveX) - b * (centreY + moveY),
    d,
    e,
    f: centreY + slackY - d * (centreX + moveX) - e * (centreY + moveY),
  };
}

type Pixel = (
  from: Float32Array,
  height: number,
  width: number,
  channels: number,
  x: number,
  y: number,
  to: Float32Array,
  at: number,
  fill: number,
) => void;

const copy: Pixel = (from, height, width, channels, x, y, to, at, fill) => {
  const inside = x >= 0 && x < width && y >= 0 && y < height;
  const start = (y * width + x) * channels;
  for (let channel = 0; channel < channels; channel++) to[at + channel] = inside ? (from[start + channel] ?? 0) : fill;
};

/** Bilinear interpolation; beyond the border lies `fill`. */
const between: Pixel = (from, height, width, channels, x, y, to, at, fill) => {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, bottom] = [x - left, y - top];
  for (let channel = 0; channel < channels; channel++) {
    let sum = 0;
    for (let corner = 0; corner < 4; corner++) {
      const [dx, dy] = [corner & 1, corner >> 1];
      const share = (dx ? right : 1 - right) * (dy ? bottom : 1 - bottom);
      if (share === 0) continue;
      const [px, py] = [left + dx, top + dy];
      const inside = px >= 0 && px < width && py >= 0 && py < height;
      sum += share * (inside ? (from[(py * width + px) * channels + channel] ?? 0) : fill);
    }
    to[at + channel] = sum;
  }
};

function light({ brightness = 0, contrast = 0 }: Augment, size: number): Augmenter {
  return (values, at, random) => {
    const add = (random() * 2 - 1) * brightness;
    const factor = 1 + (random() * 2 - 1) * contrast;
    let sum = 0;
    for (let index = at; index < at + size; index++) sum += values[index] ?? 0;
    const mean = sum / size;
    for (let index = at; index < at + size; index++) {
      values[index] = mean + ((values[index] ?? 0) - mean) * factor + add;
    }
  };
}

function erase(augment: Augment, [height = 1, width = 1, channels = 1]: readonly number[]): Augmenter {
  const side = Math.round((augment.erase ?? 0) * Math.min(height, width));
  const { fill = 0 } = augment;
  return (values, at, random) => {
    const top = below(random, height - side + 1);
    const left = below(random, width - side + 1);
    for (let row = top; row < top + side; row++) {
      const start = at + (row * width + left) * channels;
      values.fill(fill, start, start + side * channels);
    }
  };
}

const noise =
  (deviation: number, size: number): Augmenter =>
  (values, at, random) => {
    for (let index = at; index < at + size; index++)
      values[index] = (values[index] ?? 0) + gaussian(random) * deviation;
  };
