import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ansiless } from './ansi.ts';
import { moveCursor } from './cursor.ts';
import { foldOutput, type Output } from './outputs.ts';

const E = '\u001b[';
/** What is shown: the text without sequences. */
const shown = (text: string): string => ansiless(moveCursor(text)).replaceAll('\r', '');

describe('moveCursor', () => {
  it.each([
    ['two bars that go up and write again', `a 10%\nb 10%\n${E}2Aa 50%\nb 60%\n`, 'a 50%\nb 60%\n'],
    ['a line that is erased and written again', `long text${E}2K${E}1Gshort`, 'short'],
    ['the rest of a line that is erased', `long text\r${E}5C${E}Ktest`, 'long test'],
    ['the beginning of a line that is erased', `abcdef${E}3D${E}1KX`, '   Xef'],
    ['everything below that is erased', `one\ntwo\nthree\n${E}2A${E}Jtop\n`, 'one\ntop\n'],
    ['a screen that is cleared', `one\ntwo\n${E}2J${E}Hnew`, 'new'],
    ['backspaces', 'abc\b\bX', 'aXc'],
    ['a cursor that goes on where nothing was written', `a${E}3Cb`, 'a   b'],
    ['lines gone down to again', `1\n2\n3${E}2A${E}1BX`, '1\n2X\n3'],
    ['what leads above the first line', `a\n${E}99Ab`, 'b\n'],
    ['the newest characters beyond the first plane', `🙂🙂${E}1GX`, 'X🙂'],
    ['a return, which replaces the line', `one\n${E}1A${E}1Bhello\rX`, 'one\nX'],
  ])('shows %s', (_name, text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it('makes no line endless whose cursor goes right for ever', () => {
    expect(shown(`${`${E}9999C`.repeat(1000)}X`)).toHaveLength(501);
    expect(shown(`${E}9999GX`)).toHaveLength(501);
  });

  it('keeps colours with what was written in them', () => {
    const text = `${E}1mbefore\n${E}31mred${E}0m and ${E}32mgreen${E}0m\n${E}1A${E}4CX`;
    expect(moveCursor(text)).toBe(`${E}1mbefore\n${E}31mred${E}0m Xnd ${E}32mgreen\n${E}0m${E}1A${E}6G`);
  });

  const piece = fc.constantFrom(
    ...['a', 'bc', '\n', '\r', '\b', `${E}A`, `${E}2A`, `${E}B`, `${E}2C`, `${E}D`, `${E}3G`, `${E}K`, `${E}2K`],
    ...[`${E}J`, `${E}1K`, `${E}F`, `${E}31m`, `${E}0m`, `${E}1m`, '🙂'],
  );
  const fold = (texts: readonly string[]): string => {
    const [only] = texts.reduce<Output[]>(
      (outputs, text) => foldOutput(outputs, { type: 'stream', name: 'stdout', text }),
      [],
    );
    return only?.type === 'stream' ? only.text : '';
  };

  it('shows the same in whatever pieces it comes', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.nat(), (parts, cut) => {
        const text = `${E}A${parts.join('')}`;
        const at = cut % (text.length + 1);
        expect(shown(fold([text.slice(0, at), text.slice(at)]))).toBe(shown(text));
        expect(shown(moveCursor(text))).toBe(shown(text));
      }),
      { numRuns: 2000 },
    );
  });
});
