/**
 * Serves blobs and spilled streams. Their bytes were made by notebooks, so nothing of them may run in the app's origin:
 * a type is honoured only when it is on a short list, and every answer carries a policy that turns scripts off.
 */
import { open } from 'node:fs/promises';
import { Refusal } from '../http/refusal.ts';
import type { Router } from '../http/register.ts';
import { toWeb } from '../http/web-stream.ts';
import type { Blobs, StoredFile } from './blobs.ts';

/** Types that a browser may show when asked to with `?type=`; everything else is a download of bytes. */
const SHOWN = new Map(
  [
    ...['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/svg+xml'],
    ...['text/html', 'text/plain', 'text/markdown', 'application/json'],
  ].map((type) => [type, type.startsWith('text/') ? `${type}; charset=utf-8` : type]),
);
const POLICY = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:";

export function blobsRoutes(router: Router, blobs: Blobs): void {
  router.raw('/api/blobs/{sha256}', 'read', 'The whole of a value too big for a page', async ({ params, request }) => {
    const { sha256 = '' } = params;
    const file = await blobs.find(sha256);
    if (!file) throw missing('there is no blob of this name', '/api/blobs/{sha256}');
    const asked = new URL(request.url).searchParams.get('type') ?? '';
    const type = SHOWN.get(asked);
    // A name that is a hash always means the same bytes.
    return serve(file, request, type ?? 'application/octet-stream', {
      'cache-control': 'private, max-age=31536000, immutable',
      'content-disposition': type ? 'inline' : `attachment; filename="${sha256.slice(0, 12)}"`,
    });
  });
  router.raw(
    '/api/outputs/{execution}/{stream}',
    'read',
    'The whole of a stream (`stdout`, `stderr`) or of the message of an `error`, of which a page shows a part; a stream may still grow',
    async ({ params, request }) => {
      const { execution = '', stream = '' } = params;
      const file = await blobs.findSpill(execution, stream);
      if (!file) throw missing('this stream is not kept; a later run of the cell has replaced it', request.url);
      const shown = new URL(request.url).searchParams.has('show');
      return serve(file, request, 'text/plain; charset=utf-8', {
        'cache-control': 'no-store',
        'content-disposition': `${shown ? 'inline' : 'attachment'}; filename="${stream}-${execution}.txt"`,
      });
    },
  );
}

const missing = (message: string, where: string): Refusal =>
  new Refusal(404, { error: 'no-such-file', message, where });

/** Streams the bytes that the file has now, or the asked-for range of them. */
async function serve(
  { path, bytes }: StoredFile,
  request: Request,
  type: string,
  headers: Record<string, string>,
): Promise<Response> {
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.get('range') ?? '');
  let first = 0;
  let last = bytes - 1;
  if (range && bytes > 0) {
    const [, from = '', to = ''] = range;
    first = from === '' ? Math.max(0, bytes - Number(to)) : Number(from);
    last = from === '' || to === '' ? last : Math.min(last, Number(to));
    if (first > last) return new Response(null, { status: 416, headers: { 'content-range': `bytes */${bytes}` } });
  }
  const common = {
    ...headers,
    'content-type': type,
    'content-length': String(Math.max(0, last - first + 1)),
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    'accept-ranges': 'bytes',
  };
  const part = range !== null && bytes > 0;
  const status = part ? 206 : 200;
  const all = part ? { ...common, 'content-range': `bytes ${first}-${last}/${bytes}` } : common;
  if (request.method === 'HEAD' || bytes === 0) return new Response(null, { status, headers: all });
  const file = await open(path, 'r');
  const web = file.createReadStream({ start: first, end: last });
  return new Response(toWeb(web), { status, headers: all });
}
