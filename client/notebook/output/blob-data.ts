/** Values that were too big for the page, and where the whole of them is. */
import { MIME, type MimeBundle } from '@trialroom/shared/notebook/outputs';
import { z } from 'zod';

const BlobPart = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number().nonnegative(),
  mime: z.string(),
  preview: z.unknown(),
});
/** One value that is kept beside the page, by the name of its content. */
export type BlobPart = z.infer<typeof BlobPart>;

const BlobData = BlobPart.extend({ others: z.array(BlobPart).optional() });

/** The forms of one value that were kept elsewhere, the richest first; none when it is no such value. */
export function blobsOf(value: unknown): BlobPart[] {
  const parsed = BlobData.safeParse(value);
  if (!parsed.success) return [];
  const { others = [], ...first } = parsed.data;
  return [first, ...others];
}

/** Where the whole of it is. */
export const blobAddress = (blob: BlobPart): string => `/api/blobs/${blob.sha256}`;

/** All of a table as a file: an address, and its size in bytes. */
export function wholeTable(bundle: MimeBundle): { address: string; bytes: number } | null {
  const kept = blobsOf(bundle[MIME.blob]).find(({ mime }) => mime === 'text/csv');
  if (kept) return { address: blobAddress(kept), bytes: kept.bytes };
  const csv = bundle['text/csv'];
  if (typeof csv !== 'string') return null;
  return { address: `data:text/csv;charset=utf-8,${encodeURIComponent(csv)}`, bytes: new Blob([csv]).size };
}
