/**
 * Kernels that train at the same time, on a real server: what each of them gets, what all of them get together beside what
 * one gets alone, and how long a kernel that trains nothing takes to answer `1+1` meanwhile. They begin one after the
 * other, as people do. `npm run -s bench -- share seed`: the same of kernels with a seed, which keep their threads.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { z } from 'zod';
import { call, notebookId } from '../../e2e/api.ts';
import { writeNotebook } from '../../e2e/notebook-file.ts';
import { startServer } from '../../e2e/server.ts';
import { quantile, type Row, report } from '../report.ts';

/** Apart, at the beginning; together, in what is counted. */
const [APART_MS, TOGETHER_MS] = [2000, 8000];
const MOST = 3;

/** Trains `mlp`'s model until it is told to stop by a number of milliseconds, and writes down when each step was done. */
const training = (name: string, forMs: number, seeded: boolean): string => `
import { seed, tensorflow } from 'trialroom';
import { writeFileSync } from 'node:fs';
const tf = await tensorflow();
${seeded ? 'seed(1);' : ''}
const { dense } = tf.layers;
const model = tf.sequential({ layers: [
  dense({ units: 512, activation: 'relu', inputShape: [784] }), dense({ units: 256, activation: 'relu' }),
  dense({ units: 10, activation: 'softmax' })] });
model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
const [x, y] = [tf.randomNormal([128, 784]), tf.oneHot(tf.randomUniform([128], 0, 10, 'int32'), 10)];
const done = [];
const until = Date.now() + ${forMs};
while (Date.now() < until) { await model.trainOnBatch(x, y); done.push(Date.now()); }
writeFileSync('${name}.json', JSON.stringify(done));
'trained'`;

export default async function measure(): Promise<boolean> {
  const seeded = process.argv[3] === 'seed';
  const rows: Row[] = [];
  let alone = Number.NaN;
  for (let count = 1; count <= MOST; count++) {
    const { steps, took } = await together(count, seeded);
    const all = steps.reduce((sum, each) => sum + each, 0);
    if (count === 1) alone = all;
    console.log(
      `${count} training: ${steps.map((each) => each.toFixed(0)).join(' + ')} steps a second; 1+1 ${took.length} times`,
    );
    if (count > 1) {
      rows.push({ name: `uneven-${count}`, unit: '×', ours: Math.max(...steps) / Math.min(...steps), goal: 1.25 });
      rows.push({ name: `together-${count}`, unit: '× alone', ours: all / alone, goal: 0.85, higher: true });
    }
    rows.push({ name: `answer-${count}-p50`, unit: 'ms', ours: quantile(took, 0.5), goal: 50 });
    rows.push({ name: `answer-${count}-p95`, unit: 'ms', ours: quantile(took, 0.95), goal: 100 });
  }
  return report(seeded ? 'share, with a seed' : 'share', rows);
}

/** Steps a second of each of so many kernels while all of them train, and ms of each `1+1` beside them. */
async function together(count: number, seeded: boolean): Promise<{ steps: number[]; took: number[] }> {
  const notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-bench-'));
  const names = Array.from({ length: count }, (_, index) => `training-${index}`);
  const last = (count - 1) * APART_MS;
  for (const [index, name] of names.entries()) {
    const source = training(name, last - index * APART_MS + APART_MS + TOGETHER_MS, seeded);
    await writeNotebook(join(notebooksDir, `${name}.ipynb`), [{ id: 'train', source }]);
  }
  await writeNotebook(join(notebooksDir, 'asking.ipynb'), [{ id: 'ask', source: '1+1' }]);
  const server = await startServer({ notebooksDir });
  const socket = io(server.url, {
    transports: ['websocket'],
    extraHeaders: { authorization: `Bearer ${server.token}` },
  });
  try {
    const run = async (id: string, cell: string): Promise<void> => {
      await call(server, 'POST', `/api/notebooks/${id}/run`, z.unknown(), { cells: [cell] });
    };
    const opened = async (path: string): Promise<string> => {
      const id = await notebookId(server, path);
      await call(server, 'POST', `/api/notebooks/${id}/open`, z.unknown(), {});
      await socket.emitWithAck('watch', `notebook:${id}`);
      return id;
    };
    const answered = (id: string, text: string): Promise<void> =>
      new Promise((resolve) => {
        const hear = (event: { notebook: string; events: unknown }): void => {
          if (event.notebook !== id || !JSON.stringify(event.events).includes(text)) return;
          socket.off('output', hear);
          resolve();
        };
        socket.on('output', hear);
      });
    const asking = await opened('asking.ipynb');
    const ask = async (): Promise<number> => {
      const from = performance.now();
      const seen = answered(asking, '"2"');
      await run(asking, 'ask');
      await seen;
      return performance.now() - from;
    };
    await ask();
    const trained: Promise<void>[] = [];
    for (const name of names) {
      const id = await opened(`${name}.ipynb`);
      trained.push(answered(id, 'trained'));
      await run(id, 'train');
      await setTimeout(APART_MS);
    }
    const took: number[] = [];
    let over = false;
    void Promise.all(trained).then(() => {
      over = true;
    });
    for (const until = performance.now() + TOGETHER_MS * 0.8; !over && performance.now() < until; ) {
      took.push(await ask());
      await setTimeout(50);
    }
    await Promise.all(trained);
    const done = await Promise.all(
      names.map(async (name) =>
        z.array(z.number()).parse(JSON.parse(await readFile(join(notebooksDir, `${name}.json`), 'utf8'))),
      ),
    );
    // From when the last of them took its third step to when the first was over.
    const from = Math.max(...done.map((each) => each[3] ?? Number.POSITIVE_INFINITY));
    const to = Math.min(...done.map((each) => each.at(-1) ?? 0));
    const steps = done.map((each) => each.filter((at) => at > from && at <= to).length / ((to - from) / 1000));
    return { steps, took };
  } finally {
    socket.close();
    await server.stop();
    await rm(notebooksDir, { recursive: true, force: true });
  }
}
