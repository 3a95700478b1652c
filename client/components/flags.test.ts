import { describe, expect, it } from 'vitest';
import { flagText, groupFlags } from './flags.ts';

const flag = (label: string, at: number) => ({ id: `id-${label}`, at, label, title: label });
const read = (places: readonly (readonly [string, number])[], gap: number): string[] =>
  groupFlags(
    places.map(([label, at]) => flag(label, at)),
    gap,
  ).map((group) => `${flagText(group)} at ${group.at}`);

describe('flags above a rule', () => {
  it('stay apart where there is room', () => {
    expect(
      read(
        [
          ['2', 60],
          ['1', 10],
          ['3', 90],
        ],
        20,
      ),
    ).toEqual(['1 at 10', '2 at 60', '3 at 90']);
  });

  it('are one flag at the place of the first where they would cover each other', () => {
    expect(
      read(
        [
          ['13', 14],
          ['2', 11],
          ['18', 19],
          ['27', 36],
        ],
        10,
      ),
    ).toEqual(['2+2 at 11', '27 at 36']);
  });

  it('never chain beyond the gap: the flag in front is near to all behind it', () => {
    expect(
      read(
        [
          ['1', 0],
          ['2', 8],
          ['3', 16],
          ['4', 24],
        ],
        10,
      ),
    ).toEqual(['1+1 at 0', '3+1 at 16']);
  });

  it('that stand at one place are one, before the width is known', () => {
    expect(
      read(
        [
          ['1', 5],
          ['2', 5],
          ['3', 6],
        ],
        0,
      ),
    ).toEqual(['1+1 at 5', '3 at 6']);
  });
});
