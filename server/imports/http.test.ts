/** Imports through the doors that people use: HTTP and the command line. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ImportReply } from '@trialroom/shared/api/remote';
import { Trial } from '@trialroom/shared/trial/trial';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { type RunningServer, startServer } from '../app.ts';
import { readConfig } from '../config.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const RUNS = fileURLToPath(new URL('./fixtures/runs', import.meta.url));
const CLI = fileURLToPath(new URL('../bin/trialroom.js', import.meta.url));
let home: string;
let server: RunningServer;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'trialroom-imports-'));
  server = await startServer(
    readConfig({ port: 0, dataDir: join(home, 'data'), notebooksDir: join(home, 'notebooks') }, {}),
  );
});
afterAll(async () => {
  await server.close();
  rmSync(home, { recursive: true, force: true });
});

const bearer = (): Record<string, string> => ({ authorization: `Bearer ${server.token}` });

async function cli(...args: string[]): Promise<{ code: number; text: string }> {
  const child = spawn(process.execPath, [CLI, 'import', ...args, '--url', server.url], {
    env: { ...process.env, TRIALROOM_TOKEN: server.token },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
  const [code] = await once(child, 'close');
  return { code, text };
}

const trials = async (): Promise<Trial[]> => {
  const response = await fetch(`${server.url}/api/trials`, { headers: bearer() });
  return z.object({ trials: z.array(Trial) }).parse(await response.json()).trials;
};

test('a folder of TensorBoard becomes trials; a second time nothing, unless a copy is asked for', async () => {
  const first = await cli(RUNS, '--experiment', 'board');
  expect([first.code, first.text]).toEqual([0, expect.stringContaining('cnn: 303 points')]);
  const made = await trials();
  expect(made.map(({ name, status, experiment }) => [name, status, experiment]).sort()).toEqual(
    ['cnn', 'cnn/tuned', 'own'].map((name) => [name, 'completed', 'board']),
  );
  expect(made.find(({ name }) => name === 'cnn')).toMatchObject({
    startedAt: 1_700_000_000_000,
    endedAt: 1_700_000_099_000,
    tags: ['imported'],
  });
  expect((await cli(RUNS, '--experiment', 'board')).text).toContain('was there already');
  expect(await trials()).toHaveLength(3);
  await cli(RUNS, '--experiment', 'board', '--again');
  expect(await trials()).toHaveLength(6);
});

test('CSV as a body and in a form; what cannot be read is refused in words', async () => {
  const csv = 'step,loss\n1,2\n2,NaN\n';
  const post = (query: string, body: BodyInit): Promise<Response> =>
    fetch(`${server.url}/api/imports?${query}`, { method: 'POST', headers: bearer(), body });
  const { imported } = ImportReply.parse(await (await post('name=m.csv&experiment=rows', csv)).json());
  expect(imported).toMatchObject([{ name: 'm', points: 2, already: false }]);
  const form = new FormData();
  form.append('file', new File([csv], 'm.csv'));
  form.append(
    'file',
    new File(
      [new Uint8Array(readFileSync(join(RUNS, 'own', 'events.out.tfevents.1700000002.host.2.0')))],
      'x.tfevents',
    ),
  );
  const both = ImportReply.parse(await (await post('experiment=rows', form)).json());
  expect(both.imported.map(({ name, already, points }) => [name, already, points])).toEqual([
    ['rows', false, 15],
    ['m', true, 2],
  ]);
  const series = await fetch(`${server.url}/api/trials/${imported[0]?.trial}/series`, { headers: bearer() });
  expect(await series.json()).toMatchObject({
    series: [{ points: { key: 'loss', steps: [1, 2], values: [2, 'NaN'] } }],
  });
  const broken = await post('name=m.csv', 'step,loss\nsoon,1\n');
  expect([broken.status, await broken.json()]).toEqual([422, expect.objectContaining({ where: 'm.csv, row 2' })]);
  expect((await post('', csv)).status).toBe(400);
  expect((await fetch(`${server.url}/api/imports?name=m.csv`, { method: 'POST', body: csv })).status).toBe(401);
  const missing = await cli(join(home, 'nowhere'));
  expect([missing.code, missing.text]).toEqual([1, expect.stringContaining('there is no')]);
  writeFileSync(join(home, 'notes.txt'), 'no figures');
  expect((await cli(join(home, 'notes.txt'))).text).toContain('events.out.tfevents');
});
