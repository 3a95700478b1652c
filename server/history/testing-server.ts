/**
 * For the test that kills a server: documents and their history in a process of their own, over the database it is given.
 * Prints `{ url, people: [{ token, name }], id }` once it listens. Nobody pauses long enough for a version here.
 */
import { z } from 'zod';
import { createAccounts } from '../accounts/accounts.ts';
import { connect } from '../database/connect.ts';
import { migrate } from '../database/migrate.ts';
import { startDocuments } from '../documents/testing.ts';
import { createHistory } from './history.ts';

const {
  database: place,
  folder,
  path,
} = z
  .object({
    database: z.union([z.object({ dataDir: z.string() }), z.object({ url: z.string(), schema: z.string() })]),
    folder: z.string(),
    path: z.string(),
  })
  .parse(JSON.parse(process.argv[2] ?? '{}'));

const database = await connect(place);
await migrate(database);
const server = await startDocuments({ database, folder });
const accounts = await createAccounts({ db: database, dataDir: folder });
createHistory({
  database,
  documents: server.documents,
  hub: { emit: () => {} },
  people: (ids) => accounts.people(ids),
  onError: (error) => {
    throw error;
  },
  pauseMs: 3_600_000,
});
const people = [];
for (let count = 0; count < 3; count++) {
  const token = await server.token('editor');
  const person = await accounts.authenticate({ authorization: `Bearer ${token}` });
  people.push({ token, name: person?.name ?? '' });
}
process.stdout.write(`${JSON.stringify({ url: server.url, people, id: await server.id(path) })}\n`);
