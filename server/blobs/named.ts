/** Which blobs are named in the database, and in notebooks on the disk. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '../database/database.ts';
import { type BlobUser, namesIn } from './sweep.ts';

/** Points and printed lines refer to nothing, and are most of what is stored. */
const NAMELESS = /^(point_parts|metric_\w+|log_chunks|trial_metrics|migrations)$/;

/**
 * Every text, JSON and byte column of every table, so that what comes to be kept later is looked at too. Only content that
 * is compressed must be read by who compressed it.
 */
export const namedInDatabase = (db: Database): BlobUser =>
  async function* () {
    const columns = await db.em().execute<{ table: string; column: string; type: string }[]>(
      `select table_name as "table", column_name as "column", data_type as type from information_schema.columns
         where table_schema = current_schema() and data_type in ('text', 'character varying', 'json', 'jsonb', 'bytea')`,
    );
    for (const { table, column, type } of columns) {
      if (NAMELESS.test(table)) continue;
      const text = type === 'bytea' ? `encode("${column}", 'escape')` : `"${column}"::text`;
      const rows = await db
        .em()
        .execute<{ name: string }[]>(
          `select distinct (regexp_matches(${text}, '[0-9a-f]{64}', 'g'))[1] as name from "${table}"`,
        );
      yield rows.map(({ name }) => name);
    }
  };

/** Notebooks below a folder, wherever they lie: outputs that are too big for one are named in it. */
export const namedInNotebooks = (folder: string): BlobUser =>
  async function* () {
    const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    });
    for (const file of found) {
      // In the trash what was thrown away is named `content`, whatever it was.
      if (file.isFile() && /\.ipynb$|^content$/i.test(file.name))
        yield namesIn(await textOf(join(file.parentPath, file.name)));
    }
  };

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'latin1');
  } catch (error) {
    // Moved or deleted meanwhile: it is found where it is now, or its second asking finds it.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}
