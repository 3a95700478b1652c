import type { Annotation } from '@trialroom/shared/annotation/annotation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldThreads, NO_THREADS, type ThreadNews, type Threads, threadsOf } from './fold.ts';

const author = { id: 'ada', name: 'Ada', colour: 'a' } as const;
const thread = (id: string, revision: number, readTo = 0): Annotation => ({
  id,
  subject: { kind: 'trial', id: 't' },
  number: Number(id),
  target: { kind: 'trial' },
  messages: [{ id: `${id}-${revision}`, author, text: `${revision}`, at: revision, editedAt: null }],
  createdAt: Number(id),
  resolved: null,
  revision,
  readTo,
});
const fold = (news: readonly ThreadNews[], from: Threads = NO_THREADS): Threads => news.reduce(foldThreads, from);
const shown = (state: Threads): string[] =>
  threadsOf(state).map(({ id, revision, readTo }) => `${id}.${revision}.${readTo}`);

/** What a server does, one thing after another, and what it tells of it. */
const Step = fc.record({
  thread: fc.integer({ min: 1, max: 5 }),
  does: fc.constantFrom('change', 'change', 'end', 'read'),
});

/** The news of these steps, and what is there after each of them. */
function server(steps: readonly { thread: number; does: string }[]): { news: ThreadNews[]; after: Annotation[][] } {
  const there = new Map<string, Annotation>();
  const gone = new Set<string>();
  const news: ThreadNews[] = [];
  const after: Annotation[][] = [[]];
  steps.forEach(({ thread: number, does }, index) => {
    const id = String(number);
    const known = there.get(id);
    if (gone.has(id) || (!known && does !== 'change')) return;
    if (does === 'change') {
      const next = { ...thread(id, (known?.revision ?? 0) + 1), readTo: known?.readTo ?? 0 };
      there.set(id, next);
      news.push({ type: 'changed', thread: { ...next, readTo: 0 } });
    } else if (does === 'end') {
      there.delete(id);
      gone.add(id);
      news.push({ type: 'gone', id });
    } else if (known) {
      there.set(id, { ...known, readTo: index + 1 });
      news.push({ type: 'read', id, to: index + 1 });
    }
    after.push([...there.values()]);
  });
  return { news, after };
}
const truth = (threads: readonly Annotation[]): string[] =>
  [...threads]
    .sort((a, b) => Number(a.id) - Number(b.id))
    .map(({ id, revision, readTo }) => `${id}.${revision}.${readTo}`);

describe('threads of a page', () => {
  it('property: news in any order, and twice, end in what the server has', () => {
    fc.assert(
      fc.property(
        fc.array(Step, { maxLength: 30 }).chain((steps) => {
          const told = server(steps);
          return fc.record({
            told: fc.constant(told),
            order: fc.shuffledSubarray([...told.news, ...told.news], { minLength: told.news.length * 2 }),
          });
        }),
        ({ told, order }) => {
          expect(shown(fold(order))).toEqual(truth(told.after.at(-1) ?? []));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('property: what was missed is made good by reading all of it, whatever is told meanwhile', () => {
    fc.assert(
      fc.property(
        fc.array(Step, { maxLength: 30 }),
        fc.array(fc.nat(), { minLength: 3, maxLength: 3 }),
        (steps, cuts) => {
          const { news, after } = server(steps);
          const [lost = 0, asked = 0, read = 0] = cuts.map((cut) => cut % (news.length + 1)).sort((a, b) => a - b);
          // Heard up to `lost`, nothing until `asked`; the server reads at `read`, its answer comes at the end.
          const early = fold(news.slice(0, lost));
          const state = fold(
            [
              { type: 'asked', ticket: 1 },
              ...news.slice(asked),
              { type: 'loaded', ticket: 1, threads: after[read] ?? [] },
            ],
            early,
          );
          expect(shown(state)).toEqual(truth(after.at(-1) ?? []));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('takes nothing away for an answer that a later question has overtaken', () => {
    const state = fold([
      { type: 'asked', ticket: 1 },
      { type: 'changed', thread: thread('1', 1) },
      { type: 'asked', ticket: 2 },
      { type: 'loaded', ticket: 1, threads: [] },
    ]);
    expect(shown(state)).toEqual(['1.1.0']);
    expect(shown(fold([{ type: 'loaded', ticket: 2, threads: [] }], state))).toEqual([]);
  });
});
