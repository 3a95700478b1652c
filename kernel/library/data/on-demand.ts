/**
 * Readers and data sets that are loaded when they are first called: a notebook that reads a table need not wait for the
 * decoders of images. Only functions that give a promise anyway.
 */

/** A function of the same type that loads the real one first. */
const later = <F extends (...given: never[]) => Promise<unknown>>(find: () => Promise<F>): F =>
  (async (...given: Parameters<F>) => (await find())(...given)) as F;

/** Reads a file of separated values; see `formats/csv/read.ts`. */
export const readCsv = later(async () => (await import('./formats/csv/read.ts')).csv);
/** Opens a file of separated values of any size; see `formats/csv/open.ts`. */
export const openCsv = later(async () => (await import('./formats/csv/open.ts')).openCsv);
/** Reads an IDX file; see `formats/idx.ts`. */
export const readIdx = later(async () => (await import('./formats/idx.ts')).idx);
/** Opens an IDX file of any size; see `formats/idx.ts`. */
export const openIdx = later(async () => (await import('./formats/idx.ts')).openIdx);
/** Reads a `.npy` file; see `formats/npy.ts`. */
export const readNpy = later(async () => (await import('./formats/npy.ts')).npy);
/** Opens a `.npy` file of any size; see `formats/npy.ts`. */
export const openNpy = later(async () => (await import('./formats/npy.ts')).openNpy);
/** Reads the arrays of a `.npz` file; see `formats/npy.ts`. */
export const npz = later(async () => (await import('./formats/npy.ts')).npz);
/** Reads an Arrow or Feather file; see `formats/arrow.ts`. */
export const arrow = later(async () => (await import('./formats/arrow.ts')).arrow);
/** Reads a Parquet file; see `formats/parquet.ts`. */
export const parquet = later(async () => (await import('./formats/parquet.ts')).parquet);
/** Reads records of JSON; see `formats/json.ts`. */
export const json = later(async () => (await import('./formats/json.ts')).json);
/** Reads a WAV file; see `formats/wav.ts`. */
export const wav = later(async () => (await import('./formats/wav.ts')).wav);
/** The images of a folder that has a folder for each class; see `formats/folder.ts`. */
export const images = later(async () => (await import('./formats/folder.ts')).images);
/** The sounds of a folder that has a folder for each class; see `formats/folder.ts`. */
export const sounds = later(async () => (await import('./formats/folder.ts')).sounds);
/** MNIST; see `sets/mnist.ts`. */
export const mnist = later(async () => (await import('./sets/mnist.ts')).mnist);
/** Fashion-MNIST; see `sets/fashion-mnist.ts`. */
export const fashionMnist = later(async () => (await import('./sets/fashion-mnist.ts')).fashionMnist);
/** Fisher's irises; see `sets/iris.ts`. */
export const iris = later(async () => (await import('./sets/iris.ts')).iris);
/** Letters and spam; see `sets/spam.ts`. */
export const spam = later(async () => (await import('./sets/spam.ts')).spam);
