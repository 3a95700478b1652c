/**
 * The thread that searches run on, so that a regular expression which never ends holds up nobody, and can be ended from
 * outside. It keeps the texts of files that it has read, until they change.
 */
import { readFile, stat } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';
import { parseNotebook } from '@trialroom/shared/notebook/format';
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

const port = parentPort;
if (!port) throw new Error('search-worker.ts runs as a worker thread only');
const read = new Map<string, { stamp: string; pages: Page[] }>();

async function pagesOf(file: string): Promise<Page[]> {
  try {
    const { mtimeMs, size, ino } = await stat(file);
    const stamp = `${mtimeMs}.${size}.${ino}`;
    const known = read.get(file);
    if (known?.stamp === stamp) return known.pages;
    const { cells } = parseNotebook(await readFile(file, 'utf8'));
    const pages = cells.map(({ id, source }) => ({ cell: id, text: source }));
    read.set(file, { stamp, pages });
    return pages;
  } catch {
    // Gone, or no notebook: the list says so where it is shown.
    read.delete(file);
    return [];
  }
}

port.on('message', async (message) => {
  const { search, source, flags, limit, notebooks } = Asked.parse(message);
  const texts = await Promise.all(
    notebooks.map(async ({ id, file, pages }) => ({ id, pages: pages ?? (await pagesOf(file)) })),
  );
  const pattern = new RegExp(source, flags);
  port.postMessage({ search, type: 'begun' });
  let left = limit;
  let more = false;
  for (const { id, pages } of texts) {
    if (left <= 0) {
      more = true;
      break;
    }
    const { total, lines } = searchIn(pages, pattern, Math.min(left, MOST_OF_ONE));
    if (total === 0) continue;
    left -= lines.length;
    port.postMessage({ search, type: 'found', id, total, lines });
  }
  port.postMessage({ search, type: 'done', more });
});
