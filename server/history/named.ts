/** Which blobs versions name: their contents are compressed, so nobody else can tell. */
import { brotliDecompressSync } from 'node:zlib';
import { type BlobUser, namesIn } from '../blobs/sweep.ts';
import type { Database } from '../database/database.ts';
import { VersionContentRow } from './entities.ts';

/** Contents that are held at once. */
const AT_ONCE = 50;

export const namedInVersions = (db: Database): BlobUser =>
  async function* () {
    for (let offset = 0; ; offset += AT_ONCE) {
      const rows = await db
        .em()
        .find(VersionContentRow, {}, { orderBy: { notebook: 'asc', hash: 'asc' }, limit: AT_ONCE, offset });
      for (const { data } of rows) yield namesIn(brotliDecompressSync(data).toString());
      if (rows.length < AT_ONCE) return;
    }
  };
