/**
 * Fan-out: from `log` in a real kernel to the point applied in each of many viewers of its room. Viewers are real
 * connections, each with the feed that pages have, in a process of their own on the same machine; drawing is not in it
 * (the `live` bench has one viewer that draws). The training loop logs eight metrics twenty times a second.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { call, notebookId } from '../../e2e/api.ts';
import { writeNotebook } from '../../e2e/notebook-file.ts';
import { type RunningServer, startServer } from '../../e2e/server.ts';
import { quantile, report } from '../report.ts';

const VIEWERS = fileURLToPath(new URL('./viewers.ts', import.meta.url));

// 53 ms is no multiple of any batching interval, so points fall anywhere within one.
const SOURCE = `import { trial } from "trialroom";
const run = await trial({ experiment: "bench", name: "fanout", params: {} });
for (let step = 1; step <= 100_000 && !run.stopping; step++) {
  const loss = Math.exp(-step / 1000);
  run.log({ loss, a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7 }, { step });
  await new Promise((done) => setTimeout(done, 53));
}
run.finish();`;

const Trial = z.object({ id: z.string(), status: z.string() });

/** Latencies in ms of each point at each viewer. */
async function watchWith(viewers: number, server: RunningServer, trial: string): Promise<number[]> {
  const child = fork(VIEWERS, [server.url, server.token, trial, String(viewers)], {
    execArgv: [],
    serialization: 'advanced',
  });
  const [took] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`the viewers ended with code ${code}`))),
  ]);
  child.kill();
  return [...took];
}

export default async function measure(): Promise<boolean> {
  const notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-bench-'));
  await writeNotebook(join(notebooksDir, 'bench.ipynb'), [{ id: 'train', source: SOURCE }]);
  const server = await startServer({ notebooksDir });
  const notebook = await notebookId(server, 'bench.ipynb');
  const { id } = await call(server, 'POST', '/api/trials', Trial, { notebook });
  while ((await call(server, 'GET', `/api/trials/${id}`, Trial)).status !== 'running');
  const rows = [];
  for (const viewers of [1, 100, 500]) {
    const took = await watchWith(viewers, server, id);
    rows.push({ name: `p95-${viewers}`, unit: 'ms', ours: quantile(took, 0.95), goal: viewers > 100 ? 500 : 250 });
  }
  await server.stop();
  await rm(notebooksDir, { recursive: true, force: true });
  return report('fanout', rows);
}
