/**
 * The thread that searches run on, so that a regular expression which never ends holds up nobody, and can be ended from
 * outside. It keeps the texts of files that it has read, until they change.
 */
import { readFile, stat } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';
import { parseNotebook } from '@trialroom/shared/notebook/format';
import { parseJson } from '@trialroom/shared/notebook/json';
import { z } from 'zod';
import { type Page, searchIn } from './search-in.ts';

/** What is asked of the thread: a search in these notebooks, in their order. */
export const Asked = z.object({
  search: z.number(),
  source: z.string(),
  flags: z.string(),
  limit: z.number(),
  notebooks: z.array(
    z.object({
      id: z.string(),
      /** The file, on this machine. */
      file: z.string(),
      /** What an open notebook says now; null: what the file says. */
      pages: z.array(z.object({ cell: z.string(), text: z.string() })).nullable(),
    }),
  ),
});
export type Asked = z.infer<typeof Asked>;

/** Lines that one notebook gives at most, so that the first does not hide the others. */
const MOST_OF_ONE = 20;

/** Notebooks that are read before they are searched. */
const AT_ONCE = 32;

const port = parentPort;
if (!port) throw new Error('search-worker.ts runs as a worker thread only');
const read = new Map<string, { stamp: string; pages: Page[] }>();

async function pagesOf(file: string): Promise<Page[]> {
  try {
    const { mtimeMs, size, ino } = await stat(file);
    const stamp = `${mtimeMs}.${size}.${ino}`;
    const known = read.get(file);
    if (known?.stamp === stamp) return known.pages;
    const pages = pagesIn(await readFile(file, 'utf8'));
    read.set(file, { stamp, pages });
    return pages;
  } catch {
    // Gone, or no notebook: the list says so where it is shown.
    read.delete(file);
    return [];
  }
}

const Plain = z.object({
  nbformat: z.literal(4),
  cells: z.array(
    z.object({ id: z.string().regex(/^[\w-]{1,64}$/), source: z.union([z.string(), z.array(z.string())]) }),
  ),
});

/**
 * The sources of a notebook's cells. Outputs, most of most files, are not looked at; a file whose cells lack ids, or that
 * is no notebook, is read as it is when it is opened.
 */
function pagesIn(text: string): Page[] {
  const plain = Plain.safeParse(parseJson(text)).data?.cells ?? [];
  const pages = plain.map(({ id, source }) => ({
    cell: id,
    text: typeof source === 'string' ? source : source.join(''),
  }));
  if (pages.length > 0 && new Set(pages.map(({ cell }) => cell)).size === pages.length) return pages;
  return parseNotebook(text).cells.map(({ id, source }) => ({ cell: id, text: source }));
}

port.on('message', async (message) => {
  const { search, source, flags, limit, notebooks } = Asked.parse(message);
  const pattern = new RegExp(source, flags);
  let left = limit;
  let more = false;
  // What is read is searched before more is read: the first that fit are told without those that come after.
  for (let at = 0; at < notebooks.length && !more; at += AT_ONCE) {
    const some = notebooks.slice(at, at + AT_ONCE);
    const texts = await Promise.all(some.map(async ({ file, pages }) => pages ?? (await pagesOf(file))));
    port.postMessage({ search, type: 'matching' });
    for (const [index, { id }] of some.entries()) {
      more = left <= 0;
      if (more) break;
      const { total, lines } = searchIn(texts[index] ?? [], pattern, Math.min(left, MOST_OF_ONE));
      if (total === 0) continue;
      left -= lines.length;
      port.postMessage({ search, type: 'found', id, total, lines });
    }
    port.postMessage({ search, type: 'matched' });
  }
  port.postMessage({ search, type: 'done', more });
});
