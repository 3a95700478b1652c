import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { locate, pin } from './anchors.ts';

function textOf(content: string): Y.Text {
  const text = new Y.Doc().getText('t');
  text.insert(0, content);
  return text;
}

describe('a pinned range', () => {
  it('keeps its letters when others type before, inside and at its edges', () => {
    const text = textOf('let ratio = 0.8;');
    const pinned = pin(text, { from: 4, to: 9 });
    expect(pinned.quote).toBe('ratio');
    const said = (): string | null => {
      const at = locate(text, pinned);
      return at && text.toString().slice(at.from, at.to);
    };
    text.insert(0, '// first\n');
    expect(said()).toBe('ratio');
    text.insert(13, 'the_');
    expect(said()).toBe('ratio');
    text.insert(22, 's');
    expect(said()).toBe('ratio');
    text.insert(19, '-');
    expect(said()).toBe('ra-tio');
  });

  it('is nowhere when its letters are gone, and found again where one place says the same', () => {
    const text = textOf('alpha beta');
    const pinned = pin(text, { from: 6, to: 10 });
    text.delete(6, 4);
    expect(locate(text, pinned)).toBeNull();
    text.insert(0, 'beta ');
    expect(locate(text, pinned)).toEqual({ from: 0, to: 4 });
    text.insert(0, 'beta ');
    expect(locate(text, pinned)).toBeNull();
  });

  it('comes back with an undo', () => {
    const text = textOf('alpha beta beta');
    const pinned = pin(text, { from: 6, to: 10 });
    const undo = new Y.UndoManager(text);
    text.delete(6, 5);
    undo.undo();
    expect(text.toString()).toBe('alpha beta beta');
    expect(locate(text, pinned)).toEqual({ from: 6, to: 10 });
  });

  it('of nonsense is nowhere', () => {
    const text = textOf('abc');
    expect(locate(text, { start: 'AAAA', end: '', quote: '' })).toBeNull();
    expect(locate(text, { start: '%%%', end: '/////w==', quote: 'b' })).toBeNull();
  });

  it('property: covers exactly what is left of its letters and what was typed between them', () => {
    const edit = fc.record({ at: fc.nat(), remove: fc.nat({ max: 4 }), insert: fc.stringMatching(/^[a-z]{0,4}$/) });
    fc.assert(
      fc.property(
        fc.nat({ max: 19 }),
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.tuple(fc.boolean(), edit), { maxLength: 40 }),
        (start, length, edits) => {
          // Capital letters occur once each; what is typed is small.
          const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
          const text = textOf(letters);
          const other = new Y.Doc();
          Y.applyUpdate(other, Y.encodeStateAsUpdate(text.doc ?? other));
          const texts = [text, other.getText('t')] as const;
          const sync = (): void => {
            const [a, b] = [text.doc ?? other, other];
            Y.applyUpdate(b, Y.encodeStateAsUpdate(a, Y.encodeStateVector(b)));
            Y.applyUpdate(a, Y.encodeStateAsUpdate(b, Y.encodeStateVector(a)));
          };
          const range = { from: start, to: Math.min(26, start + length) };
          const pinned = pin(text, range);
          for (const [theirs, { at, remove, insert }] of edits) {
            const one = texts[theirs ? 1 : 0];
            const index = at % (one.length + 1);
            one.delete(index, Math.min(remove, one.length - index));
            one.insert(index, insert);
            // Now and then both hear of each other; in between they write side by side.
            if (at % 3 === 0) sync();
          }
          sync();
          const now = text.toString();
          const left = letters
            .slice(range.from, range.to)
            .split('')
            .filter((letter) => now.includes(letter));
          const found = locate(text, pinned);
          expect(locate(texts[1], pinned)).toEqual(found);
          const covered = found ? now.slice(found.from, found.to) : '';
          // Its letters in their order and no other capital; nothing when none is left.
          expect(covered.replace(/[a-z]/g, '')).toBe(left.join(''));
          if (left.length === range.to - range.from) {
            expect(covered.startsWith(left[0] ?? '') && covered.endsWith(left.at(-1) ?? '')).toBe(true);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
