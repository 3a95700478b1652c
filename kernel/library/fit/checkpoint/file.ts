/**
 * A checkpoint as bytes: a safetensors file, which any tool of the field can open for its weights. What it says beside
 * them, and a hash of the numbers, are in the file's `__metadata__`.
 */
import { createHash } from 'node:crypto';
import { endianness } from 'node:os';
import { CheckpointHeader, checkpointText } from '@trialroom/shared/trial/checkpoint';
import type { HostArray } from '../../data/source.ts';

/** A checkpoint in memory. */
export interface Checkpoint {
  header: CheckpointHeader;
  /** By the names that `shared/trial/checkpoint.ts` gives. */
  tensors: ReadonlyMap<string, HostArray>;
}

/** A file that is no checkpoint, is cut short or has changed since it was written. */
export class BadCheckpoint extends Error {
  override readonly name = 'BadCheckpoint';
}

const CODES = { float32: 'F32', int32: 'I32', bool: 'BOOL' } as const;
const ALIGN = 8;

/** The bytes of a checkpoint. */
export function encodeCheckpoint({ header, tensors }: Checkpoint): Uint8Array {
  const entries: Record<string, unknown> = {};
  const parts: Uint8Array[] = [];
  const hash = createHash('sha256');
  let at = 0;
  for (const [name, { dtype, shape, values }] of tensors) {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    entries[name] = { dtype: CODES[dtype], shape, data_offsets: [at, at + bytes.length] };
    hash.update(bytes);
    parts.push(bytes);
    at += bytes.length;
  }
  const metadata = { format: 'pt', trialroom: checkpointText(header), sha256: hash.digest('hex') };
  const text = JSON.stringify({ __metadata__: metadata, ...entries });
  const head = new TextEncoder().encode(text.padEnd(text.length + padding(Buffer.byteLength(text))));
  const whole = new Uint8Array(8 + head.length + at);
  new DataView(whole.buffer).setBigUint64(0, BigInt(head.length), true);
  whole.set(head, 8);
  let to = 8 + head.length;
  for (const part of parts) {
    whole.set(part, to);
    to += part.length;
  }
  return whole;
}

const padding = (length: number): number => (ALIGN - (length % ALIGN)) % ALIGN;

/** What a checkpoint says, from the beginning of its file alone. @throws BadCheckpoint */
export function decodeHeader(bytes: Uint8Array): { header: CheckpointHeader; head: Head } {
  const head = readHead(bytes);
  const { trialroom } = head.metadata;
  if (trialroom === undefined) throw new BadCheckpoint('it holds weights, but nothing to go on with training from');
  const parsed = CheckpointHeader.safeParse(parse(trialroom));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new BadCheckpoint(`its header is not that of a checkpoint: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  return { header: parsed.data, head };
}

/** A checkpoint from its bytes. @throws BadCheckpoint when they are cut short, or have changed */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const { header, head } = decodeHeader(bytes);
  const data = bytes.subarray(head.dataAt);
  if (data.length !== head.length) {
    throw new BadCheckpoint(`it is cut short: ${data.length} of ${head.length} bytes of numbers are there`);
  }
  if (createHash('sha256').update(data).digest('hex') !== head.metadata.sha256) {
    throw new BadCheckpoint('its numbers have changed since it was written');
  }
  const tensors = new Map<string, HostArray>();
  for (const { name, dtype, shape, from, to } of head.entries) {
    // Copied: views of other types must begin where their numbers would.
    tensors.set(name, arrayOf(dtype, shape, new Uint8Array(data.subarray(from, to)).buffer));
  }
  return { header, tensors };
}

interface Head {
  metadata: Record<string, string | undefined>;
  entries: { name: string; dtype: HostArray['dtype']; shape: number[]; from: number; to: number }[];
  /** Where the numbers begin, and how many bytes they are. */
  dataAt: number;
  length: number;
}

/** How many bytes the header takes, from the first eight of a file. @throws BadCheckpoint */
export function headLength(bytes: Uint8Array): number {
  if (bytes.length < 8) throw new BadCheckpoint('it is cut short: there is no header');
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length < 2 || length > 100_000_000) throw new BadCheckpoint('it is no safetensors file');
  return 8 + length;
}

function readHead(bytes: Uint8Array): Head {
  if (endianness() !== 'LE') throw new BadCheckpoint('this machine keeps numbers the other way round');
  const dataAt = headLength(bytes);
  if (bytes.length < dataAt) throw new BadCheckpoint('it is cut short in its header');
  const entries: Head['entries'] = [];
  let metadata: Head['metadata'] = {};
  let length = 0;
  for (const [name, entry] of Object.entries(Object(parse(new TextDecoder().decode(bytes.subarray(8, dataAt)))))) {
    if (name === '__metadata__') {
      metadata = Object.fromEntries(Object.entries(Object(entry)).map(([key, value]) => [key, String(value)]));
      continue;
    }
    const dtype = dtypes.find((one) => CODES[one] === Reflect.get(Object(entry), 'dtype'));
    const shape = numbers(Reflect.get(Object(entry), 'shape'));
    const [from, to] = numbers(Reflect.get(Object(entry), 'data_offsets'));
    if (!dtype || from === undefined || to === undefined) throw new BadCheckpoint(`its tensor ${name} makes no sense`);
    const size = shape.reduce((product, each) => product * each, dtype === 'bool' ? 1 : 4);
    if (to - from !== size) throw new BadCheckpoint(`its tensor ${name} is not as long as its shape`);
    entries.push({ name, dtype, shape, from, to });
    length = Math.max(length, to);
  }
  return { metadata, entries, dataAt, length };
}

const dtypes = ['float32', 'int32', 'bool'] as const;

function numbers(value: unknown): number[] {
  if (Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && each >= 0)) return value.map(Number);
  throw new BadCheckpoint('a shape or place in it is no list of whole numbers');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadCheckpoint('its header is no JSON');
  }
}

function arrayOf(dtype: HostArray['dtype'], shape: number[], buffer: ArrayBuffer): HostArray {
  if (dtype === 'float32') return { dtype, shape, values: new Float32Array(buffer) };
  if (dtype === 'int32') return { dtype, shape, values: new Int32Array(buffer) };
  return { dtype, shape, values: new Uint8Array(buffer) };
}
