/**
 * Makes a graph smaller before the native runtime sees it. The runtime could do much of this by itself, but takes many
 * times as long for it, and does not know what gradients look like.
 */
import type { OnnxModel, OnnxNode } from '../onnx.ts';
import { ARITHMETIC } from './arithmetic.ts';
import { BLOCKED, behindCuts } from './blocked.ts';
import { MOVES } from './moves.ts';
import { Program, type Rule } from './program.ts';
import { TRANSPOSES } from './transposes.ts';

/** Folds are freed of transposes before their axes are merged. */
const FAMILIES = [TRANSPOSES, MOVES, ARITHMETIC, BLOCKED];

/** What gives the same numbers, in another order or as another shape. */
const VIEWS = new Set(['Reshape', 'ReorderOutput']);

const RULES: Record<string, readonly Rule[]> = Object.fromEntries(
  FAMILIES.flatMap((rules) => Object.keys(rules)).map((type) => [type, FAMILIES.flatMap((rules) => rules[type] ?? [])]),
);

/** The same computation in fewer operations. Inputs that nothing needs any more are gone. */
export function optimize(given: OnnxModel): OnnxModel {
  const model = { ...given, nodes: given.nodes.map(behindCuts(given.nodes)) };
  const program = new Program(RULES, model.inputs);
  for (const constant of model.constants) program.keep(constant);
  const uses = new Map<string, number>();
  for (const { inputs } of model.nodes) for (const name of inputs) uses.set(name, (uses.get(name) ?? 0) + 1);
  const wanted = new Map(model.outputs.map((output) => [output.name, output]));
  /** What the original's values are called now. */
  const called = new Map<string, string>();
  /** Poolings that say where the greatest values were: those that do not are the same ones. */
  const pools = new Map<string, readonly string[]>();
  const keyOf = ({ inputs, attributes }: OnnxNode): string => `${inputs}${JSON.stringify(attributes)}`;
  for (const node of model.nodes) {
    if (node.type === 'MaxPool' && node.outputs.length > 1) pools.set(keyOf(node), node.outputs);
  }
  const outputs: [name: string, now: string][] = [];
  for (const node of model.nodes) {
    const inputs = node.inputs.map((name) => called.get(name) ?? name);
    const [first = ''] = node.outputs;
    const pool = node.type === 'MaxPool' ? pools.get(keyOf(node)) : undefined;
    if (pool?.[0] !== undefined && !wanted.has(first)) called.set(first, pool[0]);
    if (node.outputs.length > 1 || (pool && !wanted.has(first))) {
      if (!pool || !program.producer(pool[0] ?? '', 'MaxPool'))
        program.add({ ...node, inputs, outputs: pool ?? node.outputs });
      for (const name of node.outputs) program.count(name, uses.get(name) ?? 0);
      continue;
    }
    const name = program.apply(node.type, inputs, node.attributes, node.domain);
    called.set(first, name);
    // An output counts as a use that nothing may be fused over.
    program.count(name, (uses.get(first) ?? 0) + (wanted.has(first) ? 2 : 0), VIEWS.has(node.type));
    if (wanted.has(first)) outputs.push([first, name]);
  }
  for (const [output, name] of outputs) {
    const value = wanted.get(output);
    if (value) program.output(value, name);
  }
  return program.done(model.inputs);
}
