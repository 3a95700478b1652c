/** Random filters and trials for property tests, here and of the server's SQL: keys, texts and numbers meet often. */
import fc from 'fast-check';
import { type Trial, TrialStatus } from '../trial.ts';
import { kindOf, unfit } from './fields.ts';
import type { FilterRow, MetricTotals } from './matches.ts';
import {
  both,
  either,
  type Field,
  type Filter,
  OPERATORS,
  QUALITIES,
  READINGS,
  TEXT_FIELDS,
  TIME_FIELDS,
  type Value,
} from './types.ts';

export const NOW = Date.UTC(2026, 10, 21, 12);
export const ME = 'p1';

const WORDS = [
  'loss',
  'val_acc',
  'adam',
  'Ada',
  'ÉMILIE',
  'émilie',
  'val acc',
  'a.b',
  'none',
  'or',
  'x"y\\z',
  '7d',
  'true',
  '0.1',
  '日本',
  'ß',
];
const keys = fc.oneof(
  fc.constantFrom('loss', 'acc', 'lr', 'optim.lr', 'a b', 'status', '0'),
  fc.constantFrom(...WORDS),
);
const texts = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...WORDS) },
  fc.string({ minLength: 1, maxLength: 6, unit: fc.constantFrom(...'aAéÉ /:"\\-.1%_') }),
);
const numbers = fc.oneof(
  fc.constantFrom(0, 0.1, 0.5, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  fc.double({ noDefaultInfinity: true, noNaN: true }),
);
const spans = fc.integer({ min: 0, max: 40 * 86_400_000 });
const instants = spans.map((ms) => NOW - ms);

const EXPRESSIONS = ['^a', 'a|d', '[a-f]+', 'l.ss$', '(ab)*c', '\\d{1,3}', '[^\\w]', 'É', '\\.', '[/"]', '\\\\'];

const field: fc.Arbitrary<Field> = fc.oneof(
  fc.record({ of: fc.constant('metric' as const), key: keys, reading: fc.constantFrom(...READINGS) }),
  fc.record({ of: fc.constantFrom('params' as const, 'summary' as const), key: keys }),
  fc.record({ of: fc.constant('text' as const), name: fc.constantFrom(...TEXT_FIELDS) }),
  fc.record({ of: fc.constant('time' as const), name: fc.constantFrom(...TIME_FIELDS) }),
  fc.constantFrom<Field>({ of: 'objective' }, { of: 'status' }, { of: 'tag' }, { of: 'ran' }),
);

const value: fc.Arbitrary<Value> = fc.oneof(
  numbers.map((one): Value => ({ type: 'number', value: one })),
  fc.oneof(texts, fc.constantFrom(...TrialStatus.options)).map((one): Value => ({ type: 'text', value: one })),
  fc.boolean().map((one): Value => ({ type: 'truth', value: one })),
  fc.constant<Value>({ type: 'none' }),
  spans.map((ms): Value => ({ type: 'span', ms })),
  instants.map((ms): Value => ({ type: 'instant', ms })),
);

/** A value that cannot be written as one: JSON knows no NaN, so parameters are never compared with it. */
const odd = (of: Field, one: Value): boolean =>
  kindOf(of) === 'any' && one.type === 'number' && !Number.isFinite(one.value);

const comparison = fc
  .tuple(field, fc.constantFrom(...OPERATORS), value)
  .filter(([of, operator, one]) => unfit(of, operator, one) === null && !odd(of, one))
  .map(([of, operator, one]): Filter => ({ type: 'compare', field: of, operator, value: one }));

const looked = field.filter((of) => ['text', 'any', 'tag'].includes(kindOf(of)));

const leaf: fc.Arbitrary<Filter> = fc.oneof(
  { weight: 6, arbitrary: comparison },
  fc
    .tuple(field, fc.array(value, { minLength: 1, maxLength: 3 }))
    .filter(([of, values]) => values.every((one) => unfit(of, '=', one) === null && !odd(of, one)))
    .map(([of, values]): Filter => ({ type: 'in', field: of, values })),
  fc.tuple(looked, texts).map(([of, text]): Filter => ({ type: 'within', field: of, text })),
  fc
    .tuple(looked, fc.constantFrom(...EXPRESSIONS))
    .map(([of, expression]): Filter => ({ type: 'fits', field: of, expression })),
  fc.constantFrom(...QUALITIES).map((quality): Filter => ({ type: 'is', quality })),
  texts.map((text): Filter => ({ type: 'word', text })),
);

/** Any filter that a person can write. */
export const filters: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.array(tie('filter'), { minLength: 2, maxLength: 3 }).map((parts) => both(...parts)),
    fc.array(tie('filter'), { minLength: 2, maxLength: 3 }).map((parts) => either(...parts)),
    tie('filter').map((part): Filter => ({ type: 'not', part })),
  ),
})).filter;

const finite = numbers.filter(Number.isFinite);
const json = fc.oneof(
  finite,
  texts,
  fc.boolean(),
  fc.constant(null),
  fc.dictionary(keys, fc.oneof(finite, texts), { maxKeys: 2, noNullPrototype: true }),
  fc.array(fc.oneof(finite, texts), { maxLength: 2 }),
);
const record = fc.dictionary(keys, json, { maxKeys: 4, noNullPrototype: true });

const totals: fc.Arbitrary<MetricTotals> = fc
  .tuple(fc.array(numbers, { minLength: 1, maxLength: 3 }), fc.nat(100))
  .map(([values, lastStep]) => {
    const plain = values.filter(Number.isFinite);
    return {
      last: values.at(-1) ?? 0,
      lastStep,
      min: plain.length > 0 ? Math.min(...plain) : null,
      max: plain.length > 0 ? Math.max(...plain) : null,
      count: values.length,
    };
  });

const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null });

/** Any trial, as filters see it; its id is `t`. */
export const rows: fc.Arbitrary<FilterRow> = fc.record({
  trial: fc.record<Trial>({
    id: fc.constant('t'),
    experiment: texts,
    experimentId: fc.constant('e'),
    name: texts,
    status: fc.constantFrom(...TrialStatus.options),
    stopRequested: fc.constant(false),
    pauseRequested: fc.constant(false),
    release: fc.constant('none' as const),
    checkpoint: fc.constant(null),
    revision: fc.constant(0),
    params: record,
    objective: orNull(fc.record({ key: keys, direction: fc.constantFrom('minimise' as const, 'maximise' as const) })),
    progress: fc.constant(null),
    summary: record,
    reason: orNull(texts),
    notebook: orNull(fc.record({ id: fc.constant('n'), path: texts })),
    cell: fc.constant(null),
    backend: orNull(texts),
    by: orNull(fc.record({ id: fc.constantFrom(ME, 'p2'), name: texts, colour: fc.constant('a') })),
    tags: fc.array(texts, { maxLength: 2 }),
    starred: fc.boolean(),
    note: fc.oneof(fc.constant(''), texts),
    createdAt: instants,
    startedAt: orNull(instants),
    endedAt: orNull(instants),
    archivedAt: orNull(instants),
  }),
  metrics: fc.dictionary(keys, totals, { maxKeys: 4, noNullPrototype: true }),
  baseline: fc.boolean(),
});
