import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NumericArray } from '../dataset/numeric.ts';
import type { NumberValues } from '../dataset/plan.ts';
import { decodeNpy, encodeNpy, npy, npz, openNpy } from './npy.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trialroom-npy-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));

/** What NumPy 2.4 writes. */
const NUMPY = {
  /** arange(6, dtype='<f4').reshape(2, 3) */
  floats:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAACAPwAAAEAAAEBAAACAQAAAoEA=',
  /** asfortranarray(arange(6, dtype='>i8').reshape(2, 3)) */
  fortran:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPmk4JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMyksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAAAAAAAAAAADAAAAAAAAAAEAAAAAAAAABAAAAAAAAAACAAAAAAAAAAU=',
  /** array([True, False, True]) */
  truth:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnfGIxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAAE=',
  /** array([0.5, -2, 65504, 6e-8], dtype='f2') */
  halves:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDQsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAOADA/3sBAA==',
  /** array([(1, 2.0)], dtype=[('a', 'i4'), ('b', 'f4')]) */
  records:
    'k05VTVBZAQB2AHsnZGVzY3InOiBbKCdhJywgJzxpNCcpLCAoJ2InLCAnPGY0JyldLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMSwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAAAAAAAAQA==',
  /** savez_compressed(x=arange(4, dtype='u1').reshape(2, 2), y=array([1, 2], dtype='i4')) */
  zip: 'UEsDBC0AAAAIAAAAIQBcIt3W//////////8FABQAeC5ucHkBABAAhAAAAAAAAABKAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loF5Taqiuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6CkaaOgq1CmQDLgZGJmYAUEsDBC0AAAAIAAAAIQAL+aot//////////8FABQAeS5ucHkBABAAiAAAAAAAAABLAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TaaKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6mjoKtQoUAC5GBgYGJiAGAFBLAQItAy0AAAAIAAAAIQBcIt3WSgAAAIQAAAAFAAAAAAAAAAAAAACAAQAAAAB4Lm5weVBLAQItAy0AAAAIAAAAIQAL+aotSwAAAIgAAAAFAAAAAAAAAAAAAACAAYEAAAB5Lm5weVBLBQYAAAAAAgACAGYAAAADAQAAAAA=',
};

describe('.npy', () => {
  it('is read as NumPy writes it', () => {
    const floats = decodeNpy(bytesOf(NUMPY.floats), 'a.npy');
    expect(floats.shape).toEqual([2, 3]);
    expect(floats.values).toEqual(Float32Array.of(0, 1, 2, 3, 4, 5));
    expect([...decodeNpy(bytesOf(NUMPY.truth), 'a.npy').values]).toEqual([1, 0, 1]);
    expect([...decodeNpy(bytesOf(NUMPY.halves), 'a.npy').values]).toEqual([0.5, -2, 65504, 2 ** -24]);
  });

  it('in Fortran order, with 64-bit numbers of the other byte order, means the same', () => {
    const { shape, values } = decodeNpy(bytesOf(NUMPY.fortran), 'a.npy');
    expect(shape).toEqual([2, 3]);
    expect([...values]).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('gives back what was written, whatever type and shape', () => {
    const shape = fc.array(fc.nat(4), { minLength: 0, maxLength: 4 });
    const make: ((length: number) => NumberValues)[] = [
      (length) => new Uint8Array(length),
      (length) => new Int8Array(length),
      (length) => new Uint16Array(length),
      (length) => new Int16Array(length),
      (length) => new Uint32Array(length),
      (length) => new Int32Array(length),
      (length) => new Float32Array(length),
      (length) => new Float64Array(length),
    ];
    fc.assert(
      fc.property(shape, fc.constantFrom(...make), fc.infiniteStream(fc.double()), (dimensions, allocate, numbers) => {
        const values = allocate(dimensions.reduce((product, length) => product * length, 1));
        for (let index = 0; index < values.length; index++) values[index] = Number(numbers.next().value);
        const read = decodeNpy(encodeNpy(new NumericArray(values, dimensions)), 'a.npy');
        expect(read.shape).toEqual(dimensions);
        expect(read.values).toEqual(values);
      }),
    );
  });

  it('says what is wrong, where, and what to do', async () => {
    const whole = bytesOf(NUMPY.floats);
    expect(() => decodeNpy(whole.subarray(0, 140), 'a.npy')).toThrow(
      'a.npy, byte 140: float32 [2, 3] needs 24 bytes, 12 are there: the file is cut short after 140 bytes. Get or write it again',
    );
    expect(() => decodeNpy(whole.subarray(0, 40), 'a.npy')).toThrow('a.npy, byte 40: its header is not complete');
    expect(() => decodeNpy(whole.subarray(0, 9), 'a.npy')).toThrow('a.npy, byte 9: its header is not complete');
    expect(() => decodeNpy(Uint8Array.of(...whole, 0), 'a.npy')).toThrow('a.npy, byte 152: 1 bytes follow');
    expect(() => decodeNpy(bytesOf(NUMPY.records), 'a.npy')).toThrow(
      'a.npy, byte 10: its header describes records, which cannot be read. Save plain arrays of numbers',
    );
    expect(() => decodeNpy(bytesOf(NUMPY.zip), 'a.npy')).toThrow('It looks like an .npz file: read it with data.npz');
    const complex = new Uint8Array(Buffer.from(Buffer.from(whole).toString('latin1').replace('<f4', '<c8'), 'latin1'));
    expect(() => decodeNpy(complex, 'a.npy')).toThrow('it holds "<c8", which is no type of numbers that is read here');
    await expect(npy('nowhere.npy')).rejects.toThrow('nowhere.npy: there is no such file (looked for "nowhere.npy" in');
  });

  it('never does anything but read or refuse, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(150), fc.nat(255), (noise, at, byte) => {
        const damaged = bytesOf(NUMPY.floats);
        damaged[at] = byte;
        for (const bytes of [noise, damaged]) {
          try {
            const { values, shape } = decodeNpy(bytes, 'a.npy');
            expect(values.length).toBe(shape.reduce((product, length) => product * length, 1));
          } catch (error) {
            expect(String(error)).toContain('DataError: a.npy');
          }
        }
      }),
    );
  });
});

describe('.npz', () => {
  it('gives its arrays by their names', async () => {
    const arrays = await npz(bytesOf(NUMPY.zip));
    expect(Object.keys(arrays)).toEqual(['x', 'y']);
    expect(arrays.x?.shape).toEqual([2, 2]);
    expect([...(arrays.y?.values ?? [])]).toEqual([1, 2]);
    await expect(npz(bytesOf(NUMPY.zip).subarray(0, 50))).rejects.toThrow('bytes: it is no .npz file, or is cut short');
  });
});

describe('a .npy file that stays on the disk', () => {
  it('is checked when it is opened', async () => {
    const path = join(folder, 'a.npy');
    await writeFile(path, bytesOf(NUMPY.floats));
    const file = await openNpy(path);
    expect([file.length, file.shape, file.dtype]).toEqual([2, [2, 3], 'float32']);
    expect((await file.source()).sha256).toMatch(/^[0-9a-f]{64}$/);
    await writeFile(path, bytesOf(NUMPY.floats).subarray(0, 150));
    await expect(openNpy(path)).rejects.toThrow('a.npy, byte 150: it has 150 bytes, but float32 [2, 3] takes 152');
    await writeFile(path, bytesOf(NUMPY.fortran));
    await expect(openNpy(path)).rejects.toThrow('it is in Fortran order');
  });
});
