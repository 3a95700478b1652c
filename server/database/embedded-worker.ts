/**
 * The thread that PGlite runs on, so that a long query never holds up the server's event loop. It speaks PostgreSQL's
 * wire protocol on a socket and one word, `close`, to its parent.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { z } from 'zod';
import { preparedDirectory } from './prepared.ts';

const { dir, path } = z.object({ dir: z.string(), path: z.string().nullable() }).parse(workerData);
const port = parentPort;
if (!port) throw new Error('embedded-worker.ts runs as a worker thread only');

/**
 * PostgreSQL's own cache of its files. It is 128 MB unless said otherwise, all of which the process holds for good; what is
 * not in it is read from the operating system's cache.
 */
const CACHE = ['-c', 'shared_buffers=16MB'];

const fresh = !existsSync(join(dir, 'PG_VERSION'));
const database = await PGlite.create({
  dataDir: dir,
  relaxedDurability: false,
  startParams: [...PGlite.defaultStartParams, ...CACHE],
  ...(fresh ? { loadDataDir: await preparedDirectory() } : {}),
});
const server = new PGLiteSocketServer({
  db: database,
  maxConnections: 4,
  ...(path === null ? { host: '127.0.0.1', port: 0 } : { path }),
});
await server.start();

port.on('message', async () => {
  await server.stop();
  await database.close();
  port.postMessage({ type: 'closed' });
  port.close();
});
port.postMessage({ type: 'ready', address: server.getServerConn() });
