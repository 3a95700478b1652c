import type { Comparison } from '@trialroom/shared/api/comparison';
import { expect, test } from 'vitest';
import { compareHref, idsOf, placeOf } from './address.ts';
import { csvOf, jsonOf, markdownOf } from './export.ts';

const reading = (last: number | 'NaN', best: number | null) => ({
  ...{ last, lastStep: 3, best, bestStep: 2, min: best, max: best, count: 3 },
});
const comparison: Comparison = {
  ...{ trials: [], names: ['a, first', 'b|second'], metric: 'accuracy', direction: 'maximise', by: 'last' },
  metrics: [{ key: 'accuracy', direction: 'maximise', readings: [reading(0.5, 0.75), reading('NaN', null)] }],
  params: [
    { name: 'lr', values: ['0.1', null], differs: true },
    { name: 'text', values: ['"x, \\"y\\""', '"x, \\"y\\""'], differs: false },
  ],
  ...{ metricsLeftOut: 0, summary: [], environment: [], code: {}, ran: [null, null], predictions: null },
  seeds: {
    groups: [],
    pairs: [
      {
        ...{ first: 0, second: 1, welch: null, bootstrap: null, effect: null, adjustedP: null },
        verdict: {
          ...{ headline: 'One run each says nothing about chance.', detail: '', strength: 'unknown', better: null },
          ...{ assumptions: [], missing: ['More seeds.'] },
        },
      },
    ],
  },
  regressions: [null, null],
};

test('as CSV, every field is one field', () => {
  expect(csvOf(comparison).split('\r\n')).toEqual([
    'kind,name,"a, first",b|second',
    '"metric, last",accuracy,0.5,NaN',
    '"metric, best",accuracy,0.75,',
    'parameter,lr,0.1,',
    'parameter,text,"""x, \\""y\\""""","""x, \\""y\\"""""',
    '',
  ]);
});

test('as JSON, all of it', () => {
  expect(JSON.parse(jsonOf(comparison))).toEqual(comparison);
});

test('as Markdown, the verdict first, and only what differs', () => {
  const text = markdownOf(comparison, String);
  expect(text).toContain('**One run each says nothing about chance.**\n\nMissing: More seeds.');
  expect(text).toContain('| metric | a, first | b\\|second |');
  expect(text).toContain('| accuracy | 0.5 (best 0.75) | NaN |');
  expect(text).toContain('| lr | 0.1 | — |');
  expect(text).not.toContain('text');
  expect(text).toContain('## Environment\n\nNothing differs.');
});

test('an address holds each trial once, and a place that there is', () => {
  expect(idsOf('a,b,,a')).toEqual(['a', 'b']);
  expect(compareHref(['a', 'b/c'])).toBe('/compare?trials=a,b%2Fc');
  expect(['1', '2', '-1', 'x', undefined].map((text) => placeOf(text, 2, 0))).toEqual([1, 0, 0, 0, 0]);
});
