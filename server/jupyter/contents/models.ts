/** Contents models: how Jupyter's clients see a file, a folder or a notebook. */
import { basename, extname } from 'node:path';
import { isNotebook, type Thing } from './place.ts';

/** What the contents service says of one thing; field names are Jupyter's. */
export interface ContentsModel {
  name: string;
  path: string;
  type: 'directory' | 'file' | 'notebook';
  writable: boolean;
  /** ISO 8601 */
  created: string;
  last_modified: string;
  mimetype: string | null;
  format: 'json' | 'text' | 'base64' | null;
  content: unknown;
  size: number | null;
  /** Null where nobody asked for it. */
  hash: string | null;
  hash_algorithm: 'sha256' | null;
}

/** Types by ending, for what people keep beside notebooks; what is not here is guessed from the bytes. */
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.csv': 'text/csv',
  '.gif': 'image/gif',
  '.html': 'text/html',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.md': 'text/markdown',
  '.mjs': 'text/javascript',
  '.parquet': 'application/vnd.apache.parquet',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ts': 'text/x.typescript',
  '.tsv': 'text/tab-separated-values',
  '.tsx': 'text/x.typescript',
  '.txt': 'text/plain',
  '.webp': 'image/webp',
};

/** Of a notebook that is read as the file it is. */
export const NOTEBOOK_TYPE = 'application/x-ipynb+json';

/** The type that a file's name says; null when it says none. */
export const typeByName = (path: string): string | null => TYPES[extname(path).toLowerCase()] ?? null;

/** The model of something, without what is in it. */
export function modelOf(thing: Thing, writable: boolean): ContentsModel {
  const { path, kind } = thing;
  return {
    name: basename(path),
    path,
    type: kind === 'directory' ? 'directory' : isNotebook(path) ? 'notebook' : 'file',
    writable,
    created: new Date(thing.createdAt).toISOString(),
    last_modified: new Date(thing.changedAt).toISOString(),
    mimetype: kind === 'directory' || isNotebook(path) ? null : typeByName(path),
    format: null,
    content: null,
    size: kind === 'directory' ? null : thing.size,
    hash: null,
    hash_algorithm: null,
  };
}
