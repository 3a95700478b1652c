/** Figures of a classifier on examples whose classes are known. */
import {
  type Averages,
  type ClassFigures,
  type ClassificationEvaluation,
  MOST_CLASSES,
  MOST_SWEEP,
  type Sample,
} from '@trialroom/shared/trial/evaluation';
import { calibrationOf, LEAST } from './calibration.ts';
import { nearestTo } from './neighbours.ts';
import type { ClassificationOptions } from './options.ts';
import { type Previews, previewsOf } from './previews.ts';
import { mustPair, type Probabilities, readClasses, readIds, readProbabilities } from './read.ts';
import { sweepOf } from './sweep.ts';

/** Samples kept of one cell of the confusion matrix, and of all. */
const CELL_SAMPLES = 12;
const MOST_SAMPLES = 1500;
const WORST = 24;
const NEIGHBOURS = 5;
/** Points of all classes' sweeps together. */
const SWEEP_ROOM = 20_000;

/** The evaluation, and each example's prediction. */
export interface Classified {
  evaluation: ClassificationEvaluation;
  ids: string[];
  truth: Int32Array;
  predicted: Int32Array;
  probabilities: Probabilities | null;
}

/** @throws RangeError for data that do not fit together, naming what and where */
export async function classify(options: ClassificationOptions, at: number): Promise<Classified> {
  const probabilities = await readProbabilities(options);
  const given = options.classes ?? null;
  if (given && new Set(given).size !== given.length) throw new RangeError('evaluate: two classes have the same name');
  if (given && probabilities && given.length !== probabilities.classes) {
    throw new RangeError(
      `evaluate: there are ${given.length} classes, but ${probabilities.classes} columns of probabilities`,
    );
  }
  const known = given ?? (probabilities ? numbered(probabilities.classes) : null);
  const truth = await readClasses(options.truth, known, 'truth');
  if (truth.length === 0) throw new RangeError('evaluate: there are no examples: truth is empty');
  const predicted = await predictionsOf(options, probabilities, known, truth.length);
  const classes = known ?? numbered(Math.max(2, 1 + greatest(truth), 1 + greatest(predicted)));
  if (classes.length < 2 || classes.length > MOST_CLASSES) {
    throw new RangeError(`evaluate: there are ${classes.length} classes; 2 to ${MOST_CLASSES} can be told apart`);
  }
  const ids = readIds(options.ids, truth.length);
  const previews = await previewsOf(options.inputs, truth.length);
  const confusion = confusionOf(truth, predicted, classes.length);
  const perClass = classes.map((_, number) => figuresOf(number, confusion, classes.length, truth, probabilities));
  const shown = await showcase({ options, truth, predicted, probabilities, ids, previews, classes: classes.length });
  const right = truth.reduce((sum, label, row) => sum + (label === predicted[row] ? 1 : 0), 0);
  const evaluation: ClassificationEvaluation = {
    task: 'classification',
    name: options.name ?? 'test',
    at,
    classes: [...classes],
    count: truth.length,
    accuracy: right / truth.length,
    top: probabilities && topOf(probabilities, truth, Math.min(5, classes.length - 1)),
    perClass,
    macro: averageOf(perClass, () => 1),
    weighted: averageOf(perClass, ({ support }) => support),
    confusion,
    calibration: probabilities && calibrationOf(probabilities.values, classes.length, truth, predicted),
    ...shown,
    leftOut: previews.leftOut,
  };
  return { evaluation, ids, truth, predicted, probabilities };
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, number) => String(number));

const greatest = (values: Int32Array): number => values.reduce((a, b) => Math.max(a, b), 0);

async function predictionsOf(
  { predictions }: ClassificationOptions,
  probabilities: Probabilities | null,
  classes: readonly string[] | null,
  count: number,
): Promise<Int32Array> {
  if (!probabilities) {
    if (predictions === undefined) throw new TypeError('evaluate: give probabilities, logits or predictions');
    const read = await readClasses(predictions, classes, 'predictions');
    mustPair('predictions', read.length, count);
    return read;
  }
  if (predictions !== undefined) throw new RangeError('evaluate: give probabilities or predictions, not both');
  const { values, classes: width } = probabilities;
  mustPair('probabilities', values.length / width, count);
  return Int32Array.from({ length: count }, (_, row) => {
    let best = 0;
    for (let column = 1; column < width; column++) {
      if ((values[row * width + column] ?? 0) > (values[row * width + best] ?? 0)) best = column;
    }
    return best;
  });
}

