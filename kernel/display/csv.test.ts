import { describe, expect, it } from 'vitest';
import { toBundle } from './bundle.ts';
import { csvOf } from './csv.ts';

describe('tables as CSV', () => {
  it('quote what must be, and leave empty what is absent', () => {
    expect(
      csvOf([
        { a: 'plain', 'b,c': 'say "hi"\nthere' },
        { a: null, d: new Date(0) },
        { a: 1.5, 'b,c': true, d: 10n },
      ]),
    ).toBe('a,"b,c",d\r\nplain,"say ""hi""\nthere",\r\n,,1970-01-01T00:00:00.000Z\r\n1.5,true,10\r\n');
  });

  it('go with a preview, whole, and not with what is shown whole', () => {
    const rows = Array.from({ length: 100_000 }, (_, id) => ({ id, square: id * id }));
    const csv = String(toBundle(rows).data['text/csv']);
    expect(csv.split('\r\n')).toHaveLength(100_002);
    expect(csv.endsWith('99999,9999800001\r\n')).toBe(true);
    expect(toBundle(rows.slice(0, 200)).data).not.toHaveProperty('text/csv');
  });

  it('are left out where they would be too big, judged by the first rows', () => {
    expect(csvOf(Array.from({ length: 100_000 }, () => ({ text: 'x'.repeat(1000) })))).toBeUndefined();
  });
});
