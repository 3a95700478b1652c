/**
 * Models as ONNX files, which every other runtime reads: the model's own inference is recorded and lowered as a compiled
 * step is, but with standard operators alone and with the weights inside.
 */
import { writeFile } from 'node:fs/promises';
import type { Tensor, Variable } from '@tensorflow/tfjs';
import { prepareBackend } from '../../backend/choose.ts';
import { type DType, isDType } from '../../backend/compiled/attributes.ts';
import { lower } from '../../backend/compiled/lower/lower.ts';
import { encodeModel, type OnnxConstant, type OnnxModel } from '../../backend/compiled/onnx.ts';
import { record } from '../../backend/compiled/recorder.ts';
import { CannotCompile } from '../../backend/compiled/recording.ts';
import { loadTensorFlow, type TensorFlow } from '../../backend/tensorflow.ts';
import type { Model } from '../compile/contract.ts';
import { anyBatch } from './batch.ts';

/** One input of an exported model. */
export interface OnnxInput {
  /** Lengths of the axes, the batch first; `null` there means: any. */
  shape: readonly (number | null)[];
  /** `float32` when not given. */
  dtype?: DType;
  name?: string;
}

export interface OnnxOptions {
  /** File to write. */
  path?: string;
  /**
   * Shapes, types and names of the inputs. Layers models know theirs, unless a length other than the batch may be
   * anything; for hand-written models they must be given.
   */
  inputs?: readonly OnnxInput[];
}

/** Sizes of batch to record with: no length of a model's own is likely to be one of these. */
const SIZES = [1009, 1013] as const;

/**
 * Writes a model's inference as ONNX (operator set 18, weights inside, any size of batch). Inputs and outputs have the
 * layers' names.
 * @returns the file's bytes; also written to `path` where given
 * @throws Error that names the operation which has no ONNX form, or the input whose shape is not known
 * @example await exportOnnx(model, { path: 'digits.onnx' })
 */
export async function exportOnnx(model: Model, options: OnnxOptions = {}): Promise<Uint8Array> {
  const tf = loadTensorFlow();
  await prepareBackend(tf);
  const inputs = inputsOf(tf, model, options.inputs);
  const [small, large] = SIZES.map((batch) => inference(tf, model, inputs, batch));
  if (!small || !large) throw new Error('nothing was recorded');
  const whole = anyBatch({ batch: SIZES[0], model: small.graph }, { batch: SIZES[1], model: large.graph });
  const bytes = encodeModel(await finished(tf, model, whole, small.variables, inputs));
  if (options.path !== undefined) await writeFile(options.path, bytes);
  return bytes;
}

/** Shapes, types and names of the inputs. */
function inputsOf(tf: TensorFlow, model: Model, given: readonly OnnxInput[] | undefined): Required<OnnxInput>[] {
  const inputs =
    given ??
    (model instanceof tf.LayersModel
      ? model.inputs.map(({ shape, dtype }): OnnxInput => ({ shape, ...(isDType(dtype) ? { dtype } : {}) }))
      : undefined);
  if (!inputs)
    throw new Error("a hand-written model's inputs must be described: exportOnnx(model, { inputs: [{ shape }] })");
  return inputs.map(({ shape, dtype = 'float32', name }, index) => {
    const named =
      name ?? (model instanceof tf.LayersModel ? model.inputs[index]?.sourceLayer.name : undefined) ?? `input_${index}`;
    const open = shape.indexOf(null, 1);
    if (open > 0) {
      const lengths = shape.map((length) => length ?? 'any').join(', ');
      throw new Error(`the input ${named} is [${lengths}]: say how long axis ${open} is, with the option inputs`);
    }
    return { shape, dtype, name: named };
  });
}

/** The inference of one size of batch, as a graph, and the variables that it reads. */
function inference(tf: TensorFlow, model: Model, inputs: readonly Required<OnnxInput>[], batch: number) {
  const outlines = inputs.map(({ shape, dtype }) => ({ shape: shape.map((length) => length ?? batch), dtype }));
  try {
    const recording = record(tf, outlines, (tensors) => outputsOf(tf, model, tensors));
    const { graph } = lower(recording, tf, { portable: true });
    return { graph: graph.parts(), variables: recording.variables.map(({ variable }) => variable) };
  } catch (error) {
    if (error instanceof CannotCompile)
      throw new Error(`the model has no ONNX form: ${error.message}`, { cause: error });
    throw error;
  }
}

function outputsOf(tf: TensorFlow, model: Model, inputs: Tensor[]): Tensor[] {
  const outputs: unknown =
    model instanceof tf.LayersModel
      ? model.apply(inputs, { training: false })
      : model.apply(inputs, { training: false });
  return (Array.isArray(outputs) ? outputs : [outputs]).filter((output) => output instanceof tf.Tensor);
}

/** The graph with names that a reader knows, and the weights' numbers in it. */
async function finished(
  tf: TensorFlow,
  model: Model,
  { nodes, constants, inputs, outputs }: OnnxModel,
  variables: readonly Variable[],
  described: readonly Required<OnnxInput>[],
): Promise<OnnxModel> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  const call = (name: string, wanted: string): void => {
    const free = taken.has(wanted) ? `${wanted}_${taken.size}` : wanted;
    taken.add(free);
    names.set(name, free);
  };
  described.forEach(({ name }, index) => void call(`in${index}`, name));
  outputs.forEach(({ name }, index) => {
    call(
      name,
      (model instanceof tf.LayersModel ? model.outputs[index]?.sourceLayer.name : undefined) ?? `output_${index}`,
    );
  });
  variables.forEach(({ name }, index) => void call(`var${index}`, name));
  const known = (name: string): string => names.get(name) ?? name;
  const weights = await Promise.all(
    inputs.flatMap(({ name, type, dims }) => {
      const variable = name.startsWith('var') ? variables[Number(name.slice(3))] : undefined;
      return variable ? [weight(variable, { name: known(name), type, dims: dims.map(Number) })] : [];
    }),
  );
  return {
    nodes: nodes.map((node) => ({ ...node, inputs: node.inputs.map(known), outputs: node.outputs.map(known) })),
    constants: [...weights, ...constants],
    inputs: inputs.filter(({ name }) => name.startsWith('in')).map((value) => ({ ...value, name: known(value.name) })),
    outputs: outputs.map((value) => ({ ...value, name: known(value.name) })),
    name: model.name ?? 'model',
  };
}

const weight = async (variable: Variable, outline: Omit<OnnxConstant, 'data'>): Promise<OnnxConstant> => ({
  ...outline,
  data: await variable.data(),
});