function confusionOf(truth: Int32Array, predicted: Int32Array, classes: number): number[] {
  const counts = new Array<number>(classes * classes).fill(0);
  for (const [row, label] of truth.entries()) {
    const cell = label * classes + (predicted[row] ?? 0);
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  return counts;
}

function figuresOf(
  number: number,
  confusion: readonly number[],
  classes: number,
  truth: Int32Array,
  probabilities: Probabilities | null,
): ClassFigures {
  let support = 0;
  let predicted = 0;
  for (let other = 0; other < classes; other++) {
    support += confusion[number * classes + other] ?? 0;
    predicted += confusion[other * classes + number] ?? 0;
  }
  const hits = confusion[number * classes + number] ?? 0;
  const precision = predicted === 0 ? null : hits / predicted;
  const recall = support === 0 ? null : hits / support;
  const f1 = support + predicted === 0 ? null : (2 * hits) / (support + predicted);
  return { precision, recall, f1, support, predicted, sweep: probabilities && sweepFor(number, truth, probabilities) };
}

function sweepFor(number: number, truth: Int32Array, { values, classes }: Probabilities) {
  const support = truth.reduce((sum, label) => sum + (label === number ? 1 : 0), 0);
  const positives = new Float64Array(support);
  const negatives = new Float64Array(truth.length - support);
  let [p, n] = [0, 0];
  for (const [row, label] of truth.entries()) {
    const value = values[row * classes + number] ?? 0;
    if (label === number) positives[p++] = value;
    else negatives[n++] = value;
  }
  return sweepOf(positives, negatives, Math.max(20, Math.min(MOST_SWEEP, Math.floor(SWEEP_ROOM / classes))));
}

function averageOf(perClass: readonly ClassFigures[], weight: (figures: ClassFigures) => number): Averages {
  const total = perClass.reduce((sum, figures) => sum + weight(figures), 0);
  const mean = (read: (figures: ClassFigures) => number | null): number =>
    perClass.reduce((sum, figures) => sum + weight(figures) * (read(figures) ?? 0), 0) / total;
  return { precision: mean((f) => f.precision), recall: mean((f) => f.recall), f1: mean((f) => f.f1) };
}

/** Ties count against the model: a class as probable as the truth is before it. */
function topOf({ values, classes }: Probabilities, truth: Int32Array, k: number): { k: number; accuracy: number } {
  let within = 0;
  for (const [row, label] of truth.entries()) {
    const own = values[row * classes + label] ?? 0;
    let before = 0;
    for (let column = 0; column < classes; column++) {
      if (column !== label && (values[row * classes + column] ?? 0) >= own) before++;
    }
    if (before < k) within++;
  }
  return { k, accuracy: within / truth.length };
}

interface Shown {
  options: ClassificationOptions;
  truth: Int32Array;
  predicted: Int32Array;
  probabilities: Probabilities | null;
  ids: string[];
  previews: Previews;
  classes: number;
}

/** Examples worth a look: the worst with their neighbours, then some of each cell of the confusion matrix. */
async function showcase(parts: Shown): Promise<Pick<ClassificationEvaluation, 'samples' | 'cells' | 'worst'>> {
  const { options, truth, predicted, probabilities, classes } = parts;
  const samples: Sample[] = [];
  const places = new Map<number, number>();
  const placeOf = (index: number): number => {
    const known = places.get(index);
    if (known !== undefined) return known;
    places.set(index, samples.length);
    samples.push(sampleOf(parts, index));
    return samples.length - 1;
  };
  const confidence = (row: number): number => probabilities?.values[row * classes + (predicted[row] ?? 0)] ?? 0;
  const lossOf = (row: number): number =>
    -Math.log(Math.max(LEAST, probabilities?.values[row * classes + (truth[row] ?? 0)] ?? 0));

  const wrong = [...truth.keys()].filter((row) => truth[row] !== predicted[row]);
  if (probabilities) wrong.sort((a, b) => lossOf(b) - lossOf(a));
  const features = await featuresOf(options, parts.previews, truth.length);
  const worstRows = wrong.slice(0, WORST);
  const near = features ? nearestTo(worstRows, features, NEIGHBOURS) : [];
  const worst = worstRows.map((row, rank) => ({
    sample: placeOf(row),
    loss: probabilities ? lossOf(row) : null,
    neighbours: (near[rank] ?? []).map(({ index, distance }) => ({ sample: placeOf(index), distance })),
  }));

  const rowsOf = Map.groupBy(truth.keys(), (row) => (truth[row] ?? 0) * classes + (predicted[row] ?? 0));
  const isHit = (cell: number): boolean => Math.floor(cell / classes) === cell % classes;
  // Errors before hits: where there is no room for all, they are what is looked at.
  const order = [...rowsOf].sort(([a, as], [b, bs]) => Number(isHit(a)) - Number(isHit(b)) || bs.length - as.length);
  const cells = order.flatMap(([cell, rows]) => {
    const room = Math.min(CELL_SAMPLES, MOST_SAMPLES - samples.length);
    if (room <= 0) return [];
    const sign = isHit(cell) ? 1 : -1;
    const chosen = rows.sort((a, b) => sign * (confidence(a) - confidence(b))).slice(0, room);
    return [{ truth: Math.floor(cell / classes), predicted: cell % classes, samples: chosen.map(placeOf) }];
  });
  return { samples, cells, worst };
}

async function featuresOf({ embeddings }: ClassificationOptions, previews: Previews, count: number) {
  if (!embeddings) return previews.features;
  const [rows = 0] = embeddings.shape;
  mustPair('embeddings', rows, count);
  const values = Float32Array.from(await embeddings.data());
  return { values, width: values.length / Math.max(1, count) };
}

function sampleOf({ truth, predicted, probabilities, ids, previews, classes }: Shown, index: number): Sample {
  const row = probabilities?.values.subarray(index * classes, (index + 1) * classes);
  const greatestFirst = row
    ? Array.from(row, (value, number) => ({ class: number, value }))
        .sort((a, b) => b.value - a.value)
        .slice(0, 5)
    : [];
  return {
    index,
    id: ids[index] ?? String(index),
    truth: truth[index] ?? 0,
    predicted: predicted[index] ?? 0,
    confidence: row?.[predicted[index] ?? 0] ?? null,
    probabilities: greatestFirst,
    input: previews.of(index),
  };
}
