/** Models as files. What reads and writes them is loaded when it is first asked for. */
import type { LayersModel } from '@tensorflow/tfjs';
import type { LoadOptions } from './load.ts';
import type { SavedModel, SaveOptions } from './save.ts';

export type { LoadOptions } from './load.ts';
export type { ModelFormat, SavedModel, SaveOptions } from './save.ts';

/**
 * Saves a model: into a folder in TensorFlow.js's format, or into one `.safetensors` or `.onnx` file, by the path. It is
 * there whole or not at all: whoever reads the path meanwhile finds the model before.
 * @throws TypeError when the extension is not known
 * @throws Error when a layer has no form in ONNX
 * @example await save(model, 'models/digits'); await save(model, 'digits.safetensors')
 */
export async function save(model: LayersModel, path: string, options?: SaveOptions): Promise<SavedModel> {
  const saving = await import('./save.ts');
  return saving.save(model, path, options);
}

/**
 * Loads a model that was saved by {@link save}, by TensorFlow.js, or (weights alone, with `into`) by any program that
 * writes safetensors.
 * @throws Error when the file is cut short or damaged, or its weights are not the model's; the message names the weight
 * and both shapes
 * @example const model = await load('digits.safetensors')
 */
export async function load(path: string, options?: LoadOptions): Promise<LayersModel> {
  const loading = await import('./load.ts');
  return loading.load(path, options);
}
