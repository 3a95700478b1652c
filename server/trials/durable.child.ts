/** The process that `durable.test.ts` kills: it hosts a trial, logs to it, and prints what was acknowledged. */
import { pino } from 'pino';
import { connect } from '../database/connect.ts';
import { migrate } from '../database/migrate.ts';
import { createHub } from '../live/socket-hub.ts';
import { createTrials } from './trials.ts';

const [dataDir = '', url, schema] = process.argv.slice(2);
const log = pino({ level: 'silent' });
const db = await connect(url ? { dataDir, url, schema } : { dataDir });
await migrate(db);
const trials = await createTrials({ db, hub: await createHub({ log }), log, pathOf: async () => 'x.ipynb' });
const origin = { kernel: 'k', execution: 'e', cell: 'c', notebook: null, by: null, backend: null };
const { trial } = await trials.open({ experiment: 'durable', name: 'run', params: {} }, origin);
console.log(trial);
for (let seq = 1; ; seq++) {
  const steps = Float64Array.from({ length: 50 }, (_, i) => (seq - 1) * 50 + i);
  await trials.points(trial, 'e', seq, [{ key: 'loss', steps, walls: steps, values: new Float64Array(50).fill(seq) }]);
  process.stdout.write(`${seq}\n`);
}
