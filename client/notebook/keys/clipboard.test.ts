import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CELLS_MIME, fromClipboard, toClipboard } from './clipboard.ts';

describe('cells on the clipboard', () => {
  it('come back as they were, without their identity', () => {
    const cell = fc.record({
      type: fc.constantFrom('code' as const, 'markdown' as const, 'raw' as const),
      source: fc.string(),
      metadata: fc.constant({ tags: ['parameters'] }),
    });
    fc.assert(
      fc.property(fc.array(cell), (cells) => {
        const text = toClipboard(cells.map((each) => ({ ...each, id: 'mine' })))[CELLS_MIME] ?? '';
        expect(fromClipboard(text)).toEqual(cells);
      }),
    );
  });

  it('are text for other programs', () => {
    const cells = [
      { type: 'code' as const, source: 'const a = 1;' },
      { type: 'markdown' as const, source: '# Title' },
    ];
    expect(toClipboard(cells)['text/plain']).toBe('const a = 1;\n\n# Title');
  });

  it.each(['', 'const a = 1;', '{"type":"code"}', '[{"type":"python","source":""}]', '[{"type":"code"}]'])(
    'are not seen in %j',
    (text) => {
      expect(fromClipboard(text)).toBeUndefined();
    },
  );
});
