/** Weights of a model by name, and back. */
import type { LayersModel } from '@tensorflow/tfjs';
import { loadTensorFlow } from '../../backend/tensorflow.ts';
import type { NamedWeight } from './numbers.ts';
import { BadModelFile } from './safetensors.ts';

/** All weights of a model, under the names of layer and weight: `dense_1/kernel`. @throws Error when two have one name */
export async function weightsOf(model: LayersModel): Promise<NamedWeight[]> {
  const seen = new Set<string>();
  const made: NamedWeight[] = [];
  for (const weight of model.weights) {
    const { originalName: name } = weight;
    if (seen.has(name)) throw new Error(`two weights of ${model.name} are called ${name}: give its layers names`);
    seen.add(name);
    const tensor = weight.read();
    const { dtype, shape } = tensor;
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
      throw new TypeError(`${name} is of type ${dtype}, which cannot be saved`);
    }
    made.push({ name, dtype, shape, values: await tensor.data() });
  }
  return made;
}

/**
 * Sets all weights of a model: by their names, or, where those are other layers' names, in order.
 * @throws BadModelFile when a weight is missing or too many, or its shape or type differs; the model then stays as it was
 */
export function setWeights(model: LayersModel, given: readonly NamedWeight[]): void {
  const tf = loadTensorFlow();
  const chosen = pair(model, given);
  for (const { name, weight, found } of chosen) {
    const shape = weight.shape.map(Number);
    if (shape.join() !== found.shape.join()) {
      const other = name === found.name ? '' : ` (${found.name} in the file)`;
      throw new BadModelFile(
        `${name}${other} is [${found.shape.join(', ')}] in the file and [${shape.join(', ')}] in the model`,
      );
    }
    if (found.dtype !== weight.read().dtype) {
      throw new BadModelFile(`${name} holds ${found.dtype} in the file, and ${weight.read().dtype} in the model`);
    }
  }
  for (const { weight, found } of chosen) {
    const tensor = tf.tensor(found.values, [...found.shape], found.dtype);
    weight.write(tensor);
    tensor.dispose();
  }
}

function pair(model: LayersModel, given: readonly NamedWeight[]) {
  const byName = new Map(
    given.flatMap((weight) => [weight.name, shortened(weight.name)].map((name) => [name, weight])),
  );
  const wanted = model.weights.map((weight) => ({ name: weight.originalName, weight }));
  const missing = wanted.filter(({ name }) => !byName.has(name));
  const inOrder = missing.length === wanted.length;
  if (wanted.length !== given.length || (missing.length > 0 && !inOrder)) {
    const some = missing.slice(0, 3).map(({ name }) => name);
    const more = missing.length > 3 ? ` and ${missing.length - 3} more` : '';
    throw new BadModelFile(
      `the file has ${given.length} weights and the model ${wanted.length}${some.length > 0 ? `; not in the file: ${some.join(', ')}${more}` : ''}`,
    );
  }
  return wanted.flatMap(({ name, weight }, index) => {
    const found = inOrder ? given[index] : byName.get(name);
    return found ? [{ name, weight, found }] : [];
  });
}

/** Keras names the cell of a recurrent layer too: `lstm/lstm_cell/kernel`. */
const shortened = (name: string): string => {
  const parts = name.split('/');
  return [...parts.slice(0, -2), ...parts.slice(-1)].join('/');
};
