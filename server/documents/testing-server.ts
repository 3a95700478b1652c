/** For tests that kill a server: documents in a process of their own. Prints `{ url, token, id }` once it listens. */
import { z } from 'zod';
import { connect } from '../database/connect.ts';
import { migrate } from '../database/migrate.ts';
import { startDocuments } from './testing.ts';

const { dataDir, folder, path } = z
  .object({ dataDir: z.string(), folder: z.string(), path: z.string() })
  .parse(JSON.parse(process.argv[2] ?? '{}'));

const database = await connect({ dataDir });
await migrate(database);
const server = await startDocuments({ database, folder });
process.stdout.write(
  `${JSON.stringify({ url: server.url, token: await server.token('editor'), id: await server.id(path) })}\n`,
);
