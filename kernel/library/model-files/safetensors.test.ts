/** The codec beside the format's rules, and numbers of every type. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHalf, stored, weightOf } from './numbers.ts';
import {
  BadModelFile,
  decodeSafetensors,
  encodeSafetensors,
  type StoredTensor,
  type StoredType,
} from './safetensors.ts';

const WIDTH: [StoredType, number][] = [
  ...(['BOOL', 'U8', 'I8'] as const).map((type): [StoredType, number] => [type, 1]),
  ...(['U16', 'I16', 'F16', 'BF16'] as const).map((type): [StoredType, number] => [type, 2]),
  ...(['U32', 'I32', 'F32'] as const).map((type): [StoredType, number] => [type, 4]),
  ...(['U64', 'I64', 'F64'] as const).map((type): [StoredType, number] => [type, 8]),
];
const tensor = fc
  .tuple(fc.constantFrom(...WIDTH), fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }))
  .chain(([[type, width], shape]) => {
    const bytes = shape.reduce((product, length) => product * length, width);
    return fc
      .uint8Array({ minLength: bytes, maxLength: bytes })
      .map((each): StoredTensor => ({ type, shape, bytes: each }));
  });
const file = fc.record({
  tensors: fc
    .array(fc.tuple(fc.string({ unit: 'grapheme', minLength: 1 }), tensor), { maxLength: 6 })
    .map((entries) => new Map(entries.filter(([name]) => name !== '__metadata__' && name !== '__proto__'))),
  metadata: fc.constantFrom<Record<string, string>>({}, { format: 'pt' }, { a: 'ä', b: '' }),
});
/** A file of any header over any numbers. */
const made = (header: unknown, body = 0, length?: bigint): Uint8Array => {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + body);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
};
const f32 = (from: number, to: number, shape = [(to - from) / 4]) => ({
  dtype: 'F32',
  shape,
  data_offsets: [from, to],
});

describe('safetensors', () => {
  it('come back as they were, and are laid out as the format asks', () => {
    fc.assert(
      fc.property(file, (given) => {
        const bytes = encodeSafetensors(given);
        const { tensors, metadata } = decodeSafetensors(bytes);
        expect(metadata).toEqual(given.metadata);
        expect(new Map([...tensors].toSorted(byName))).toEqual(new Map([...given.tensors].toSorted(byName)));
        const start = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
        expect(start % 8).toBe(0);
        for (const { type, bytes: own } of tensors.values()) {
          expect((own.byteOffset - bytes.byteOffset) % (WIDTH.find(([name]) => name === type)?.[1] ?? 1)).toBe(0);
        }
      }),
    );
  });

  it('keep their order among those of one width', () => {
    fc.assert(
      fc.property(file, ({ tensors, metadata }) => {
        const names = (all: ReadonlyMap<string, StoredTensor>) =>
          [...all].filter(([, { type }]) => type === 'F32').map(([name]) => name);
        const read = decodeSafetensors(encodeSafetensors({ tensors, metadata })).tensors;
        // Tensors without numbers all lie in the same place.
        expect(new Set(names(read))).toEqual(new Set(names(tensors)));
        if ([...tensors.values()].every(({ bytes }) => bytes.length > 0)) expect(names(read)).toEqual(names(tensors));
      }),
    );
  });

  it('that are cut short anywhere, or hold other bytes, are refused or read, never worse', () => {
    fc.assert(
      fc.property(file, fc.nat(), fc.integer({ min: 0, max: 255 }), (given, at, byte) => {
        const bytes = encodeSafetensors(given);
        const refused = (broken: Uint8Array): unknown => {
          try {
            decodeSafetensors(broken);
            return undefined;
          } catch (error) {
            return error;
          }
        };
        expect(refused(bytes.subarray(0, at % bytes.length))).toBeInstanceOf(BadModelFile);
        const error = refused(bytes.with(at % bytes.length, byte));
        if (error !== undefined) expect(error).toBeInstanceOf(BadModelFile);
      }),
    );
  });

  it('say what is wrong', () => {
    const refusal = (bytes: Uint8Array) => () => decodeSafetensors(bytes);
    expect(refusal(new Uint8Array(3))).toThrow(/8 bytes or more, and this one 3/);
    expect(refusal(made({}, 0, 2n ** 60n))).toThrow(/this is no safetensors file/);
    expect(refusal(made({}, 0, 50n))).toThrow(/cut short: its header ends at byte 58, the file at 10/);
    expect(refusal(made(' {}'))).toThrow(/does not begin with \{/);
    expect(refusal(made('{"a":'))).toThrow(/is no JSON/);
    expect(refusal(made({ a: { ...f32(0, 4), dtype: 'F8' } }, 4))).toThrow(/"a" is of type F8; known are BOOL/);
    expect(refusal(made({ a: f32(0, 8, [3]) }, 8))).toThrow(
      /"a", F32 \[3\], takes 12 bytes, and the header gives it 8/,
    );
    expect(refusal(made({ a: f32(0, 8), b: f32(8, 16) }, 12))).toThrow(/cut short: "b" ends at byte 16.* 12 are there/);
    expect(refusal(made({ a: f32(0, 8), b: f32(4, 12) }, 12))).toThrow(/"b" begins at byte 4 where 8 is due/);
    expect(refusal(made({ a: f32(4, 8) }, 8))).toThrow(/"a" begins at byte 4 where 0 is due/);
    expect(refusal(made({ a: f32(0, 4) }, 8))).toThrow(/4 bytes at its end belong to no tensor/);
    expect(refusal(made({ a: { dtype: 'F32', shape: [-1], data_offsets: [0, 4] } }, 4))).toThrow(/entry of "a"/);
    expect(refusal(made({ __metadata__: { a: 1 } }))).toThrow(/__metadata__ is not as the format says/);
    expect(() =>
      encodeSafetensors({
        tensors: new Map([['a', { type: 'F32', shape: [2], bytes: new Uint8Array(4) }]]),
        metadata: {},
      }),
    ).toThrow(/"a", F32 \[2\], takes 8 bytes; 4 were given/);
  });
});

describe('numbers', () => {
  const bytesOf = (values: ArrayBufferView) => new Uint8Array(values.buffer);
  const read = (type: StoredType, values: ArrayBufferView & { length: number }): number[] =>
    Array.from(weightOf('w', { type, shape: [values.length], bytes: bytesOf(values) }).values);

  it('of all types become those of a model', () => {
    expect(read('F64', Float64Array.of(0.5, -3))).toEqual([0.5, -3]);
    expect(read('F16', Float16Array.of(1.5, -0.25, 65504))).toEqual([1.5, -0.25, 65504]);
    expect(read('BF16', Uint16Array.of(0x3fc0, 0xc000))).toEqual([1.5, -2]);
    expect(read('I64', BigInt64Array.of(-7n, 2n ** 31n - 1n))).toEqual([-7, 2 ** 31 - 1]);
    expect(read('U16', Uint16Array.of(65535))).toEqual([65535]);
    expect(() => read('I64', BigInt64Array.of(0n, 2n ** 31n))).toThrow(/"w" holds 2147483648 at 1/);
  });

  it('of half width are those of the standard', () => {
    const halves = new Uint16Array(1);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff }), (bits) => {
        halves[0] = bits;
        expect(fromHalf(bits)).toBe(new Float16Array(halves.buffer)[0]);
      }),
    );
  });

  it('of a weight come back', () => {
    const values = Float32Array.of(1, Number.NaN, -0);
    expect(weightOf('w', stored({ name: 'w', dtype: 'float32', shape: [3], values })).values).toEqual(values);
  });
});

const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0);
