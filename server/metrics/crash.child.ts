/** The process that `crash.test.ts` kills: it logs and folds without pause, from where the last one ended, and prints what was acknowledged. */
import { connect } from '../database/connect.ts';
import { migrate } from '../database/migrate.ts';
import { createMetrics } from './metrics.ts';

const [dataDir = '', url, schema, from = '1'] = process.argv.slice(2);
const db = await connect(url ? { dataDir, url, schema } : { dataDir });
await migrate(db);
const metrics = createMetrics({
  db,
  hub: { emit: () => {} },
  onPoints: () => {},
  onFault: (error) => {
    throw error;
  },
  pace: 0,
  fold: { points: 3000, parts: 7, idleMs: 1e6 },
});
metrics.ingest.expect('crash');
for (let seq = Number(from); ; seq++) {
  const steps = Float64Array.from({ length: 500 }, (_, i) => (seq - 1) * 500 + i);
  const few = Float64Array.of(seq);
  await metrics.ingest.add({
    ...{ trial: 'crash', source: 'code', seq },
    columns: [
      { key: 'many', steps, walls: steps, values: new Float64Array(500).fill(seq) },
      { key: `few ${seq % 3}`, steps: few, walls: few, values: few },
    ],
  });
  process.stdout.write(`${seq}\n`);
}
