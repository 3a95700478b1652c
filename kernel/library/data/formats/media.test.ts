import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { encode as encodePng } from 'fast-png';
import jpeg from 'jpeg-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { images, sounds } from './folder.ts';
import { decodePicture, resize } from './pictures.ts';
import { decodeWav, wav } from './wav.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trialroom-media-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A WAV file of samples that are whole numbers of so many bytes, or floats. */
function wavOf(
  samples: readonly number[],
  bytes: 1 | 2 | 3 | 4,
  options: { channels?: number; float?: boolean } = {},
): Uint8Array {
  const { channels = 1, float = false } = options;
  const data = new DataView(new ArrayBuffer(samples.length * bytes));
  for (const [index, sample] of samples.entries()) {
    if (float) data.setFloat32(index * 4, sample, true);
    else if (bytes === 1) data.setUint8(index, Math.round(sample * 128 + 128));
    else if (bytes === 2) data.setInt16(index * 2, Math.round(sample * 0x8000), true);
    else if (bytes === 4) data.setInt32(index * 4, Math.round(sample * 0x80000000), true);
    else {
      const whole = Math.round(sample * 0x800000);
      data.setUint16(index * 3, whole & 0xffff, true);
      data.setInt8(index * 3 + 2, whole >> 16);
    }
  }
  const head = Buffer.alloc(52);
  head.write('RIFF', 0);
  head.writeUInt32LE(44 + data.byteLength, 4);
  // A chunk that nobody knows, of odd length.
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(float ? 3 : 1, 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(8000, 24);
  head.writeUInt32LE(8000 * bytes * channels, 28);
  head.writeUInt16LE(bytes * channels, 32);
  head.writeUInt16LE(bytes * 8, 34);
  head.write('junk', 36);
  head.writeUInt32LE(0, 40);
  head.write('data', 44);
  head.writeUInt32LE(data.byteLength, 48);
  return new Uint8Array(Buffer.concat([head, Buffer.from(data.buffer)]));
}

describe('a WAV file', () => {
  it.each([
    [1, false],
    [2, false],
    [3, false],
    [4, false],
    [4, true],
  ] as const)('of %i bytes a sample (floats: %s) is read', (bytes, float) => {
    const samples = [0, 0.5, -0.5, -1, 0.25, 0.75];
    const {
      sampleRate,
      channels,
      frames,
      samples: read,
    } = decodeWav(wavOf(samples, bytes, { channels: 2, float }), 'a.wav');
    expect([sampleRate, channels, frames]).toEqual([8000, 2, 3]);
    expect([...read]).toEqual(samples);
  });

  it('knows how long it is', async () => {
    const sound = await wav(wavOf(Array(4000).fill(0.5), 2));
    expect([sound.shape, sound.sampleRate, sound.seconds]).toEqual([[4000, 1], 8000, 0.5]);
  });

  it('is refused with what is wrong', () => {
    const whole = wavOf([0, 0.5], 2);
    expect(() => decodeWav(whole.subarray(0, 54), 'a.wav')).toThrow(
      'a.wav, byte 52: 2 bytes of samples are left where 4 were announced. The file is cut short',
    );
    expect(() => decodeWav(whole.subarray(0, 20), 'a.wav')).toThrow('a.wav, byte 20: it has no description ("fmt ")');
    expect(() => decodeWav(whole.subarray(0, 40), 'a.wav')).toThrow('it has no samples ("data")');
    expect(() => decodeWav(new Uint8Array(100), 'a.wav')).toThrow('a.wav, byte 0: it is no WAV file');
    const coded = whole.slice();
    coded[20] = 85;
    expect(() => decodeWav(coded, 'a.wav')).toThrow('(format 85, 16 bits). Convert it to PCM');
  });

  it('never does anything but read or refuse, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.nat(255), fc.nat(60), (at, byte, length) => {
        const damaged = wavOf([0, 0.5, 0.25], 2);
        damaged[at] = byte;
        try {
          const { samples, frames, channels } = decodeWav(damaged.subarray(0, length), 'a.wav');
          expect(samples.length).toBe(frames * channels);
        } catch (error) {
          expect(String(error)).toContain('DataError: a.wav');
        }
      }),
    );
  });
});

const grey = (width: number, height: number, value: (x: number, y: number) => number): Uint8Array =>
  Uint8Array.from({ length: width * height }, (_, index) => value(index % width, Math.floor(index / width)));

