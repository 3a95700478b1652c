import { writeNotes } from '@trialroom/shared/annotation/export';
import { expect, test } from 'vitest';
import { columnsIn, csvOfTrials } from './export.ts';
import { SEEDS } from './testing-served.ts';

test('a table of trials holds what people have noted on them, as JSON in the last column', () => {
  const rows = SEEDS.slice(0, 2).map((row, at) => ({ ...row, trial: { ...row.trial, id: `t${at}` } }));
  const author = { id: 'ada', name: 'Ada', colour: 'a' as const, role: 'editor' as const };
  const notes = writeNotes([
    {
      ...{ id: 'n', number: 1, subject: { kind: 'trial', id: 't0' }, target: { kind: 'trial' } },
      ...{ createdAt: 0, resolved: null, readTo: 0, revision: 1 },
      messages: [{ id: 'm', author, at: 0, editedAt: null, text: 'One, "two",\nthree' }],
    },
  ]);
  const plain = csvOfTrials(rows, columnsIn(rows), 0).split('\r\n');
  const [header = '', first = '', second = ''] = csvOfTrials(rows, columnsIn(rows), 0, new Map([['t0', notes]])).split(
    '\r\n',
  );
  expect(header).toBe(`${plain[0]},annotations`);
  expect(second).toBe(`${plain[2]},`);
  const field = first.slice((plain[1] ?? '').length + 1);
  expect(JSON.parse(field.slice(1, -1).replaceAll('""', '"'))).toEqual(notes);
});
