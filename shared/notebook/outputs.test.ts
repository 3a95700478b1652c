import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundedStream, foldOutput, type Output, type OutputEvent, STREAM_SHOWN } from './outputs.ts';

const fold = (events: readonly OutputEvent[]): Output[] => events.reduce<Output[]>(foldOutput, []);
const said = (...texts: string[]): OutputEvent[] => texts.map((text) => ({ type: 'stream', name: 'stdout', text }));
const textOf = (outputs: readonly Output[]): string =>
  outputs.map((output) => (output.type === 'stream' ? output.text : '')).join('');

describe('a stream', () => {
  it('joins adjacent text of one name and keeps names apart', () => {
    expect(fold([...said('a', 'b'), { type: 'stream', name: 'stderr', text: 'e' }, ...said('c')])).toEqual([
      { type: 'stream', name: 'stdout', text: 'ab' },
      { type: 'stream', name: 'stderr', text: 'e' },
      { type: 'stream', name: 'stdout', text: 'c' },
    ]);
  });

  it('overwrites lines as a terminal does', () => {
    expect(textOf(fold(said('one\n10%', '\r20%', '\r', '30%\r\n', 'two')))).toBe('one\n30%\ntwo');
  });

  it('cuts from the middle, counts what it hides, and is not fooled by text that looks like its own mark', () => {
    const mark = '\n… 5 characters not shown …\n';
    const outputs = fold(said(mark, ...Array.from({ length: 400 }, (_, i) => `${i} ${'x'.repeat(995)}\n`)));
    const [only] = outputs;
    if (only?.type !== 'stream' || !only.cut) throw new Error('expected a cut stream');
    expect(only.text.startsWith(mark)).toBe(true);
    expect(only.text).toContain('\n399 x');
    const whole = mark.length + Array.from({ length: 400 }, (_, i) => `${i}`.length + 997).reduce((a, b) => a + b, 0);
    const shown =
      only.text.length - `\n… ${only.cut.characters.toLocaleString('en-US')} characters not shown …\n`.length;
    expect(shown).toBe(STREAM_SHOWN);
    expect(only.cut.characters).toBe(whole - STREAM_SHOWN);
  });

  it('takes a long line with one return in it without trying every place', () => {
    const outputs = fold(said(`\r${'x'.repeat(120_000)}`, 'y'.repeat(120_000)));
    expect(textOf(outputs).endsWith('y')).toBe(true);
  });

  it('says on its last output where the whole is', () => {
    const spill = { url: '/api/outputs/e/stdout', bytes: 9, lines: 1 };
    expect(fold([...said('a'), { type: 'spill', name: 'stdout', spill }, ...said('b')])).toEqual([
      { type: 'stream', name: 'stdout', text: 'ab', spill },
    ]);
  });

  it('cannot fill a page by alternating', () => {
    const outputs = fold(
      Array.from({ length: 5000 }, (_, i) => ({ type: 'stream', name: i % 2 ? 'stderr' : 'stdout', text: `${i}\n` })),
    );
    expect(outputs.length).toBeLessThanOrEqual(1000);
    expect(textOf(outputs)).toContain('4999\n');
  });
});

describe('an error that nobody caught', () => {
  const failed = (message: string, line: number): OutputEvent => ({
    type: 'uncaught',
    error: { name: 'Error', message, frames: [{ cell: 'a', line, column: 1 }] },
    cell: 'a',
  });

  it('is an output once, and counted, while it happens again and again at the same place', () => {
    const outputs = fold([failed('x', 1), failed('x', 1), failed('x', 2), failed('x', 1)]);
    expect(outputs).toMatchObject([
      { type: 'error', error: { frames: [{ line: 1 }] }, uncaught: { times: 2, cell: 'a' } },
      { type: 'error', error: { frames: [{ line: 2 }] }, uncaught: { times: 1 } },
      { type: 'error', error: { frames: [{ line: 1 }] }, uncaught: { times: 1 } },
    ]);
  });

  it('is not counted with the error that ended the run', () => {
    const error = { name: 'Error', message: 'x', frames: [{ cell: 'a', line: 1, column: 1 }] };
    const outputs = fold([{ type: 'error', error }, failed('x', 1)]);
    expect(outputs.map((output) => output.type === 'error' && output.uncaught?.times)).toEqual([undefined, 1]);
  });
});

describe('bounded sending', () => {
  const short = fc.stringMatching(/^[ab\r\n]{0,12}$/);
  const long = (fills: string[]) =>
    fc
      .record({ fill: fc.constantFrom(...fills), times: fc.integer({ min: 1, max: 90_000 }) })
      .map(({ fill, times }) => fill.repeat(times));
  const check = (pieces: string[], same: (bounded: Output[], whole: Output[]) => void): void => {
    const bounded = pieces.flatMap((text) => boundedStream('stdout', text));
    for (const { text } of bounded) expect(text.length).toBeLessThanOrEqual(STREAM_SHOWN);
    same(fold(bounded), fold(said(...pieces)));
  };

  it('shows exactly what sending everything would show', () => {
    const exact = fc.oneof(fc.array(short), fc.array(long(['xy', 'x\n', 'xyz\n']), { maxLength: 5 }));
    fc.assert(
      fc.property(exact, (pieces) => check(pieces, (bounded, whole) => expect(bounded).toEqual(whole))),
      { numRuns: 300 },
    );
  });

  it('ends as sending everything would end, whatever is overwritten in what is cut', () => {
    const mixed = fc.array(fc.oneof(short, long(['x', 'x\n', 'y\r'])), { maxLength: 5 });
    const end = (outputs: Output[]): string => textOf(outputs).slice(-500).split('\n').slice(1).join('\n');
    fc.assert(
      fc.property(mixed, (pieces) => check(pieces, (bounded, whole) => expect(end(bounded)).toBe(end(whole)))),
      { numRuns: 300 },
    );
  });
});
