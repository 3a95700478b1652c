import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeRecord, nextRecord, readRecords } from './records.ts';

const said = fc.record({ header: fc.jsonValue({ maxDepth: 2 }), payload: fc.uint8Array({ maxLength: 40 }) });

function joined(records: readonly { header: unknown; payload: Uint8Array }[]): { bytes: Uint8Array; ends: number[] } {
  const parts = records.map(({ header, payload }, index) => encodeRecord(index + 1, header, payload));
  const ends = parts.map((_, index) => parts.slice(0, index + 1).reduce((sum, { length }) => sum + length, 0));
  return { bytes: new Uint8Array(Buffer.concat(parts)), ends };
}

test('what was written is read, wherever it is cut', () => {
  fc.assert(
    fc.property(fc.array(said, { maxLength: 6 }), fc.double({ min: 0, max: 1, noNaN: true }), (all, where) => {
      const { bytes, ends } = joined(all);
      const cut = Math.floor(where * bytes.length);
      const whole = ends.filter((end) => end <= cut).length;
      const { records, fault } = readRecords(bytes.subarray(0, cut));
      expect(records.map(({ number }) => number)).toEqual(all.slice(0, whole).map((_, index) => index + 1));
      for (const [index, { header, payload }] of records.entries()) {
        expect(header).toEqual(JSON.parse(JSON.stringify(all[index]?.header)));
        expect(payload).toEqual(all[index]?.payload);
      }
      const end = ends[whole - 1] ?? 0;
      expect(fault).toEqual(cut === end ? null : { offset: end, kind: 'cut' });
    }),
  );
});

test('a changed byte is noticed, and costs its own record only', () => {
  fc.assert(
    fc.property(
      fc.array(said, { minLength: 1, maxLength: 6 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (all, at, change) => {
        const { bytes, ends } = joined(all);
        const place = at % bytes.length;
        bytes[place] = (bytes[place] ?? 0) ^ change;
        const hurt = ends.findIndex((end) => place < end);
        const { records, fault } = readRecords(bytes);
        expect(records.length).toBe(hurt);
        expect(fault?.offset).toBe(ends[hurt - 1] ?? 0);
        const next = nextRecord(bytes, (fault?.offset ?? 0) + 1);
        const after = readRecords(bytes.subarray(next));
        expect(after.records.map(({ number }) => number)).toEqual(
          all.slice(hurt + 1).map((_, index) => hurt + 2 + index),
        );
      },
    ),
  );
});
