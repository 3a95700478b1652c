import { describe, expect, it } from 'vitest';
import { watchersOf } from './watching.ts';

const user = (name: string) => ({ id: name, name, colour: 'a' });
const sight = { page: '/trials/t1', search: '?x=time', panel: 'curves', at: '120', wall: false };
const of = (states: [number, Record<string, unknown>][]) =>
  watchersOf({ clientID: 2, getStates: () => new Map(states) }).map(({ person, own, sight }) => [
    person.name,
    own,
    sight?.page,
  ]);

describe('who watches', () => {
  it('is everyone, this window first', () => {
    expect(
      of([
        [1, { user: user('Zoe'), sight }],
        [2, { user: user('Mia'), sight }],
        [3, { user: user('Ada') }],
      ]),
    ).toEqual([
      ['Mia', true, '/trials/t1'],
      ['Ada', false, undefined],
      ['Zoe', false, '/trials/t1'],
    ]);
  });

  it('is nobody who makes no sense, and nobody leads out of the rooms', () => {
    expect(
      of([
        [1, {}],
        [3, { user: { id: 1 } }],
      ]),
    ).toEqual([]);
    for (const page of [
      '//elsewhere.example',
      'https://elsewhere.example',
      '/notebooks/1',
      'javascript:alert(1)',
      '/trials/../x/y',
    ])
      expect(of([[1, { user: user('Eve'), sight: { ...sight, page } }]])).toEqual([['Eve', false, undefined]]);
  });
});
