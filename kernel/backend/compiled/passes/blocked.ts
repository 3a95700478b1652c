/**
 * Values whose channels lie in blocks, as the native convolutions take and give them, stay so through what comes between
 * two convolutions: each element's own arithmetic does not care how a tensor lies, a number for each channel is a
 * convolution of that channel by itself (which adds another one, and a whole tensor, and cuts off at 0 in the same sweep),
 * and a sum over space is a pooling. Only where a value is wanted in another order is it put back.
 */
import type { OnnxNode } from '../onnx.ts';
import type { Program, Rule } from './program.ts';
import { type Shape, SPREADING, STEEP, sameShape, sizeOf, spread, UNARY } from './shapes.ts';

/** Where the native runtime keeps the operations that take channels in blocks. */
export const BLOCKS = 'com.microsoft.nchwc';

/** A value in blocks. */
interface Blocked {
  name: string;
  /** As [batch, channels, height, width], which the native operations want to hear. */
  shape: Shape;
}

/** The value in blocks behind one that was put back in order. */
function blockedOf(program: Program, name: string): Blocked | undefined {
  const ordered = program.producer(name, 'ReorderOutput');
  const reshaped = program.producer(name, 'Reshape')?.inputs[0];
  const source = ordered ? name : reshaped;
  const node = ordered ?? (reshaped === undefined ? undefined : program.producer(reshaped, 'ReorderOutput'));
  const [before, after] = [program.shape(source ?? ''), program.shape(name)];
  // Axes of space may have been cut or merged: batch and channels must be where they were.
  if (node?.attributes.channels_last !== 0 || !before || !after || after.length < 3) return undefined;
  const same = before[0] === after[0] && before[1] === after[1] && before.length === 4;
  return same ? { name: node.inputs[0] ?? '', shape: before } : undefined;
}

/** Puts a value back in order. */
function ordered(program: Program, name: string, [batch = 1, channels = 1, ...space]: Shape, to: Shape): string {
  const whole = [batch, channels, ...space];
  const plain = program.apply('ReorderOutput', [shaped(program, name, whole)], { channels, channels_last: 0 }, BLOCKS);
  return shaped(program, plain, to);
}

/** The value under another shape, which moves nothing. */
const shaped = (program: Program, name: string, to: Shape): string =>
  sameShape(program.shape(name) ?? [], to) ? name : program.apply('Reshape', [name, program.list(to)]);

const reorder: Rule = ({ inputs: [x = ''], attributes }, program) => {
  const [known, shape] = [attributes.channels_last === 0 ? blockedOf(program, x) : undefined, program.shape(x)];
  return known && shape?.length === 4 ? shaped(program, known.name, shape) : undefined;
};

/** A convolution in blocks that nothing else needs, as long as nothing is cut off behind it. */
function convolution(program: Program, { name }: Blocked): OnnxNode | undefined {
  const node = program.producer(name, 'Conv');
  const isOpen = node?.domain === BLOCKS && node.attributes.activation === undefined;
  return isOpen && program.isOnlyOne(name) ? node : undefined;
}

/** Numbers, before and after, of which each depends on one alone. */
const CHANGING = new Set(['Cast', 'IsInf', 'IsNaN', 'Not']);

const unary: Rule = ({ type, inputs: [x = ''], attributes, domain }, program) => {
  const known = CHANGING.has(type) ? undefined : blockedOf(program, x);
  if (!known) return undefined;
  const conv = type === 'Relu' ? convolution(program, known) : undefined;
  const name = conv
    ? program.apply('Conv', conv.inputs, { ...conv.attributes, activation: type }, BLOCKS)
    : program.apply(type, [known.name], attributes, domain);
  return ordered(program, name, known.shape, program.shape(x) ?? known.shape);
};

/** Whether an operand is one number for each channel of such a whole, or for each channel of each example. */
function isEach(program: Program, name: string, whole: Shape, examples: boolean): boolean {
  const shape = program.shape(name);
  if (!shape || shape.length > whole.length) return false;
  const padded = [...Array<number>(whole.length - shape.length).fill(1), ...shape];
  return padded.every((length, axis) => length === (axis === 1 || (axis === 0 && examples) ? whole[axis] : 1));
}

/** As many ones as channels. */
const ones = (program: Program, channels: number): string =>
  program.apply('Expand', [program.float(1), program.list([channels])]);

const pointwise = (channels: number) => ({
  kernel_shape: [1, 1],
  strides: [1, 1],
  pads: [0, 0, 0, 0],
  dilations: [1, 1],
  group: channels,
});

