/**
 * Shapes of all that flows through a layers model, for a batch of a given shape, without computing anything. What a model
 * says of itself leaves open whatever may differ from batch to batch.
 */
import type { LayersModel, layers, Shape, SymbolicTensor } from '@tensorflow/tfjs';

type Layer = layers.Layer;

/** One application of one layer. A layer that is used twice flows twice. */
export interface Flow {
  layer: Layer;
  inputs: number[][];
  outputs: number[][];
}

/** How a layer was applied; a part of layers that has no public type. */
interface Node {
  inputTensors: SymbolicTensor[];
  outputTensors: SymbolicTensor[];
}

/**
 * Follows shapes from a model's inputs to its outputs.
 * @param inputs one shape for each of the model's inputs, with the batch; lengths that the model leaves open are 1 when
 * not given
 * @throws RangeError when a shape does not fit the input that it is for; the message names both
 */
export function flowsOf(model: LayersModel, inputs: readonly (readonly number[])[] = []): Flow[] {
  const known = new Map<number, number[]>();
  for (const [index, tensor] of model.inputs.entries()) {
    const given = inputs[index];
    if (given && !fits(given, [null, ...tensor.shape.slice(1)])) {
      throw new RangeError(`${tensor.sourceLayer.name} takes [${open(tensor.shape)}], not [${given.join(', ')}]`);
    }
    known.set(
      tensor.id,
      tensor.shape.map((length, axis) => given?.[axis] ?? length ?? 1),
    );
  }
  const flows: Flow[] = [];
  const waiting = model.layers.flatMap((layer) => nodesOf(layer).map((node) => ({ layer, node })));
  // Layers come in the order of their depth, but a node of another model may never be reached.
  for (let progress = true; progress; ) {
    progress = false;
    for (const [index, { layer, node }] of waiting.entries()) {
      const shapes = node.inputTensors.map(({ id }) => known.get(id));
      const given = shapes.filter((shape) => shape !== undefined);
      if (given.length < shapes.length || given.length === 0) continue;
      const [first = []] = given;
      const computed = layer.computeOutputShape(given.length === 1 ? first : given);
      const outputs = (isList(computed) ? computed : [computed]).map((shape) => shape.map((length) => length ?? 1));
      node.outputTensors.forEach(({ id }, at) => void known.set(id, outputs[at] ?? outputs[0] ?? []));
      flows.push({ layer, inputs: given, outputs });
      waiting.splice(index, 1);
      progress = true;
      break;
    }
  }
  return flows;
}

/** `batch, 28, 28, 1`: a shape in which lengths may be open. */
export const open = (shape: readonly (number | null)[]): string =>
  shape.map((length, axis) => length ?? (axis === 0 ? 'batch' : 'any')).join(', ');

/** Whether numbers of this shape can go where that shape is asked for. */
export const fits = (given: readonly number[], wanted: readonly (number | null)[]): boolean =>
  given.length === wanted.length && wanted.every((length, axis) => length === null || length === given[axis]);

/** How many numbers a shape holds. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

const isList = (shape: Shape | Shape[]): shape is Shape[] => Array.isArray(shape[0]);
const nodesOf = (layer: Layer): Node[] => {
  const nodes: unknown = layer.inboundNodes;
  return Array.isArray(nodes) ? nodes.filter((node) => node.inputTensors.length > 0) : [];
};
