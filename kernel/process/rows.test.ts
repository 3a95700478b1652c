import { FrameReader } from '@trialroom/shared/kernel/framing';
import { expect, it } from 'vitest';
import { CellCompiler } from '../cell/compile.ts';
import { cellOf, frameSize, framesOf, runRow } from './rows.ts';

it('a cell is the same behind its row, maps of several steps included', () => {
  const compiler = new CellCompiler();
  for (const source of ['1 + 1', 'const a: number = 1;\na', '@dec class A {}', '{ a: 1 }']) {
    const { defines: _, uses: __, ...cell } = compiler.compile('cell', 3, source);
    expect(cellOf(runRow('execution', 1, { ...cell, defines: ['a'], uses: ['b'] }))).toEqual(cell);
  }
});

it('texts are read as the frames that they are, however long their characters', () => {
  const messages = [{ text: 'plain' }, { text: 'é 😀 \ud83d' }, { text: 'x'.repeat(100_000) }, {}];
  const texts = messages.map((message) => JSON.stringify(message));
  const frames = new FrameReader().push(framesOf(texts));
  expect(frames.map(({ header }) => header)).toEqual(messages);
  expect(frames.map(({ bytes }) => bytes)).toEqual(texts.map(frameSize));
});
