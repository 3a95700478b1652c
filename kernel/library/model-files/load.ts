/** Models from files. */
import { readFile } from 'node:fs/promises';
import type { LayersModel } from '@tensorflow/tfjs';
import { prepareBackend } from '../../backend/choose.ts';
import { loadTensorFlow } from '../../backend/tensorflow.ts';
import { registerLayers } from '../nn/register.ts';
import { type NamedWeight, weightOf } from './numbers.ts';
import { BadModelFile, decodeSafetensors } from './safetensors.ts';
import { placeOf, TOPOLOGY } from './save.ts';
import { readFolder } from './tensorflow-folder.ts';
import { setWeights } from './weights.ts';

/** Options of {@link load}. */
export interface LoadOptions {
  /** A model to load the weights into, instead of making one. Needed for safetensors files of other programs. */
  into?: LayersModel;
  /** From a weight's name in the file to its name in the model (`layer/weight`); undefined leaves it out. */
  rename?: (name: string) => string | undefined;
}

/**
 * Loads a model that was saved by {@link save}, by TensorFlow.js, or (weights alone, with `into`) by any program that
 * writes safetensors.
 * @throws BadModelFile when the file is cut short or damaged, or its weights are not the model's; the message names the
 * weight and both shapes
 * @example const model = await load('digits.safetensors')
 */
export async function load(path: string, options: LoadOptions = {}): Promise<LayersModel> {
  const place = placeOf(path);
  if (place.format === 'onnx') {
    throw new TypeError(`${path}: ONNX files are written, not read. Save as .safetensors too, or into a folder`);
  }
  const tf = loadTensorFlow();
  await prepareBackend(tf);
  const { topology, weights } =
    place.format === 'safetensors' ? await fromSafetensors(place.path) : await fromFolder(place.path);
  const { rename } = options;
  const renamed = rename
    ? weights.flatMap((weight) => {
        const name = rename(weight.name);
        return name === undefined ? [] : [{ ...weight, name }];
      })
    : weights;
  if (!options.into && topology === undefined) {
    throw new BadModelFile(`${path} holds weights alone: give the model that they belong to as \`into\``);
  }
  const model = options.into ?? (await build(topology, path));
  try {
    setWeights(model, renamed);
  } catch (error) {
    if (!options.into) model.dispose();
    throw error instanceof BadModelFile ? new BadModelFile(`${path}: ${error.message}`, { cause: error }) : error;
  }
  return model;
}

interface Read {
  topology: unknown;
  weights: NamedWeight[];
}

async function fromSafetensors(path: string): Promise<Read> {
  try {
    const { tensors, metadata } = decodeSafetensors(await readFile(path));
    const text = metadata[TOPOLOGY];
    return {
      topology: text === undefined ? undefined : JSON.parse(text),
      weights: [...tensors].map(([name, tensor]) => weightOf(name, tensor)),
    };
  } catch (error) {
    throw error instanceof BadModelFile ? new BadModelFile(`${path}: ${error.message}`, { cause: error }) : error;
  }
}

async function fromFolder(path: string): Promise<Read> {
  const { topology, weights, bytes } = await readFolder(path);
  const { io } = loadTensorFlow();
  const entries = weights.map(({ quantization, ...entry }) => ({
    ...entry,
    // Quantized weights of the affine kind name both; those of half width neither.
    ...(quantization
      ? { quantization: { scale: 1, min: 0, ...JSON.parse(JSON.stringify(quantization)), dtype: quantization.dtype } }
      : {}),
  }));
  const tensors = io.decodeWeights(Uint8Array.from(bytes).buffer, entries);
  const read = Object.entries(tensors).map(([name, tensor]): NamedWeight => {
    const { dtype, shape } = tensor;
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
      throw new BadModelFile(`${path}: ${name} is of type ${dtype}`);
    }
    const values = tensor.dataSync();
    tensor.dispose();
    return { name, dtype, shape, values };
  });
  return { topology, weights: read };
}

/** @throws BadModelFile when a layer's class is not known */
async function build(topology: unknown, path: string): Promise<LayersModel> {
  const tf = loadTensorFlow();
  registerLayers();
  const known = tf.serialization.SerializationMap.getMap().classNameMap;
  const unknown = [...classesOf(topology)].filter((name) => !Object.hasOwn(known, name));
  if (unknown.length > 0) {
    throw new BadModelFile(
      `${path} has layers that are not known here: ${unknown.join(', ')}. Define their classes and call tf.serialization.registerClass before loading`,
    );
  }
  return tf.models.modelFromJSON(Object({ modelTopology: topology }));
}

/** Names of the classes of all layers in a description. */
function classesOf(value: unknown, found = new Set<string>()): Set<string> {
  for (const layer of layersIn(value)) {
    const name: unknown = Reflect.get(layer, 'class_name') ?? Reflect.get(layer, 'className');
    if (typeof name === 'string') found.add(name);
    classesOf(Reflect.get(layer, 'config'), found);
  }
  return found;
}

function layersIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner: unknown = Reflect.get(value, 'model_config') ?? Reflect.get(value, 'config') ?? value;
  const layers: unknown = Array.isArray(inner) ? inner : Reflect.get(Object(inner), 'layers');
  return Array.isArray(layers) ? layers.filter((layer) => typeof layer === 'object' && layer !== null) : [];
}
