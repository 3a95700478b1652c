/**
 * Writes ONNX models: the few messages of `onnx.proto` that a computation needs, in protocol buffers' wire format.
 * It knows bytes, not meanings; what makes sense as a graph is `graph.ts`'s business.
 */

/** Element types by ONNX's numbers. */
export const ELEMENT = { float32: 1, int32: 6, int64: 7, bool: 9 } as const;
/** Name of an element type. */
export type ElementType = keyof typeof ELEMENT;

/** Attribute of a node: integers are `int`/`ints`, `{ float }` a float. */
export type Attribute = number | string | readonly number[] | { float: number };

/** One operation of a graph. */
export interface OnnxNode {
  type: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Readonly<Record<string, Attribute>>;
  /** Empty for the standard operators. */
  domain: string;
}

/** A value with its type and shape. */
export interface OnnxValue {
  name: string;
  type: ElementType;
  /** Lengths of the axes; a name stands for a length that each run decides. */
  dims: readonly (number | string)[];
}

/** A value that is known beforehand, with its numbers. */
export interface OnnxConstant extends OnnxValue {
  dims: readonly number[];
  data: Float32Array | Int32Array | BigInt64Array | Uint8Array;
}

/** A whole model, ready to be written. */
export interface OnnxModel {
  nodes: readonly OnnxNode[];
  constants: readonly OnnxConstant[];
  inputs: readonly OnnxValue[];
  outputs: readonly OnnxValue[];
  /** Name of the graph, shown by viewers. */
  name?: string;
  /** Name of an empty sequence that is given out too, before all other outputs. */
  sequence?: string;
}

/** Operator set that the nodes are written in. */
const OPSET = 18;

const VARINT = 0;
const BYTES = 2;
const FIXED32 = 5;

/** A protocol-buffers message under construction. It grows at its end; a message within it is written in place. */
class Message {
  #bytes = new Uint8Array(1 << 16);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  int(field: number, value: number): this {
    return this.#small((field << 3) | VARINT).#varint(value);
  }

  float(field: number, value: number): this {
    this.#small((field << 3) | FIXED32).#room(4);
    this.#view.setFloat32(this.#length, value, true);
    this.#length += 4;
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.#small((field << 3) | BYTES)
      .#varint(value.length)
      .#room(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  text(field: number, value: string): this {
    // Three bytes are the most that one unit of a string takes.
    const most = value.length * 3;
    return this.#within(field, most, () => {
      this.#room(most);
      this.#length += ENCODER.encodeInto(value, this.#bytes.subarray(this.#length)).written;
    });
  }

  message(field: number, write: (message: this) => void): this {
    return this.#within(field, 127, () => write(this));
  }

  done(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Writes what has a length in front, which is known only afterwards: as many bytes are kept for it as `guess` takes. */
  #within(field: number, guess: number, write: () => void): this {
    this.#small((field << 3) | BYTES);
    const at = this.#length;
    const kept = widthOf(guess);
    this.#room(kept);
    this.#length += kept;
    const start = this.#length;
    write();
    const length = this.#length - start;
    const width = widthOf(length);
    if (width !== kept) {
      this.#room(Math.max(0, width - kept));
      this.#bytes.copyWithin(at + width, start, start + length);
    }
    this.#length = at;
    this.#small(length);
    this.#length += length;
    return this;
  }

  #varint(value: number): this {
    if (value >= 0 && value < 2 ** 31) return this.#small(value);
    // Negative numbers are written as the 64-bit number with the same bits.
    this.#room(10);
    let rest = BigInt.asUintN(64, BigInt(value));
    do {
      const low = Number(rest & 127n);
      rest >>= 7n;
      this.#bytes[this.#length++] = rest === 0n ? low : low | 128;
    } while (rest !== 0n);
    return this;
  }

  /** A number from 0 to below 2³¹. */
  #small(value: number): this {
    this.#room(5);
    let rest = value;
    while (rest > 127) {
      this.#bytes[this.#length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
    return this;
  }

  /** Makes place for as many bytes. */
  #room(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + bytes));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

const ENCODER = new TextEncoder();

/** How many bytes a length takes. */
function widthOf(length: number): number {
  let width = 1;
  for (let rest = length; rest > 127; rest >>>= 7) width++;
  return width;
}

/** The model as the bytes of an `.onnx` file. */
export function encodeModel({ nodes, constants, inputs, outputs, name = 'step', sequence }: OnnxModel): Uint8Array {
  const model = new Message()
    .int(1, 8)
    .text(2, 'trialroom')
    .message(7, (graph) => {
      for (const node of nodes) graph.message(1, (message) => writeNode(message, node));
      if (sequence !== undefined) graph.message(1, (message) => writeNode(message, emptySequence(sequence)));
      graph.text(2, name);
      for (const constant of constants) graph.message(5, (message) => writeConstant(message, constant));
      for (const value of inputs) graph.message(11, (message) => writeValue(message, value));
      if (sequence !== undefined) graph.message(12, (message) => writeSequence(message, sequence));
      for (const value of outputs) graph.message(12, (message) => writeValue(message, value));
    })
    .message(8, (opset) => opset.text(1, '').int(2, OPSET));
  const domains = new Set(nodes.map(({ domain }) => domain));
  domains.delete('');
  for (const domain of domains) model.message(8, (opset) => opset.text(1, domain).int(2, 1));
  return model.done();
}

const emptySequence = (output: string): OnnxNode => ({
  type: 'SequenceEmpty',
  inputs: [],
  outputs: [output],
  attributes: { dtype: ELEMENT.float32 },
  domain: '',
});

/** `ValueInfoProto` of a sequence of tensors of any shape. */
const writeSequence = (message: Message, name: string): Message =>
  message
    .text(1, name)
    .message(2, (kind) =>
      kind.message(4, (sequence) =>
        sequence.message(1, (item) => item.message(1, (tensor) => tensor.int(1, ELEMENT.float32))),
      ),
    );

function writeNode(message: Message, { type, inputs, outputs, attributes, domain }: OnnxNode): void {
  for (const input of inputs) message.text(1, input);
  for (const output of outputs) message.text(2, output);
  message.text(3, outputs[0] ?? type).text(4, type);
  for (const [name, value] of Object.entries(attributes)) {
    message.message(5, (attribute) => writeAttribute(attribute.text(1, name), value));
  }
  if (domain) message.text(7, domain);
}

/** Field numbers and type codes of `AttributeProto`. */
function writeAttribute(message: Message, value: Attribute): void {
  if (typeof value === 'string') message.text(4, value).int(20, 3);
  else if (typeof value === 'number') message.int(3, value).int(20, 2);
  else if ('float' in value) message.float(2, value.float).int(20, 1);
  else {
    for (const item of value) message.int(8, item);
    message.int(20, 7);
  }
}

function writeConstant(message: Message, { name, type, dims, data }: OnnxConstant): void {
  for (const size of dims) message.int(1, size);
  message.int(2, ELEMENT[type]).text(8, name);
  message.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writeValue(message: Message, { name, type, dims }: OnnxValue): void {
  message.text(1, name).message(2, (kind) =>
    kind.message(1, (tensor) =>
      tensor.int(1, ELEMENT[type]).message(2, (shape) => {
        for (const size of dims) {
          shape.message(1, (dimension) =>
            typeof size === 'string' ? dimension.text(2, size) : dimension.int(1, size),
          );
        }
      }),
    ),
  );
}
