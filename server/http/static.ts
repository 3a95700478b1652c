/**
 * Serves the built client: hashed assets for ever, everything else fresh, and `index.html` for every address that is a
 * page of the app. Text is sent compressed; each file is compressed once.
 */
import { readFile, stat } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const compress = promisify(gzip);

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};
const COMPRESSED = new Set(['.html', '.js', '.css', '.json', '.map', '.svg', '.wasm', '.txt', '.webmanifest']);

interface Held {
  stamp: string;
  plain: Uint8Array<ArrayBuffer>;
  zipped: Uint8Array<ArrayBuffer> | null;
}

export interface StaticFiles {
  /** The file at this path of the site (never `index.html`), or null when there is none. */
  file(path: string, headers: Headers): Promise<Response | null>;
  /** The app's page, or null when the client has not been built. */
  page(headers: Headers): Promise<Response | null>;
}

export function createStatic(dir: string): StaticFiles {
  const held = new Map<string, Held>();

  const read = async (path: string): Promise<Held | null> => {
    const info = await stat(path).catch(() => null);
    if (!info?.isFile()) return null;
    const stamp = `${info.mtimeMs.toString(36)}-${info.size.toString(36)}`;
    const known = held.get(path);
    if (known?.stamp === stamp) return known;
    const plain = new Uint8Array(await readFile(path));
    const zip = COMPRESSED.has(extname(path)) && plain.length > 1024;
    const entry: Held = { stamp, plain, zipped: zip ? new Uint8Array(await compress(plain)) : null };
    held.set(path, entry);
    return entry;
  };

  const serve = async (name: string, headers: Headers): Promise<Response | null> => {
    const entry = await read(join(dir, name));
    if (!entry) return null;
    const zipped = entry.zipped !== null && /\bgzip\b/.test(headers.get('accept-encoding') ?? '');
    const etag = `"${entry.stamp}${zipped ? '-gz' : ''}"`;
    const sent = new Headers({
      'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
      'cache-control': name.startsWith(`assets${sep}`) ? 'public, max-age=31536000, immutable' : 'no-cache',
      vary: 'accept-encoding',
      etag,
    });
    if (headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers: sent });
    if (zipped) sent.set('content-encoding', 'gzip');
    const body = zipped && entry.zipped ? entry.zipped : entry.plain;
    sent.set('content-length', String(body.length));
    return new Response(body, { headers: sent });
  };

  return {
    file: async (path, headers) => {
      const name = normalize(path).replace(/^[/\\]+/, '');
      const hidden = name.split(sep).some((part) => part.startsWith('.'));
      if (name === '' || hidden || name.includes('\0') || name === 'index.html') return null;
      return serve(name, headers);
    },
    page: (headers) => serve('index.html', headers),
  };
}
