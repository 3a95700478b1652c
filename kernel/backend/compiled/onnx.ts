/**
 * Writes ONNX models: the few messages of `onnx.proto` that a computation needs, in protocol buffers' wire format.
 * It knows bytes, not meanings; what makes sense as a graph is `graph.ts`'s business.
 */

/** Element types by ONNX's numbers. */
export const ELEMENT = { float32: 1, int32: 6, int64: 7, bool: 9 } as const;
export type ElementType = keyof typeof ELEMENT;

/** Attribute of a node: integers are `int`/`ints`, `{ float }` a float. */
export type Attribute = number | string | readonly number[] | { float: number };

export interface OnnxNode {
  type: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Readonly<Record<string, Attribute>>;
  /** Empty for the standard operators. */
  domain: string;
}

export interface OnnxValue {
  name: string;
  type: ElementType;
  /** Lengths of the axes; a name stands for a length that each run decides. */
  dims: readonly (number | string)[];
}

export interface OnnxConstant extends OnnxValue {
  dims: readonly number[];
  data: Float32Array | Int32Array | BigInt64Array | Uint8Array;
}

export interface OnnxModel {
  nodes: readonly OnnxNode[];
  constants: readonly OnnxConstant[];
  inputs: readonly OnnxValue[];
  outputs: readonly OnnxValue[];
  /** Name of the graph, shown by viewers. */
  name?: string;
}

/** Operator set that the nodes are written in. */
export const OPSET = 18;

const VARINT = 0;
const BYTES = 2;
const FIXED32 = 5;

/** A protocol-buffers message under construction. */
class Message {
  #chunks: Uint8Array[] = [];
  #length = 0;

  int(field: number, value: number): this {
    return this.#varint(BigInt((field << 3) | VARINT)).#varint(BigInt(value));
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.#varint(BigInt((field << 3) | FIXED32)).#add(bytes);
  }

  bytes(field: number, value: Uint8Array): this {
    return this.#varint(BigInt((field << 3) | BYTES))
      .#varint(BigInt(value.length))
      .#add(value);
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  message(field: number, write: (message: Message) => void): this {
    const inner = new Message();
    write(inner);
    return this.bytes(field, inner.done());
  }

  done(): Uint8Array {
    const whole = new Uint8Array(this.#length);
    let offset = 0;
    for (const chunk of this.#chunks) {
      whole.set(chunk, offset);
      offset += chunk.length;
    }
    return whole;
  }

  #varint(value: bigint): this {
    // Negative numbers are written as the 64-bit number with the same bits.
    let rest = BigInt.asUintN(64, value);
    const bytes: number[] = [];
    do {
      const low = Number(rest & 127n);
      rest >>= 7n;
      bytes.push(rest === 0n ? low : low | 128);
    } while (rest !== 0n);
    return this.#add(Uint8Array.from(bytes));
  }

  #add(bytes: Uint8Array): this {
    this.#chunks.push(bytes);
    this.#length += bytes.length;
    return this;
  }
}

/** The model as the bytes of an `.onnx` file. */
export function encodeModel({ nodes, constants, inputs, outputs, name = 'step' }: OnnxModel): Uint8Array {
  const model = new Message()
    .int(1, 8)
    .text(2, 'trialroom')
    .message(7, (graph) => {
      for (const node of nodes) graph.message(1, (message) => writeNode(message, node));
      graph.text(2, name);
      for (const constant of constants) graph.message(5, (message) => writeConstant(message, constant));
      for (const value of inputs) graph.message(11, (message) => writeValue(message, value));
      for (const value of outputs) graph.message(12, (message) => writeValue(message, value));
    })
    .message(8, (opset) => opset.text(1, '').int(2, OPSET));
  const domains = new Set(nodes.map(({ domain }) => domain));
  domains.delete('');
  for (const domain of domains) model.message(8, (opset) => opset.text(1, domain).int(2, 1));
  return model.done();
}

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
