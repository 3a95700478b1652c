/** A recording → a graph of native operations. Every kernel that can be compiled has its lowering in one of the tables. */
import type { TensorFlow } from '../../tensorflow.ts';
import { Graph } from '../graph.ts';
import { CannotCompile, type Recording, type ValueId } from '../recording.ts';
import { ARRANGE } from './arrange.ts';
import { CHOICE } from './choice.ts';
import { CONVOLUTION } from './convolution.ts';
import { ELEMENTWISE } from './elementwise.ts';
import { FOURIER } from './fourier.ts';
import { LOOKUP } from './lookup.ts';
import { type Lower, Lowering } from './lowering.ts';
import { MATMUL } from './matmul.ts';
import { POOLING } from './pooling.ts';
import { REDUCE } from './reduce.ts';
import { RESIZE } from './resize.ts';
import { SUMS } from './sums.ts';

const LOWERINGS: Record<string, Lower> = {
  ...ELEMENTWISE,
  ...ARRANGE,
  ...LOOKUP,
  ...REDUCE,
  ...MATMUL,
  ...CONVOLUTION,
  ...POOLING,
  ...RESIZE,
  ...SUMS,
  ...FOURIER,
  ...CHOICE,
};

/** Names of all kernels that can be compiled. */
export const compiledKernels = (): string[] => Object.keys(LOWERINGS);

/** Names under which a run of the graph is fed and read. */
export interface Ports {
  graph: Graph;
  /** One for each of the recording's inputs. */
  inputs: string[];
  /** One for each of its variables. */
  variables: string[];
  /** One for each of its constants that is drawn afresh; undefined for the others. */
  random: { index: number; name: string }[];
  /** One for each of its outputs. */
  outputs: string[];
  /** One for each of its updates. */
  updates: string[];
}

/**
 * Lowers a recording.
 * @param portable only operators that every ONNX runtime knows, for files that leave this machine
 * @throws CannotCompile when a kernel has no native form
 */
export function lower(recording: Recording, tf: TensorFlow, { portable = false } = {}): Ports {
  const graph = new Graph();
  const lowering = new Lowering(graph, tf, portable);
  const { inputs, variables, constants, operations, outputs, updates } = recording;
  const used = new Set<ValueId>();
  for (const operation of operations) for (const { id } of Object.values(operation.inputs)) used.add(id);
  for (const { id } of outputs) used.add(id);
  for (const { ref } of updates) used.add(ref.id);

  const inputNames = inputs.map((ref, index) => {
    lowering.define(ref, graph.input(`in${index}`, ref.dtype, ref.shape));
    return `in${index}`;
  });
  const variableNames = variables.map(({ ref }, index) => {
    lowering.define(ref, graph.input(`var${index}`, ref.dtype, ref.shape));
    return `var${index}`;
  });
  const random: Ports['random'] = [];
  constants.forEach((constant, index) => {
    if (!used.has(constant.id)) return;
    const { dtype, shape, values } = constant;
    if (constant.random) {
      const name = `random${index}`;
      lowering.define(constant, graph.input(name, dtype, shape));
      random.push({ index, name });
    } else {
      lowering.define(constant, graph.constant(dtype, shape, values));
    }
  });
  for (const operation of operations) {
    const lowerOne = LOWERINGS[operation.kernel];
    if (!lowerOne) throw new CannotCompile(`the operation ${operation.kernel} has no compiled form`);
    lowerOne(operation, lowering);
    lowering.keep(operation);
  }
  const outputNames = outputs.map((ref, index) => {
    graph.output(`out${index}`, lowering.value(ref));
    return `out${index}`;
  });
  const updateNames = updates.map(({ ref }, index) => {
    graph.output(`new${index}`, lowering.value(ref));
    return `new${index}`;
  });
  return { graph, inputs: inputNames, variables: variableNames, random, outputs: outputNames, updates: updateNames };
}