/** x · scale + offset, a number for each channel of both. */
function perChannel(program: Program, { name, shape }: Blocked, scale: string, offset?: string): string {
  const [channels = 1] = program.shape(scale) ?? [];
  const space = shape.slice(2);
  const weights = shaped(program, scale, [channels, 1, 1, 1]);
  // Channels of all examples are as many channels of one.
  const image = shaped(program, name, channels === shape[1] ? shape : [1, channels, ...space]);
  const inputs = [image, weights, ...(offset === undefined ? [] : [offset])];
  return shaped(program, program.apply('Conv', inputs, pointwise(channels), BLOCKS), shape);
}

/** A whole in blocks with a number for each channel. */
function withChannels(program: Program, { type, inputs }: OnnxNode, side: 0 | 1, whole: Shape): string | undefined {
  const [x = '', small = ''] = [inputs[side], inputs[1 - side]];
  const known = blockedOf(program, x);
  if (!known || !sameShape(program.shape(x) ?? [], whole)) return undefined;
  const [batch = 1, channels = 1] = whole;
  const done = (name: string): string => ordered(program, name, known.shape, whole);
  if (!isEach(program, small, whole, false)) {
    if (type !== 'Mul' || !isEach(program, small, whole, true)) return undefined;
    return done(perChannel(program, known, shaped(program, small, [batch * channels])));
  }
  const each = shaped(program, small, [channels]);
  if (type === 'Mul') return done(perChannel(program, known, each));
  if (type !== 'Add' && !(type === 'Sub' && side === 0)) return undefined;
  const conv = type === 'Add' ? convolution(program, known) : undefined;
  if (conv && !conv.inputs[2]) {
    const [image = '', weights = '', , sum] = conv.inputs;
    const given = [image, weights, each, ...(sum === undefined ? [] : [sum])];
    return done(program.apply('Conv', given, conv.attributes, BLOCKS));
  }
  const offset = type === 'Add' ? each : program.apply('Neg', [each]);
  return done(perChannel(program, known, ones(program, channels), offset));
}

/** Wholes that are all there in blocks: so is what comes of them. */
const spreading: Rule = (node, program) => {
  const { type, inputs, attributes, domain } = node;
  const shapes = inputs.map((name) => program.shape(name));
  const whole = shapes.every((shape) => shape !== undefined) ? spread(shapes) : undefined;
  if (!whole || !MIXING.has(type)) return undefined;
  const known = inputs.map((name) => blockedOf(program, name));
  const first = known.find((one, at) => one && sameShape(shapes[at] ?? [], whole));
  if (!first) return undefined;
  if (inputs.length === 2) {
    const made = withChannels(program, node, 0, whole) ?? withChannels(program, node, 1, whole);
    if (made !== undefined) return made;
  }
  const given = inputs.map((name, at) => {
    if (program.scalar(name) !== undefined) return name;
    return sameShape(shapes[at] ?? [], whole) ? inBlocks(program, name, first.shape) : undefined;
  });
  if (!given.every((name) => name !== undefined)) return outOfBlocks(program, node, known);
  const made =
    (type === 'Add' ? added(program, inputs, known, given) : undefined) ??
    program.apply(type, given, attributes, domain);
  return ordered(program, made, first.shape, whole);
};

/** Operations on numbers that give numbers. */
const MIXING = new Set('Add Div Max Min Mul Pow Sub'.split(' '));

/** With others that are not in blocks: what asks where a value was cut off at 0 asks the one that lies as they do. */
function outOfBlocks(program: Program, node: OnnxNode, known: readonly (Blocked | undefined)[]): string | undefined {
  let changed = false;
  const inputs = node.inputs.map((name, at) => {
    const one = known[at];
    const plain = one && plainMask(program, one);
    if (!plain) return name;
    changed = true;
    const mask = program.write({ type: 'HardSigmoid', inputs: [plain], outputs: [], attributes: STEEP, domain: '' });
    return shaped(program, mask, program.shape(name) ?? one.shape);
  });
  return changed ? program.write({ ...node, inputs }) : undefined;
}

/** Of a value that says where another one is over 0, both in blocks: the other one as it was put back in order before. */
function plainMask(program: Program, { name, shape }: Blocked): string | undefined {
  const mask = program.producer(name, 'HardSigmoid');
  if (mask?.attributes !== STEEP) return undefined;
  const attributes = { channels: shape[1] ?? 1, channels_last: 0 };
  return program.known({ type: 'ReorderOutput', inputs: mask.inputs, outputs: [], attributes, domain: BLOCKS });
}

