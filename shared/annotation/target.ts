/**
 * What threads are pinned to. A thread keeps its place when what it is pinned to moves, and is kept, marked as orphaned by
 * whoever draws it, when that is gone: so each target also keeps what was seen there when the thread was begun.
 */
import { z } from 'zod';
import { WireNumber } from '../trial/points.ts';

/** How much of what a thread is pinned to is kept as its quote, in characters. */
export const MOST_QUOTE = 2000;
/** Longest name of a metric, an evaluation or a label that a thread may be pinned to, in characters. */
export const MOST_KEY = 20_000;
/** Most metrics of one range, and the characters of all their names together. */
export const MOST_KEYS = 64;
const MOST_KEYS_LENGTH = 100_000;

const cell = z.string().min(1).max(200);
const quote = z.string().max(MOST_QUOTE);
const key = z.string().min(1).max(MOST_KEY);
/** Steps have a place on an axis: finite, of either sign, whole or not. */
const step = z.number({ error: 'a step is a finite number' });
const seq = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
/** A row or a column of a matrix, from 0. */
const place = z.number().int().nonnegative().max(1_000_000);

const onCell = z.object({ kind: z.literal('cell'), cell, home: z.string().max(200).optional() });
const onText = z.object({
  kind: z.literal('text'),
  cell,
  start: z.base64().max(400),
  end: z.base64().max(400),
  quote,
});
const onOutput = z.object({
  kind: z.literal('output'),
  cell,
  index: z.number().int().nonnegative(),
  execution: z.string().max(40).optional(),
  quote,
});
const onTrial = z.object({ kind: z.literal('trial') });
const onExperiment = z.object({ kind: z.literal('experiment') });
const onPoint = z.object({ kind: z.literal('point'), key: key.nullable(), step, value: WireNumber.nullable() });
const keys = z
  .array(key)
  .max(MOST_KEYS)
  .refine((all) => all.reduce((sum, { length }) => sum + length, 0) <= MOST_KEYS_LENGTH, {
    error: `the names of a range's metrics have at most ${MOST_KEYS_LENGTH} characters together; leave them out for all`,
  });
const onRange = z
  .object({ kind: z.literal('range'), keys, from: step, to: step })
  .refine(({ from, to }) => from <= to, { error: 'a range begins before it ends', path: ['to'] });
const onImage = z.object({ kind: z.literal('image'), seq, key, step: step.nullable(), quote });
const onLog = z.object({ kind: z.literal('log'), seq, quote });
const onConfusion = z.object({
  kind: z.literal('confusion'),
  evaluation: key,
  row: place,
  column: place,
  labels: z.tuple([z.string().max(MOST_KEY), z.string().max(MOST_KEY)]),
  count: z.number().nonnegative().nullable(),
});
const onPanel = z.object({ kind: z.literal('panel'), id: z.string().min(1).max(200), quote });

/**
 * Places in a notebook.
 * `cell`: a cell; `home` is the one that it was begun on, where that was joined into `cell` since.
 * `text`: a range of a cell's source. `start` and `end` are Yjs relative positions (`Y.encodeRelativePosition`, base64), so
 * the range sticks to its letters as text moves; `quote` is what it said when the thread was begun.
 * `output`: one output of a cell, `index` counted from 0 when the thread was begun; `quote` says in words what it showed, and
 * `execution` names the run that it came from, so that a later run's output is not taken for it.
 */
export const NotebookTarget = z.discriminatedUnion('kind', [onCell, onText, onOutput]);
export type NotebookTarget = z.infer<typeof NotebookTarget>;

/**
 * Places in a trial.
 * `trial`: the whole of it.
 * `point`: a step of a metric, and the value that it had there (null: none was shown); without a key, the step on all curves.
 * `range`: steps of some metrics, both ends included; without keys, of all.
 * `image`: something logged beside the metrics, by the `seq` of its event; `quote` is its caption.
 * `log`: a line, by its `seq`; `quote` is what it said.
 * `confusion`: a cell of a confusion matrix, the true label first; `count` is what stood in it.
 * `panel`: a panel of the room; `quote` is its title.
 */
export const TrialTarget = z.discriminatedUnion('kind', [
  onTrial,
  onPoint,
  onRange,
  onImage,
  onLog,
  onConfusion,
  onPanel,
]);
export type TrialTarget = z.infer<typeof TrialTarget>;

/** Places in an experiment: the whole of it, steps that its trials share, a panel of its page. */
export const ExperimentTarget = z.discriminatedUnion('kind', [onExperiment, onPoint, onRange, onPanel]);
export type ExperimentTarget = z.infer<typeof ExperimentTarget>;

export const AnnotationTarget = z.discriminatedUnion('kind', [
  onCell,
  onText,
  onOutput,
  onExperiment,
  ...TrialTarget.options,
]);
export type AnnotationTarget = z.infer<typeof AnnotationTarget>;

/** What a thread belongs to. */
export const Subject = z.object({ kind: z.enum(['notebook', 'trial', 'experiment']), id: z.string().min(1).max(200) });
export type Subject = z.infer<typeof Subject>;

/** The places that threads on each kind of subject may be pinned to. */
export const TARGETS = {
  notebook: NotebookTarget,
  trial: TrialTarget,
  experiment: ExperimentTarget,
} as const satisfies Record<Subject['kind'], z.ZodType<AnnotationTarget>>;

/** True when the two name the same notebook, trial or experiment. */
export const sameSubject = (a: Subject, b: Subject): boolean => a.kind === b.kind && a.id === b.id;

/** The steps that a target stands at, both ends included; null: it has no place on an axis of steps. */
export function stepsOf(target: AnnotationTarget): { from: number; to: number } | null {
  switch (target.kind) {
    case 'point':
      return { from: target.step, to: target.step };
    case 'range':
      return { from: target.from, to: target.to };
    case 'image':
      return target.step === null ? null : { from: target.step, to: target.step };
    default:
      return null;
  }
}

/** What the place showed when the thread was begun; null: it is kept in other words, or there was nothing to keep. */
export const quoteOf = (target: AnnotationTarget): string | null =>
  'quote' in target && target.quote !== '' ? target.quote : null;