describe('a picture', () => {
  it('is read from PNG: grey, colours, opacity, 16 bits', () => {
    const png = encodePng({ width: 2, height: 1, data: Uint8Array.of(10, 200), channels: 1 });
    expect(decodePicture(png, 'a')).toEqual({ width: 2, height: 1, channels: 1, data: Uint8Array.of(10, 200) });
    const rgba = encodePng({ width: 1, height: 1, data: Uint8Array.of(1, 2, 3, 4), channels: 4 });
    expect(decodePicture(rgba, 'a').data).toEqual(Uint8Array.of(1, 2, 3, 4));
    const deep = encodePng({ width: 1, height: 1, data: Uint16Array.of(0x1234), channels: 1, depth: 16 });
    expect(decodePicture(deep, 'a').data).toEqual(Uint8Array.of(0x12));
  });

  it('is read from JPEG', () => {
    const rgba = Uint8Array.from({ length: 16 * 16 * 4 }, (_, index) =>
      index % 4 === 3 ? 255 : ([200, 40, 90][index % 4] ?? 0),
    );
    const { data, ...size } = decodePicture(jpeg.encode({ width: 16, height: 16, data: rgba }, 95).data, 'a');
    expect(size).toEqual({ width: 16, height: 16, channels: 3 });
    for (const [index, value] of data.entries())
      expect(Math.abs(value - ([200, 40, 90][index % 3] ?? 0))).toBeLessThan(6);
  });

  it('is brought to another size and number of channels', () => {
    const ramp = { width: 4, height: 4, channels: 1, data: grey(4, 4, (x) => x * 10) };
    expect([...resize(ramp, { width: 4, height: 4, channels: 3 }).slice(0, 6)]).toEqual([0, 0, 0, 10, 10, 10]);
    const half = resize(ramp, { width: 2, height: 2, channels: 1 });
    expect(half[0]).toBeLessThan(half[1] ?? 0);
    expect((half[0] ?? 0) + (half[1] ?? 0)).toBeCloseTo(30, 4);
    const red = { width: 1, height: 1, channels: 3, data: Uint8Array.of(100, 0, 0) };
    expect(resize(red, { width: 1, height: 1, channels: 1 })[0]).toBeCloseTo(29.9, 4);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(255),
        (width, height, value) => {
          const flat = { width: 5, height: 3, channels: 1, data: grey(5, 3, () => value) };
          for (const pixel of resize(flat, { width, height, channels: 1 })) expect(pixel).toBeCloseTo(value, 3);
        },
      ),
    );
  });

  it('is refused with what is wrong', () => {
    const png = encodePng({ width: 8, height: 8, data: grey(8, 8, (x, y) => x * y * 31), channels: 1 });
    expect(() => decodePicture(png.subarray(0, png.length - 30), 'a.png')).toThrow('a.png: the PNG cannot be decoded');
    expect(() => decodePicture(Uint8Array.of(0xff, 0xd8, 0xff), 'a.jpg')).toThrow('a.jpg: the JPEG cannot be decoded');
    expect(() => decodePicture(Uint8Array.of(0x47, 0x49, 0x46, 0x38), 'a.gif')).toThrow(
      'a.gif: it is neither PNG nor JPEG (it begins with 47 49 46 38). Convert it',
    );
  });
});

describe('folders of files', () => {
  it('of pictures are classes, decoded where batches are prepared', async () => {
    const root = join(folder, 'pictures');
    for (const [name, value] of [
      ['dark', 0],
      ['light', 255],
    ] as const) {
      await mkdir(join(root, name), { recursive: true });
      for (let number = 0; number < 3; number++) {
        const data = grey(4 + number, 4, () => value);
        await writeFile(
          join(root, name, `${number}.png`),
          encodePng({ width: 4 + number, height: 4, data, channels: 1 }),
        );
      }
    }
    const pictures = await images(root);
    expect([pictures.length, pictures.classes]).toEqual([6, ['dark', 'light']]);
    const set = pictures.dataset({ height: 2, width: 2, channels: 1 });
    const all = await set.all();
    expect(all.inputs[0]).toMatchObject({ dtype: 'float32', shape: [6, 2, 2, 1] });
    expect([...(all.inputs[0]?.values ?? [])]).toEqual([...Array(12).fill(0), ...Array(12).fill(1)]);
    expect([...set.labels()]).toEqual([0, 0, 0, 1, 1, 1]);
    expect(set.split({ train: 4, test: 2 }, { stratify: true }).test.labels()).toEqual(Int32Array.of(0, 1));
    await writeFile(join(root, 'loose.png'), '');
    await expect(images(root)).rejects.toThrow('loose.png: it lies beside the folders of the classes');
    await rm(join(root, 'loose.png'));
    await rm(join(root, 'light'), { recursive: true });
    const dark = await images(root);
    expect(() => dark.dataset({ height: 2, width: 2 })).toThrow('all 3 are "dark"; there is nothing to tell apart');
    await writeFile(join(root, 'dark', '1.png'), 'nothing');
    await mkdir(join(root, 'light'));
    await writeFile(
      join(root, 'light', '0.png'),
      encodePng({ width: 1, height: 1, data: Uint8Array.of(1), channels: 1 }),
    );
    await expect((await images(root)).dataset({ height: 2, width: 2 }).all()).rejects.toThrow(
      '1.png: it is neither PNG nor JPEG (it begins with 6e 6f 74 68)',
    );
    await expect(images(join(folder, 'nowhere'))).rejects.toThrow('there is no such file');
  });

  it('of sounds are cut or filled up', async () => {
    const root = join(folder, 'sounds');
    for (const [name, value, length] of [
      ['a', 0.5, 6],
      ['b', -0.5, 2],
    ] as const) {
      await mkdir(join(root, name), { recursive: true });
      await writeFile(join(root, name, '1.wav'), wavOf(Array(length).fill(value), 2));
    }
    const { inputs, targets } = await (await sounds(root)).dataset({ frames: 4 }).all();
    expect(inputs[0]?.shape).toEqual([2, 4, 1]);
    expect([...(inputs[0]?.values ?? [])]).toEqual([0.5, 0.5, 0.5, 0.5, -0.5, -0.5, 0, 0]);
    expect([...(targets[0]?.values ?? [])]).toEqual([1, 0, 0, 1]);
    await expect(sounds(join(folder, 'pictures'))).rejects.toThrow('there is no WAV file in it');
  });
});