/** Which value is asked whether it is over 0. */
export function tested(program: Program, mask: string): string | undefined {
  const node = program.producer(mask, 'HardSigmoid');
  if (node) return node.attributes === STEEP ? node.inputs[0] : undefined;
  const known = blockedOf(program, mask);
  return known && plainMask(program, known);
}

/** The whole in blocks under that shape, where it is there already. */
function inBlocks(program: Program, name: string, shape: Shape): string | undefined {
  const known = blockedOf(program, name);
  if (known) return shaped(program, known.name, shape);
  const inputs = [shaped(program, name, shape)];
  const attributes = { channels_last: 0 };
  return program.known({ type: 'ReorderInput', inputs, outputs: [], attributes, domain: BLOCKS });
}

/** A convolution adds another tensor on its way. */
function added(
  program: Program,
  inputs: readonly string[],
  known: readonly (Blocked | undefined)[],
  given: readonly string[],
): string | undefined {
  for (const [at, other] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const one = known[at];
    const conv = one && inputs[at] !== inputs[other] ? convolution(program, one) : undefined;
    if (!one || !conv || conv.inputs.length > 3 || given[at] !== one.name) continue;
    const [image = '', weights = '', bias = ''] = conv.inputs;
    return program.apply('Conv', [image, weights, bias, given[other] ?? ''], conv.attributes, BLOCKS);
  }
  return undefined;
}

/** A sum or a mean over batch and space is one of each image's means. */
const folded: Rule = ({ type, inputs: [x = '', list = ''], attributes }, program) => {
  const [known, shape, axes] = [blockedOf(program, x), program.shape(x), program.numbers(list)];
  if (!known || !shape || !axes || attributes.keepdims !== 0) return undefined;
  const isAll = shape.every((_, axis) => axes.includes(axis) === (axis !== 1));
  if (!isAll || axes.length !== shape.length - 1) return undefined;
  const places = sizeOf(known.shape.slice(2));
  const products = program.isOnlyOne(x) ? dotted(program, known) : undefined;
  const rows = products ?? pooled(program, known);
  const folded = program.apply(type, [rows, program.list([0])], { keepdims: 0 });
  const factor = (type === 'ReduceMean' ? 1 / places : 1) * (products === undefined ? places : 1);
  return factor === 1 ? folded : program.apply('Mul', [folded, program.float(factor)]);
};

/** Means over space, [batch, channels]. */
function pooled(program: Program, { name, shape }: Blocked): string {
  const means = program.apply('GlobalAveragePool', [shaped(program, name, shape)], {}, BLOCKS);
  return shaped(program, means, shape.slice(0, 2));
}

/**
 * Sums over space of a product of two wholes, [batch, channels], of which nothing else is needed: a convolution of each
 * channel of each example by the other whole's, of which there is one place. Neither is written anywhere.
 */
function dotted(program: Program, { name, shape }: Blocked): string | undefined {
  const [image = '', filter = ''] = program.producer(name, 'Mul')?.inputs ?? [];
  const sides = [image, filter].map((side) => program.shape(side));
  if (!sides.every((side) => side && sameShape(side, shape))) return undefined;
  const [batch = 1, channels = 1, ...space] = shape;
  const attributes = { ...pointwise(batch * channels), kernel_shape: space };
  const given = [
    shaped(program, image, [1, batch * channels, ...space]),
    shaped(program, filter, [batch * channels, 1, ...space]),
  ];
  return shaped(program, program.apply('Conv', given, attributes, BLOCKS), [batch, channels]);
}

/** Rules by type of operation. */
export const BLOCKED: Record<string, readonly Rule[]> = {
  ReorderInput: [reorder],
  ReduceSum: [folded],
  ReduceMean: [folded],
  ...Object.fromEntries([...UNARY].map((type) => [type, [unary]])),
  ...Object.fromEntries([...SPREADING].map((type) => [type, [spreading]])),
};

/**
 * Which value to ask instead of one that was cut off at 0: whether it is over 0 is seen behind the cut as well, and
 * nothing has to remember what was there before.
 */
export function behindCuts(nodes: readonly OnnxNode[]): (node: OnnxNode) => OnnxNode {
  const cuts = new Map<string, string>();
  for (const { type, inputs, outputs } of nodes) {
    if (type === 'Relu' && inputs[0] !== undefined && outputs[0] !== undefined) cuts.set(inputs[0], outputs[0]);
  }
  const made = new Set<string>();
  return (node) => {
    for (const name of node.outputs) made.add(name);
    const cut = node.attributes === STEEP ? cuts.get(node.inputs[0] ?? '') : undefined;
    return cut !== undefined && made.has(cut) ? { ...node, inputs: [cut] } : node;
  };
}
