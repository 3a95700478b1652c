/** Scripts as processes of their own, without a server: what they leave on the disk is what they said. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RemoteMessage } from '@trialroom/shared/api/remote';
import { readRecords } from '@trialroom/shared/remote/records';
import { readOpening } from '@trialroom/shared/remote/spool';
import { SpoolReader } from '@trialroom/shared/remote/spool-reader';
import { unpackPoints } from '@trialroom/shared/trial/points';
import { afterEach, expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('./testing-run.ts', import.meta.url));
const folders: string[] = [];
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
});

async function run(...args: string[]) {
  const cwd = mkdtempSync(join(tmpdir(), 'trialroom-script-'));
  folders.push(cwd);
  const env = { ...process.env, TRIALROOM_MODE: 'offline', TRIALROOM_URL: '' };
  const child = spawn(process.execPath, [SCRIPT, ...args], { cwd, env, stdio: ['ignore', 'ignore', 'ignore'] });
  const [code] = await once(child, 'close');
  const [name = ''] = readdirSync(join(cwd, 'trialroom-spool'));
  const spool = join(cwd, 'trialroom-spool', name);
  const piece = new SpoolReader(spool).next(0);
  const records = readRecords(piece?.bytes ?? new Uint8Array(0)).records;
  const messages = records.map(({ header, payload }) => ({ ...RemoteMessage.parse(header), payload }));
  const points = messages.flatMap((message) =>
    message.type === 'trial.points' ? unpackPoints(message.keys, message.payload) : [],
  );
  const of = (key: string): [number, number][] =>
    points
      .filter((each) => each.key === key)
      .flatMap(({ steps, values }) => Array.from(steps, (step, at): [number, number] => [step, values[at] ?? 0]));
  const summary = Object.assign(
    {},
    ...messages.map((message) => (message.type === 'trial.summary' ? message.summary : {})),
  );
  const lines = messages.flatMap((message) => (message.type === 'remote.log' ? message.lines : []));
  return { code, opening: readOpening(spool), messages, of, summary, lines: lines.map(({ text }) => text) };
}

test('init, log and finish as W&B has them', async () => {
  const { code, opening, messages, of, summary, lines } = await run();
  expect(code).toBe(0);
  expect(opening.open).toMatchObject({ experiment: 'ported', name: 'one', params: { lr: 0.1 }, tags: ['first'] });
  expect(of('train.loss')).toEqual([
    [0, 3],
    [1, 1],
    [10, 4],
    [11, Number.NaN],
  ]);
  expect(of('train.accuracy')).toEqual([[0, 0.5]]);
  expect(of('val/loss')).toEqual([[1, 2]]);
  expect(of('done')).toEqual([[0, 0]]);
  expect(summary).toMatchObject({ phase: 'late', 'train.loss.min': 1 });
  expect(summary.refused).toEqual([
    expect.stringContaining('"a" is an array'),
    expect.stringContaining('"a" is a tensor'),
    expect.stringContaining('"a" is a function'),
  ]);
  expect(lines).toContain('lr 0.1 of one');
  expect(messages.filter(({ type }) => type === 'trial.events')).toHaveLength(2);
  expect(messages.at(-1)).toMatchObject({ type: 'remote.finish', end: 'completed' });
});

test('a script that does not finish is ended as it ended', async () => {
  const [forgot, threw, exited] = await Promise.all([run('forget'), run('throw'), run('exit')]);
  expect(forgot.messages.at(-1)).toMatchObject({ end: 'completed' });
  expect([threw.code, threw.messages.at(-1)]).toEqual([
    1,
    expect.objectContaining({ end: 'failed', reason: 'Error: out of luck' }),
  ]);
  expect(threw.lines.join('\n')).toContain('out of luck');
  expect([exited.code, exited.messages.at(-1)]).toEqual([
    3,
    expect.objectContaining({ end: 'failed', reason: 'The script ended with exit code 3.' }),
  ]);
  for (const { of } of [forgot, threw, exited]) expect(of('train.loss')).toHaveLength(4);
});
