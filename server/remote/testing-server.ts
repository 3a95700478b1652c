/** A server in a process of its own, for tests that kill it: `node testing-server.ts <data folder> <port>`. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startServer } from '../app.ts';
import { readConfig } from '../config.ts';

const [folder = '', port = '0'] = process.argv.slice(2);
const notebooksDir = join(folder, 'notebooks');
mkdirSync(notebooksDir, { recursive: true });
// Its own database, wherever the tests run: a shared one would keep what an earlier version of the tables left there.
const config = readConfig({ port: Number(port), dataDir: join(folder, 'data'), notebooksDir }, {});
const server = await startServer(config);
console.log(JSON.stringify({ url: server.url, token: server.token }));
