/**
 * Values that are too big for a page but not for a file: whoever opens the `.ipynb` elsewhere finds them whole, where
 * they belong, and not the name of a blob that only this workspace has.
 */
import { readFile } from 'node:fs/promises';
import { MIME, type MimeBundle, type Output } from '@trialroom/shared/notebook/outputs';
import { z } from 'zod';
import type { Blobs } from '../../blobs/blobs.ts';
import { isBinary } from './limits.ts';

/** Most bytes of one value in a file; of a bigger one the file holds the preview and the name of the blob. */
export const VALUE_IN_FILE = 8 * 1024 * 1024;
/** Most bytes of all such values in one file. */
const VALUES_IN_FILE = 64 * 1024 * 1024;

const Kept = z.object({ sha256: z.string(), bytes: z.number(), mime: z.string(), json: z.boolean().optional() });
const BlobValue = Kept.extend({ others: z.array(Kept).optional() });

/** Puts big values back into the outputs of one notebook, as far as a file takes them. */
export class FileValues {
  readonly #blobs: Pick<Blobs, 'find'>;
  #left = VALUES_IN_FILE;

  constructor(blobs: Pick<Blobs, 'find'>) {
    this.#blobs = blobs;
  }

  /** The outputs as the file is to hold them; the same objects where nothing is to be put back. */
  async restore(outputs: readonly Output[]): Promise<Output[]> {
    const restored: Output[] = [];
    for (const output of outputs) {
      const kept = output.type === 'display' || output.type === 'result' ? output.data[MIME.blob] : undefined;
      const blob = BlobValue.safeParse(kept);
      if (!blob.success || (output.type !== 'display' && output.type !== 'result')) restored.push(output);
      else restored.push({ ...output, data: await this.#bundle(output.data, blob.data) });
    }
    return restored;
  }

  async #bundle(data: MimeBundle, { others = [], ...first }: z.infer<typeof BlobValue>): Promise<MimeBundle> {
    const { [MIME.blob]: reference, ...whole } = data;
    let missing = false;
    for (const kept of [first, ...others]) {
      const value = await this.#value(kept);
      if (value === undefined) missing = true;
      else whole[kept.mime] = value;
    }
    return missing ? { ...whole, [MIME.blob]: reference } : whole;
  }

  async #value({ sha256, bytes, mime, json = false }: z.infer<typeof Kept>): Promise<unknown> {
    if (bytes > VALUE_IN_FILE || bytes > this.#left) return undefined;
    const file = await this.#blobs.find(sha256);
    if (!file) return undefined;
    this.#left -= bytes;
    const content = await readFile(file.path);
    if (isBinary(mime)) return content.toString('base64');
    const text = content.toString();
    return json ? JSON.parse(text) : text;
  }
}
