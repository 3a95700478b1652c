import type { Output } from '@trialroom/shared/notebook/outputs';
import { describe, expect, it } from 'vitest';
import { foldAll, patchOutputs } from './notebook-view.ts';

const say = (text: string) => ({ type: 'stream' as const, name: 'stdout' as const, text });
const show = (id: string, value: number) => ({ type: 'display' as const, data: { x: value }, metadata: {}, id });

describe('patchOutputs', () => {
  it('keeps the identity of outputs that only grew, so that they are not built anew', () => {
    const before = foldAll([], [say('one\n'), show('chart', 1)]);
    const shown: Output[] = before.map((output) => ({ ...output }));
    const [text, chart] = shown;
    patchOutputs(shown, before, foldAll(before, [{ type: 'update', data: { x: 2 }, metadata: {}, id: 'chart' }]));
    expect(shown[0]).toBe(text);
    expect(shown[1]).toBe(chart);
    expect(shown[1]).toMatchObject({ data: { x: 2 } });
  });

  it('always ends with what the fold says', () => {
    const before = foldAll([], [say('one\n'), show('chart', 1), say('two')]);
    const shown = [...before];
    const after = foldAll([], [show('other', 5)]);
    patchOutputs(shown, before, after);
    expect(shown).toEqual(after);
    patchOutputs(shown, after, []);
    expect(shown).toEqual([]);
  });
});
