import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { idx, parseIdx } from './idx.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const six = bytes(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6);

describe('an IDX file', () => {
  it('is read by its header', () => {
    const { shape, values } = parseIdx(six, 'a');
    expect(shape).toEqual([2, 3]);
    expect([...values]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('may hold other types, in big-endian order, and be compressed', async () => {
    expect(parseIdx(bytes(0, 0, 11, 1, 0, 0, 0, 2, 1, 0, 255, 255), 'a').values).toEqual(Int16Array.of(256, -1));
    expect(parseIdx(bytes(0, 0, 13, 1, 0, 0, 0, 1, 0x3f, 0x80, 0, 0), 'a').values).toEqual(Float32Array.of(1));
    expect([...(await idx(gzipSync(six))).values]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it.each([
    ['is empty', bytes(), 'nothing'],
    ['is something else', bytes(0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0), '89 50 4e 47'],
    ['has a type that there is not', bytes(0, 0, 10, 1, 0, 0, 0, 0), '00 00 0a 01'],
  ])('is refused when it %s', (_, content, found) => {
    expect(() => parseIdx(content, 'digits.idx')).toThrow(
      `digits.idx, byte 0: it is not an IDX file: it begins with ${found}`,
    );
  });

  it('is refused when it was cut off', async () => {
    expect(() => parseIdx(bytes(0, 0, 8, 1, 0, 0, 0, 3, 1, 2), 'digits.idx')).toThrow(
      'digits.idx, byte 10: it has 10 bytes, but its header (3) calls for 11: it is cut short. Get it again',
    );
    expect(() => parseIdx(bytes(0, 0, 8, 2, 0, 0), 'digits.idx')).toThrow('its header of 2 axes is not complete');
    await expect(idx(gzipSync(six).subarray(0, 20))).rejects.toThrow(
      'it is compressed with gzip and cannot be unpacked',
    );
  });
});
