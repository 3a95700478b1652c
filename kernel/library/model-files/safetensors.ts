/**
 * The safetensors format, by its specification: eight bytes with the length of a JSON header (little-endian), the
 * header, then the numbers of all tensors without a gap. The header gives each tensor's type, shape and the bytes it
 * lies in. Nothing in such a file can run.
 */
import { z } from 'zod';

/** Types of numbers, by the format's names, and the bytes of one number. */
const WIDTHS = {
  ...{ BOOL: 1, U8: 1, I8: 1, U16: 2, I16: 2, F16: 2, BF16: 2 },
  ...{ U32: 4, I32: 4, F32: 4, U64: 8, I64: 8, F64: 8 },
} as const;
/** A type of numbers. */
export type StoredType = keyof typeof WIDTHS;

/** One tensor of a file. */
export interface StoredTensor {
  type: StoredType;
  shape: readonly number[];
  /** Its numbers as they lie in the file: little-endian, the last axis first. */
  bytes: Uint8Array;
}

/** What a file holds. */
export interface StoredTensors {
  /** In the order in which they lie in the file. */
  tensors: ReadonlyMap<string, StoredTensor>;
  /** Text beside the tensors, the `__metadata__` of the format. */
  metadata: Readonly<Record<string, string>>;
}

/** A file is not what its format says. */
export class BadModelFile extends Error {
  override name = 'BadModelFile';
}

/** The longest header that readers of this format take. */
const LONGEST_HEADER = 100_000_000;
const METADATA = '__metadata__';

const length = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const Entry = z.strictObject({
  dtype: z.string(),
  shape: z.array(length),
  data_offsets: z.tuple([length, length]),
});
const Metadata = z.record(z.string(), z.string());
const Header = z.record(z.string(), z.unknown());

const isType = (name: string): name is StoredType => Object.hasOwn(WIDTHS, name);

/**
 * Reads a file.
 * @throws BadModelFile that says what is wrong, and in which tensor; nothing is ever read from outside the file
 */
export function decodeSafetensors(file: Uint8Array): StoredTensors {
  if (file.length < 8) throw new BadModelFile(`a safetensors file has 8 bytes or more, and this one ${file.length}`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerLength = view.getBigUint64(0, true);
  if (headerLength > LONGEST_HEADER) {
    throw new BadModelFile(`its header is said to be ${headerLength} bytes long: this is no safetensors file`);
  }
  const start = 8 + Number(headerLength);
  if (start > file.length) {
    throw new BadModelFile(`it is cut short: its header ends at byte ${start}, the file at ${file.length}`);
  }
  const { [METADATA]: about, ...entries } = headerOf(file.subarray(8, start));
  const metadata = about === undefined ? {} : checked(Metadata, about, METADATA);
  const body = file.subarray(start);
  const tensors = Object.entries(entries)
    .map(([name, value]) => entryOf(name, value, body))
    .toSorted((a, b) => a.from - b.from || a.to - b.to);
  checkOrder(tensors, body.length);
  return { tensors: new Map(tensors.map(({ name, tensor }) => [name, tensor])), metadata };
}

function headerOf(bytes: Uint8Array): Record<string, unknown> {
  // The format asks for this, so that nothing else is taken for it.
  if (bytes[0] !== 0x7b) throw new BadModelFile('its header does not begin with {: this is no safetensors file');
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new BadModelFile('its header is no JSON: the file is damaged', { cause });
  }
  return checked(Header, parsed, 'the header');
}

function entryOf(name: string, value: unknown, body: Uint8Array) {
  const { dtype, shape, data_offsets: offsets } = checked(Entry, value, `the entry of "${name}"`);
  if (!isType(dtype)) {
    throw new BadModelFile(`"${name}" is of type ${dtype}; known are ${Object.keys(WIDTHS).join(', ')}`);
  }
  const [from, to] = offsets;
  const wanted = shape.reduce((product, each) => product * each, WIDTHS[dtype]);
  if (to - from !== wanted) {
    throw new BadModelFile(
      `"${name}", ${dtype} [${shape}], takes ${wanted} bytes, and the header gives it ${to - from}`,
    );
  }
  if (to > body.length) {
    throw new BadModelFile(
      `it is cut short: "${name}" ends at byte ${to} of the numbers, of which ${body.length} are there`,
    );
  }
  const tensor: StoredTensor = { type: dtype, shape, bytes: body.subarray(from, to) };
  return { name, from, to, tensor };
}

/** Every byte belongs to one tensor. */
function checkOrder(tensors: readonly { name: string; from: number; to: number }[], end: number): void {
  let at = 0;
  for (const { name, from, to } of tensors) {
    if (from !== at)
      throw new BadModelFile(`"${name}" begins at byte ${from} where ${at} is due: bytes overlap or are left over`);
    at = to;
  }
  if (at !== end) throw new BadModelFile(`${end - at} bytes at its end belong to no tensor`);
}

function checked<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  throw new BadModelFile(`${what} is not as the format says: ${z.prettifyError(error).replaceAll('\n', ' ')}`);
}

/**
 * Writes a file. Tensors with wider numbers come first, so that each lies at a multiple of its width; else the order is
 * kept.
 * @throws BadModelFile when a tensor's bytes do not fit its shape, or it is called `__metadata__`
 */
export function encodeSafetensors({ tensors, metadata }: StoredTensors): Uint8Array<ArrayBuffer> {
  const entries = [...tensors].toSorted(([, a], [, b]) => WIDTHS[b.type] - WIDTHS[a.type]);
  const header: [string, unknown][] = Object.keys(metadata).length > 0 ? [[METADATA, metadata]] : [];
  let at = 0;
  for (const [name, { type, shape, bytes }] of entries) {
    const wanted = shape.reduce((product, each) => product * each, WIDTHS[type]);
    if (bytes.length !== wanted) {
      throw new BadModelFile(`"${name}", ${type} [${shape}], takes ${wanted} bytes; ${bytes.length} were given`);
    }
    if (name === METADATA) throw new BadModelFile(`no tensor can be called ${METADATA}`);
    header.push([name, { dtype: type, shape, data_offsets: [at, at + wanted] }]);
    at += wanted;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const start = 8 * Math.ceil((8 + json.length) / 8);
  if (start - 8 > LONGEST_HEADER) throw new BadModelFile('its header would be longer than readers take');
  const file = new Uint8Array(start + at).fill(0x20, 8 + json.length, start);
  new DataView(file.buffer).setBigUint64(0, BigInt(start - 8), true);
  file.set(json, 8);
  let offset = start;
  for (const [, { bytes }] of entries) {
    file.set(bytes, offset);
    offset += bytes.length;
  }
  return file;
}
