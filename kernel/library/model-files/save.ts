/** Models to files. */
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LayersModel } from '@tensorflow/tfjs';
import { sha256, writeWhole } from './atomic.ts';
import { stored } from './numbers.ts';
import { encodeSafetensors } from './safetensors.ts';
import { writeFolder } from './tensorflow-folder.ts';
import { weightsOf } from './weights.ts';

/** Kinds of files. */
export type ModelFormat = 'tensorflow' | 'safetensors' | 'onnx';

/** Options of {@link save}. */
export interface SaveOptions {
  /** Text kept with the model, in safetensors' `__metadata__`. */
  metadata?: Readonly<Record<string, string>>;
}

/** What was written. */
export interface SavedModel {
  path: string;
  format: ModelFormat;
  bytes: number;
  /** Of the file; of `model.json`, which holds that of the weights, where there are two. */
  sha256: string;
}

/** Where `__metadata__` of our safetensors files keeps what the model is made of. */
export const TOPOLOGY = 'trialroom.topology';

/** Which format a path asks for, and where its file lies. @throws TypeError when the extension is not known */
export function placeOf(given: string): { path: string; format: ModelFormat } {
  const path = given.startsWith('file://') ? fileURLToPath(given) : given;
  switch (extname(path).toLowerCase()) {
    case '.safetensors':
      return { path, format: 'safetensors' };
    case '.onnx':
      return { path, format: 'onnx' };
    case '.json':
      return { path, format: 'tensorflow' };
    case '':
      return { path: join(path, 'model.json'), format: 'tensorflow' };
    default:
      throw new TypeError(
        `${given}: what kind of file is that? Known are .safetensors, .onnx, and a folder or model.json (TensorFlow.js)`,
      );
  }
}

/**
 * Saves a model: into a folder in TensorFlow.js's format, or into one `.safetensors` or `.onnx` file. It is there whole
 * or not at all: whoever reads the path meanwhile finds the model before.
 * @throws TypeError when the extension is not known
 * @throws Error when a layer has no form in ONNX
 * @example await save(model, 'models/digits'); await save(model, 'digits.safetensors')
 */
export async function save(model: LayersModel, path: string, options: SaveOptions = {}): Promise<SavedModel> {
  const place = placeOf(path);
  if (place.format === 'onnx') {
    const { exportOnnx } = await import('../onnx/export.ts');
    const file = await exportOnnx(model);
    await writeWhole(place.path, file);
    return { ...place, bytes: file.length, sha256: sha256(file) };
  }
  const weights = await weightsOf(model);
  const topology: unknown = model.toJSON(null, false);
  if (place.format === 'safetensors') {
    const file = encodeSafetensors({
      tensors: new Map(weights.map((weight) => [weight.name, stored(weight)])),
      metadata: { ...options.metadata, format: 'tensorflow.js', [TOPOLOGY]: JSON.stringify(topology) },
    });
    await writeWhole(place.path, file);
    return { ...place, bytes: file.length, sha256: sha256(file) };
  }
  const written = await writeFolder(join(place.path, '..'), {
    topology: Object(topology),
    weights: weights.map(({ name, dtype, shape }) => ({ name, dtype, shape: [...shape] })),
    bytes: Buffer.concat(weights.map((weight) => stored(weight).bytes)),
  });
  return { ...place, ...written };
}
