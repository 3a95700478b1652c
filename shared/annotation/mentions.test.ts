import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mentionOf, mentionsIn, readable, storable } from './mentions.ts';

const ada = { id: '01JADA', name: 'Ada' };
const adaB = { id: '01JADAB', name: 'Ada B.' };

test('are written as names and stored with ids, the longer name first', () => {
  const stored = storable('@Ada B. and @Ada, not @Adam or ada@Ada.com: @Nobody', [ada, adaB]);
  expect(stored).toBe('@[Ada B.](01JADAB) and @[Ada](01JADA), not @Adam or ada@[Ada](01JADA).com: @Nobody');
  expect(mentionsIn(stored)).toEqual([adaB, ada]);
  expect(readable(stored)).toBe('@Ada B. and @Ada, not @Adam or ada@Ada.com: @Nobody');
});

test('a name cannot break out of its mention', () => {
  const odd = { id: '01J', name: 'a](javascript:x) [b' };
  expect(mentionOf(odd)).toBe('@[a(javascript:x) b](01J)');
  expect(mentionsIn(mentionOf(odd))).toEqual([{ id: '01J', name: 'a(javascript:x) b' }]);
});

test('property: a text that is edited and stored again says the same', () => {
  const person = fc.record({
    id: fc.stringMatching(/^[0-9A-Z]{4,26}$/),
    name: fc.stringMatching(/^[A-Za-z.é -]{1,20}$/),
  });
  fc.assert(
    fc.property(fc.array(person, { maxLength: 3 }), fc.array(fc.string({ maxLength: 20 })), (people, words) => {
      const unique = [...new Map(people.map((one) => [one.name, one])).values()];
      const stored = words
        .map((word, index) => {
          const one = unique[index % Math.max(1, unique.length)];
          return one ? `${word.replaceAll('@', '')} ${mentionOf(one)}, ` : word.replaceAll('@', '');
        })
        .join('');
      expect(storable(readable(stored), mentionsIn(stored))).toBe(stored);
    }),
  );
});
