/**
 * Data, as notebooks use them: `import { data } from 'trialroom'`. Readers give tables and arrays; these become data
 * sets, and data sets become batches. What a format needs is loaded when it is first used.
 */

import { openCsv, openIdx, openNpy, readCsv, readIdx, readNpy } from './on-demand.ts';

export { Batches, type BatchOptions } from './dataset/batches.ts';
export { Dataset, type MapOptions, type SplitOptions, type Tensors, tensorsOf as tensors } from './dataset/dataset.ts';
export type { ChangedExample, Example, ExampleFunction } from './dataset/example.ts';
export { type DatasetInput, type DatasetParts, dataset } from './dataset/make.ts';
export { NumericArray } from './dataset/numeric.ts';
export type { Augment, FieldShape } from './dataset/plan.ts';
export { Encoder } from './encode/encoder.ts';
export type { EncodeOptions } from './encode/learn.ts';
export { DataError } from './error.ts';
export type { CsvOptions } from './formats/csv/dialect.ts';
export type { CsvStream } from './formats/csv/open.ts';
export type { FileArray } from './formats/file-array.ts';
export type { ImageFolder, SoundFolder } from './formats/folder.ts';
export { table } from './formats/json.ts';
export { encodeNpy } from './formats/npy.ts';
export type { WavArray } from './formats/wav.ts';
export { arrow, fashionMnist, images, iris, json, mnist, npz, parquet, sounds, spam, wav } from './on-demand.ts';
export type { Origin, SourceFile } from './origin/origin.ts';
export type { LabelledImages } from './sets/labelled-images.ts';
export type { MnistOptions } from './sets/mnist.ts';
export type { BatchSource, EpochOptions, HostArray, HostBatch } from './source.ts';
export type { Kind, RowOf, Schema, Value } from './table/column.ts';
export { Table } from './table/table.ts';

/** Files of separated values: `data.csv(file)` reads all of it, `data.csv.stream(file)` opens one of any size. */
export const csv = Object.assign(readCsv, { stream: openCsv });

/** NumPy's `.npy` files: `data.npy(file)` reads all of it, `data.npy.stream(file)` opens one of any size. */
export const npy = Object.assign(readNpy, { stream: openNpy });

/** IDX files: `data.idx(file)` reads all of it, `data.idx.stream(file)` opens one of any size. */
export const idx = Object.assign(readIdx, { stream: openIdx });
