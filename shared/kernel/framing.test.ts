import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame, FRAME_LIMIT, type Frame, FrameReader } from './framing.ts';

const frames = fc.array(fc.record({ header: fc.jsonValue(), payload: fc.uint8Array({ maxLength: 300 }) }), {
  maxLength: 12,
});

function cut(bytes: Uint8Array, borders: readonly number[]): Uint8Array[] {
  const sorted = [...new Set(borders.map((border) => border % (bytes.length + 1)))].sort((a, b) => a - b);
  const edges = [0, ...sorted, bytes.length];
  return edges.slice(1).map((end, index) => bytes.slice(edges[index], end));
}

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('frames', () => {
  it('come out as they went in, wherever the stream is cut', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.nat(), { maxLength: 40 }), (sent, borders) => {
        const stream = Buffer.concat(sent.map(({ header, payload }) => encodeFrame(header, payload)));
        const reader = new FrameReader();
        const got: Frame[] = cut(stream, borders).flatMap((chunk) => reader.push(chunk));
        expect(got.map(({ header, payload }) => ({ header, payload: [...payload] }))).toEqual(
          sent.map(({ header, payload }) => ({ header: asJson(header), payload: [...payload] })),
        );
        expect(got.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(stream.length);
      }),
    );
  });

  it('come out of a stream of single bytes', () => {
    const stream = Buffer.concat([encodeFrame({ a: 'é😀' }), encodeFrame([1], new Uint8Array([1, 2, 3]))]);
    const reader = new FrameReader();
    const got = [...stream].flatMap((byte) => reader.push(Uint8Array.of(byte)));
    expect(got.map(({ header }) => header)).toEqual([{ a: 'é😀' }, [1]]);
  });

  it('carry payloads that can be viewed as float64', () => {
    const values = new Float64Array([Number.NaN, Number.POSITIVE_INFINITY, -0, 1.5]);
    const [frame] = new FrameReader().push(Buffer.from(encodeFrame('x', new Uint8Array(values.buffer))));
    if (!frame) throw new Error('no frame');
    const seen = new Float64Array(frame.payload.buffer, frame.payload.byteOffset, values.length);
    expect(Array.from(seen, (value, index) => Object.is(value, values[index]))).toEqual([true, true, true, true]);
  });

  it('are refused before their bytes arrive when they announce too much', () => {
    const head = new Uint8Array(8);
    new DataView(head.buffer).setUint32(4, FRAME_LIMIT, true);
    new DataView(head.buffer).setUint32(0, 1, true);
    expect(() => new FrameReader().push(head)).toThrow(RangeError);
  });

  it('are refused when the header is not JSON', () => {
    const frame = encodeFrame('abc');
    frame[8] = 0x7b;
    expect(() => new FrameReader().push(frame)).toThrow(SyntaxError);
  });
});
