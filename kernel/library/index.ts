/**
 * What notebooks and scripts import as "trialroom". Importing it loads no tensor engine: that happens when data are
 * loaded or `tensorflow()` is called, or by importing '@tensorflow/tfjs' in a cell, which gives the same prepared copy.
 */
import { prepareBackend } from '../backend/choose.ts';
import { loadTensorFlow, type TensorFlow } from '../backend/tensorflow.ts';
import { images } from './show/images.ts';

export * from '../display/index.ts';
/** Many trials looked at together. */
export * as analysis from './analysis/index.ts';
export { input, signal } from './ask.ts';
export type * from './compile/contract.ts';
export type { LabelledImages, MnistOptions } from './data/index.ts';
/** Data: readers, tables, data sets and batches. Nothing is downloaded that was not named. */
export * as data from './data/index.ts';
export type {
  ClassificationOptions,
  EvaluateOptions,
  RegressionOptions,
} from './evaluate/options.ts';
export type { Columns, Examples, FitData } from './fit/arrays.ts';
export type { CheckpointOptions, EarlyStopping, FitCallback, FitOptions, FitResult } from './fit/options.ts';
export type { Schedule, ScheduleSpec } from './fit/schedule.ts';
export type { LoadOptions, SavedModel, SaveOptions } from './model-files/index.ts';
export * as nn from './nn/index.ts';
export { compile, compileEvaluate, compileGrad, compilePredict, exportOnnx, fit, load, save } from './on-demand.ts';
export type { OnnxInput, OnnxOptions } from './onnx/export.ts';
export { seed } from './seed.ts';
export { type Classes, confusion } from './show/confusion.ts';
export type { ImageBatch, ImagesOptions } from './show/images.ts';
export {
  config,
  defineMetric,
  finish,
  init,
  type LogOptions,
  log,
  type MetricOptions,
  media,
  Run,
  type RunOptions,
  summary,
} from './trial/init.ts';
export { Trial, type TrialOptions, trial } from './trial/trial.ts';
export {
  button,
  checkbox,
  file,
  type GivenFile,
  type SelectOptions,
  type SliderOptions,
  select,
  slider,
  type TextOptions,
  text,
} from './widgets/make.ts';
export type { Widget, WidgetListener, WidgetPerson } from './widgets/widget.ts';

/** Pictures of data. */
export const show = { images };

/** TensorFlow.js with the best engine of this machine set, the same copy as `import '@tensorflow/tfjs'` gives a cell. */
export async function tensorflow(): Promise<TensorFlow> {
  const tf = loadTensorFlow();
  await prepareBackend(tf);
  return tf;
}
