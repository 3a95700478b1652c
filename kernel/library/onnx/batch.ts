/**
 * One graph for batches of any size, out of the same graph made for two sizes. What differs between the two is what
 * depends on the batch: lengths in the lists that operators take as shapes, each a multiple of the batch and a rest, and
 * constants of one number repeated. In the graph for all sizes these are computed from the length of the first input.
 */
import type { OnnxConstant, OnnxModel, OnnxNode, OnnxValue } from '../../backend/compiled/onnx.ts';

/** A graph, and the size of batch that it was made for. */
export interface Sized {
  batch: number;
  model: OnnxModel;
}

/** The model depends on its batch in a way that no single graph can express. */
export class FixedBatch extends Error {
  override name = 'FixedBatch';
}

const BATCH = 'batch';

/**
 * Joins two graphs.
 * @throws FixedBatch when more than shapes differs between them
 */
export function anyBatch(one: Sized, two: Sized): OnnxModel {
  const { nodes, constants, inputs, outputs } = one.model;
  const other = two.model;
  const fixed = (why: string): never => {
    throw new FixedBatch(`it computes something else for each size of batch (${why}): give a batch size to export for`);
  };
  if (spell(nodes) !== spell(other.nodes)) fixed('its operations differ');
  const lead = inputs.find(({ dims }, index) => dims[0] !== other.inputs[index]?.dims[0]);
  if (!lead) return one.model;

  /** How a length follows from the batch. */
  const line = (first: number, second: number): { slope: number; rest: number } => {
    const slope = (second - first) / (two.batch - one.batch);
    if (!Number.isInteger(slope))
      fixed(`a length is ${first} for ${one.batch} examples and ${second} for ${two.batch}`);
    return { slope, rest: first - slope * one.batch };
  };
  const made: OnnxNode[] = [];
  const kept: OnnxConstant[] = [];
  const node = (type: string, args: string[], output: string): string => {
    made.push({ type, inputs: args, outputs: [output], attributes: {}, domain: '' });
    return output;
  };
  const list = (name: string, values: readonly number[]): string => {
    kept.push({ name, type: 'int64', dims: [values.length], data: BigInt64Array.from(values, BigInt) });
    return name;
  };
  /** The name of a list that is computed: batch · slopes + rests. */
  const lengths = (name: string, first: readonly number[], second: readonly number[]): string => {
    const lines = first.map((length, index) => line(length, second[index] ?? 0));
    const scaled = node(
      'Mul',
      [
        BATCH,
        list(
          `${name}_slope`,
          lines.map(({ slope }) => slope),
        ),
      ],
      `${name}_scaled`,
    );
    return node(
      'Add',
      [
        scaled,
        list(
          `${name}_rest`,
          lines.map(({ rest }) => rest),
        ),
      ],
      name,
    );
  };

  node('Slice', [node('Shape', [lead.name], 'lead_shape'), list('first', [0]), list('second', [1])], BATCH);
  for (const [index, constant] of constants.entries()) {
    const twin = other.constants[index];
    if (!twin || twin.type !== constant.type || twin.name !== constant.name) {
      fixed('its constants differ');
    } else if (constant.dims.join() === twin.dims.join() && same(constant, twin)) {
      kept.push(constant);
    } else if (constant.type === 'int64' && constant.data.length === twin.data.length) {
      lengths(constant.name, Array.from(constant.data, Number), Array.from(twin.data, Number));
    } else if (isUniform(constant) && isUniform(twin) && constant.data[0] === twin.data[0]) {
      const number = `${constant.name}_number`;
      kept.push({ ...constant, name: number, dims: [], data: constant.data.slice(0, 1) });
      node('Expand', [number, lengths(`${constant.name}_shape`, constant.dims, twin.dims)], constant.name);
    } else {
      fixed('a constant differs');
    }
  }
  const named = (value: OnnxValue, twin: OnnxValue | undefined): OnnxValue => ({
    ...value,
    dims: value.dims.map((length, axis) => {
      const { slope, rest } = line(Number(length), Number(twin?.dims[axis]));
      return slope === 0 ? length : slope === 1 && rest === 0 ? BATCH : `${slope}*${BATCH}+${rest}`;
    }),
  });
  return {
    nodes: [...made, ...nodes],
    constants: kept,
    inputs: inputs.map((value, index) => named(value, other.inputs[index])),
    outputs: outputs.map((value, index) => named(value, other.outputs[index])),
  };
}

const spell = (nodes: readonly OnnxNode[]): string => JSON.stringify(nodes);
const same = ({ data }: OnnxConstant, other: OnnxConstant): boolean =>
  Array.prototype.every.call(data, (value, index) => Object.is(value, other.data[index]));
const isUniform = ({ data }: OnnxConstant): boolean =>
  data.length > 0 && Array.prototype.every.call(data, (value) => value === data[0]);
