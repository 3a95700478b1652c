/**
 * A server process for the test that kills one: `node killed-server.ts FOLDER PORT`. It runs a cell that prints numbers
 * and says on its own output each number that a browser was shown. The cell holds a connection to PORT while it lives.
 */
import { join } from 'node:path';
import { connect } from '../database/connect.ts';
import { migrate } from '../database/migrate.ts';
import { ann, openWorkspace } from './workspace.ts';

const [folder = '', port = ''] = process.argv.slice(2);
const db = await connect({ dataDir: join(folder, 'db') });
await migrate(db);
const work = await openWorkspace(db, { dataDir: folder });
const source = `import { connect } from 'node:net';
  connect(${Number(port)}).on('error', () => {});
  for (let i = 0; ; i++) { console.log(i); await new Promise((go) => setTimeout(go, 1)); }`;
const id = await work.notebook('killed', { a: source });
const mirror = await work.watch(id);
await work.sessions.run(id, ['a'], ann);
let told = -1;
await mirror.until((now) => {
  const shown = Number(now.text('a').trimEnd().split('\n').at(-1) || -1);
  if (shown > told) process.stdout.write(`${shown}\n`);
  told = Math.max(told, shown);
  return false;
});
