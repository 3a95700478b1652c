import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Decision, decide, type Step, type Stretch } from './grouping.ts';

const PACE = { pause: 100, longest: 1000 };

/** Feeds steps one after another, looking whenever it was asked to; gives what was kept. */
function play(steps: readonly Step[]): NonNullable<Decision['keep']>[] {
  const kept: NonNullable<Decision['keep']>[] = [];
  let stretch: Stretch = null;
  let look: number | null = null;
  const take = (step: Step): void => {
    const decision = decide(stretch, step, PACE);
    ({ stretch, look } = decision);
    if (decision.keep) kept.push(decision.keep);
  };
  for (const step of steps) {
    while ('at' in step && look !== null && look <= step.at) take({ type: 'looked', at: look });
    take(step);
  }
  while (look !== null) take({ type: 'looked', at: look });
  return kept;
}

const edited = (at: number, by: string | null = 'ada'): Step => ({ type: 'edited', at, by });

describe('when versions are kept', () => {
  test('after a pause, with everyone who edited, as of the last edit', () => {
    expect(play([edited(0), edited(50, 'ben'), edited(120), edited(400)])).toEqual([
      { at: 120, kind: 'auto', authors: ['ada', 'ben'] },
      { at: 400, kind: 'auto', authors: ['ada'] },
    ]);
  });

  test('after the longest stretch, though nobody paused', () => {
    const kept = play(Array.from({ length: 31 }, (_, index) => edited(index * 90)));
    expect(kept.map(({ at }) => at)).toEqual([990, 2070, 2700]);
  });

  test('a program alone is outside; what people wrote before it is a version of its own', () => {
    const steps: Step[] = [edited(0), { type: 'interrupted' }, edited(10, null), { type: 'ended' }];
    expect(play(steps)).toEqual([
      { at: 0, kind: 'auto', authors: ['ada'] },
      { at: 10, kind: 'outside', authors: [] },
    ]);
    expect(play([{ type: 'interrupted' }, { type: 'ended' }])).toEqual([]);
  });

  test('what could not be stored waits for the next pause, with its people', () => {
    expect(play([{ type: 'failed', at: 5, authors: ['ben'] }, edited(50)])).toEqual([
      { at: 50, kind: 'auto', authors: ['ben', 'ada'] },
    ]);
  });

  test('every edit is in exactly one version, however people edit', () => {
    const people = fc.constantFrom('ada', 'ben', 'cyd', null);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(300), people), { minLength: 1, maxLength: 60 }), (gaps) => {
        let at = 0;
        const steps = gaps.map(([gap, by]) => {
          at += gap;
          return edited(at, by);
        });
        const kept = play(steps);
        expect(kept.at(-1)?.at).toBe(at);
        let from = -1;
        for (const version of kept) {
          const covered = steps.flatMap((step) =>
            step.type === 'edited' && step.at > from && step.at <= version.at ? [step] : [],
          );
          // Edits of one moment may fall on both sides of a version of that moment.
          for (const by of version.authors)
            expect(steps.some((step) => step.type === 'edited' && step.by === by)).toBe(true);
          for (const { by, at: when } of covered)
            if (by !== null && when > from && steps.filter((step) => 'at' in step && step.at === when).length === 1)
              expect(version.authors).toContain(by);
          from = version.at;
        }
      }),
    );
  });
});
