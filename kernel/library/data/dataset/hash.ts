/** SHA-256 of everything that batches are made of: what the numbers are, not where they lie. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** SHA-256 of bytes, in hex. */
export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** SHA-256 of a file, read piece by piece. @throws Error when it cannot be read */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(piece);
  return hash.digest('hex');
}

/** Numbers do not change once they are in a data set, so each array is gone through once. */
const known = new WeakMap<object, string>();

/**
 * SHA-256 of a plan. Arrays of numbers and files count with their content; paths do not count, so that the same data
 * have the same hash on every machine.
 */
export async function hashPlan(plan: unknown): Promise<string> {
  return sha256(JSON.stringify(await contentOf(plan)));
}

async function contentOf(value: unknown): Promise<unknown> {
  if (ArrayBuffer.isView(value)) return arrayHash(value);
  if (Array.isArray(value)) return Promise.all(value.map(contentOf));
  if (typeof value !== 'object' || value === null) return value;
  const content: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (key === 'path' && typeof part === 'string') content.file = await sha256OfFile(part);
    else if (key === 'paths' && Array.isArray(part)) content.files = await filesHash(part);
    else content[key] = await contentOf(part);
  }
  return content;
}

function arrayHash(array: ArrayBufferView): string {
  let hash = known.get(array);
  if (hash === undefined) {
    hash = `${array.constructor.name} ${sha256(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))}`;
    known.set(array, hash);
  }
  return hash;
}

async function filesHash(paths: readonly unknown[]): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(await sha256OfFile(String(path)));
  return hash.digest('hex');
}
