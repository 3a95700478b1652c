import type { Annotation } from '@trialroom/shared/annotation/annotation';
import type { AnnotationTarget } from '@trialroom/shared/annotation/target';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { byStep, fits, says } from './filter.ts';
import { marksOf } from './marks.ts';

const ada = { id: 'ada', name: 'Ada', colour: 'a' } as const;
const ben = { id: 'ben', name: 'Ben', colour: 'b' } as const;
let made = 0;
const thread = (target: AnnotationTarget, more: Partial<Annotation> = {}): Annotation => {
  const number = ++made;
  return {
    id: `thread${number}`,
    subject: { kind: 'trial', id: 't' },
    number,
    target,
    messages: [{ id: 'm', author: ada, text: 'Why *this*?', at: number, editedAt: null }],
    createdAt: number,
    resolved: null,
    revision: 1,
    readTo: 0,
    ...more,
  };
};
const point = (step: number, key: string | null = null): AnnotationTarget => ({
  kind: 'point',
  key,
  step,
  value: null,
});

test('open threads with a step are marks, in the order of steps, under their numbers', () => {
  const threads = [
    thread(point(300), { number: 1 }),
    thread({ kind: 'range', keys: ['loss'], from: 100, to: 200 }, { number: 2 }),
    thread({ kind: 'trial' }, { number: 3 }),
    thread(point(50), { number: 4, resolved: { by: ada, at: 1 } }),
    thread({ kind: 'image', seq: 1, key: 'samples', step: 150, quote: '' }, { number: 5 }),
    thread({ kind: 'image', seq: 1, key: 'samples', step: null, quote: '' }, { number: 6 }),
  ];
  expect(marksOf(threads).map(({ label, from, to }) => [label, from, to])).toEqual([
    ['2', 100, 200],
    ['5', 150, 150],
    ['1', 300, 300],
  ]);
  expect(marksOf(threads)[2]?.title).toBe('Ada, at 300: Why *this*?');
});

test('a curve is marked by threads on its metric, and by those on all', () => {
  const threads = [
    thread(point(1, 'loss'), { number: 1 }),
    thread(point(2, 'accuracy'), { number: 2 }),
    thread(point(3), { number: 3 }),
    thread({ kind: 'range', keys: [], from: 4, to: 5 }, { number: 4 }),
  ];
  expect(marksOf(threads, 'loss').map(({ label }) => label)).toEqual(['1', '3', '4']);
  expect(marksOf(threads, 'accuracy').map(({ label }) => label)).toEqual(['2', '3', '4']);
});

describe('the margin', () => {
  it('shows what happens last first, the whole of it before that and what has no step after it', () => {
    const threads = [
      thread(point(10), { number: 1 }),
      thread({ kind: 'log', seq: 3, quote: 'slow' }, { number: 2 }),
      thread(point(90), { number: 3 }),
      thread({ kind: 'trial' }, { number: 4 }),
      thread({ kind: 'range', keys: [], from: 20, to: 50 }, { number: 5 }),
    ];
    expect(threads.toSorted(byStep).map(({ number }) => number)).toEqual([4, 3, 5, 1, 2]);
  });

  it('property: the order is one order, however the threads come', () => {
    const some = fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 12 });
    fc.assert(
      fc.property(
        some.chain((steps) =>
          fc.tuple(fc.constant(steps), fc.shuffledSubarray([...steps.keys()], { minLength: steps.length })),
        ),
        ([steps, order]) => {
          const threads = steps.map((step, index) =>
            thread(step === 0 ? { kind: 'trial' } : point(step), { id: `${index}`, createdAt: index % 3 }),
          );
          const shuffled = order.flatMap((index) => threads[index] ?? []);
          expect(shuffled.sort(byStep).map(({ id }) => id)).toEqual(threads.toSorted(byStep).map(({ id }) => id));
        },
      ),
    );
  });

  it('lists what is open, mine, unread or resolved', () => {
    const mine = thread(point(1));
    const asked = thread(point(2), {
      messages: [{ id: 'm', author: ada, text: 'Look, @[Ben](ben)', at: 5, editedAt: null }],
    });
    const settled = thread(point(3), { resolved: { by: ben, at: 1 } });
    const listed = (filter: Parameters<typeof fits>[0], person: string): Annotation[] =>
      [mine, asked, settled].filter((one) => fits(filter, one, person));
    expect(listed('open', 'ben')).toEqual([mine, asked]);
    expect(listed('mine', 'ben')).toEqual([asked]);
    expect(listed('mine', 'ada')).toEqual([mine, asked]);
    expect(listed('unread', 'ben')).toEqual([mine, asked]);
    expect(listed('unread', 'ada')).toEqual([]);
    expect(listed('resolved', 'ben')).toEqual([settled]);
  });

  it('finds words wherever they stand: in what was said and seen, by whom, and where', () => {
    const one = thread({ kind: 'log', seq: 34, quote: 'shard 0412 slow' });
    for (const sought of ['', '  ', 'THIS', 'ada why', 'shard slow', 'line 34'])
      expect(says(one, sought), sought).toBe(true);
    for (const sought of ['ben', 'why not']) expect(says(one, sought), sought).toBe(false);
  });
});
