import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cellsOf, sourceOf } from '@trialroom/shared/notebook/document';
import { newNotebook, serialiseNotebook } from '@trialroom/shared/notebook/format';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { z } from 'zod';
import { type RunningServer, startServer } from '../app.ts';
import { readConfig } from '../config.ts';
import { connect } from '../database/connect.ts';
import type { Database } from '../database/database.ts';
import { connectEditor } from '../documents/testing.ts';

const DAY = 24 * 60 * 60 * 1000;
/** Long enough that the whole of it lies in a file of its own. */
const LOUD = 'console.log("x".repeat(400_000))';
/** What is not a notebook's. */
const OTHERS = ['people', 'credentials', 'migrations'];
/** What is of trials and experiments is theirs: they outlive the notebook they began in. */
const OF_TRIALS = [
  ...['trials', 'trial_events', 'trial_owners', 'log_chunks', 'alert_rules', 'remote_trials', 'launches'],
  ...['metric_chunks', 'metric_heads', 'metric_pieces', 'metric_shelves', 'point_parts'],
  ...['experiments', 'trial_metrics', 'saved_filters', 'trial_captures', 'captured_contents'],
  ...['evaluations', 'artifacts'],
];

describe('erasing a notebook for good', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trialroom-erasing-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const dataDir = () => join(folder, 'data');
  const withServer = async <Result>(work: (server: RunningServer) => Promise<Result>): Promise<Result> => {
    const config = { port: 0, dataDir: dataDir(), notebooksDir: join(folder, 'notebooks') };
    const server = await startServer(readConfig(config, {}));
    return work(server).finally(() => server.close());
  };
  const withDatabase = async <Result>(work: (database: Database) => Promise<Result>): Promise<Result> => {
    const database = await connect({ dataDir: dataDir() });
    return work(database).finally(() => database.close());
  };
  /** Rows of each table. */
  const rows = async (database: Database): Promise<Record<string, number>> => {
    const em = database.em();
    const tables = await em.execute<{ name: string }[]>(
      `select table_name as name from information_schema.tables where table_schema = current_schema() order by 1`,
    );
    const counts: Record<string, number> = {};
    for (const { name } of tables) {
      if (OTHERS.includes(name)) continue;
      const [count] = await em.execute<{ n: string }[]>(`select count(*) as n from "${name}"`);
      counts[name] = Number(count?.n);
    }
    return counts;
  };
  const spills = async (): Promise<string[]> =>
    (await readdir(join(dataDir(), 'blobs/spills'), { recursive: true }).catch(() => [])).filter((path) =>
      path.endsWith('stdout'),
    );
  const ask = async (server: RunningServer, method: string, path: string, body?: unknown) => {
    const response = await fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : null };
  };

  /** Makes a notebook about which something is known in every way there is, and throws it away. */
  async function live(server: RunningServer, name: string): Promise<string> {
    const { body: made } = await ask(server, 'POST', '/api/notebooks/upload', {
      path: `${name}.ipynb`,
      content: serialiseNotebook({
        ...newNotebook(),
        cells: [{ id: 'a', cell_type: 'code', source: LOUD, metadata: {}, outputs: [], execution_count: null }],
      }),
    });
    const id = z.string().parse(made.id);
    const editor = connectEditor(`${server.url.replace('http', 'ws')}/yjs/notebook`, id, server.token);
    await editor.synced();
    const cell = cellsOf(editor.doc).get('a');
    if (!cell) throw new Error('the notebook has no cell');
    const text = sourceOf(cell);
    const undo = new Y.UndoManager(text, { captureTimeout: 0 });
    text.insert(0, '// some words\n');
    await editor.acknowledged();
    text.delete(3, 4);
    await editor.acknowledged();
    undo.undo();
    await editor.acknowledged();
    text.delete(3, 5);
    await editor.acknowledged();
    editor.close();
    const { body: thread } = await ask(server, 'POST', `/api/notebooks/${id}/annotations`, {
      ...{ target: { kind: 'cell', cell: 'a' }, text: 'Why so loud?', request: `request-${name}` },
    });
    await ask(server, 'POST', `/api/annotations/${thread.id}/read`, { to: Date.now() });
    expect((await ask(server, 'POST', `/api/notebooks/${id}/versions`, { name: 'Loud' })).status).toBe(200);
    const before = (await spills()).length;
    expect((await ask(server, 'POST', `/api/notebooks/${id}/run`, { cells: ['a'] })).status).toBe(200);
    await expect
      .poll(async () => (await ask(server, 'GET', `/api/notebooks/${id}/as/ipynb`)).body?.cells[0].execution_count, {
        timeout: 20_000,
      })
      .toBe(1);
    // It is counted when it begins; what it says comes after.
    await expect.poll(async () => (await spills()).length, { timeout: 20_000 }).toBe(before + 1);
    return z.string().parse((await ask(server, 'DELETE', `/api/notebooks/${id}`, {})).body.id);
  }

  test('leaves no row in any table and no file, by hand and by time, and nothing goes when not all can', async () => {
    await withServer(async () => {});
    const empty = await withDatabase(rows);
    const entries = await withServer(async (server) => [await live(server, 'one'), await live(server, 'two')]);
    const [one = '', two = ''] = entries;
    const full = await withDatabase(async (database) => {
      // A server that dies while a cell speaks leaves these behind.
      await database.em().execute(`insert into output_events select id, 999, '[]' from executions`);
      // Whatever is stored of a notebook, it is not to be forgotten in parts.
      await database.em().execute(
        `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'not now'; end $$;
         create trigger refuse before delete on notebooks for each row execute function refuse()`,
      );
      return rows(database);
    });
    const untouched = Object.keys(full).filter((table) => full[table] === empty[table]);
    expect(untouched).toEqual([...OF_TRIALS].sort());
    expect(await spills()).toHaveLength(2);

    await withServer(async (server) => {
      expect((await ask(server, 'DELETE', `/api/trash/${one}`, {})).status).toBe(500);
      expect((await ask(server, 'GET', '/api/trash')).body.trashed).toHaveLength(2);
    });
    expect(
      await withDatabase(async (database) => {
        const counted = await rows(database);
        await database.em().execute('drop trigger refuse on notebooks; drop function refuse()');
        return counted;
      }),
    ).toEqual(full);
    expect(await spills()).toHaveLength(2);

    const note = join(dataDir(), 'trash', two, 'note.json');
    const said = JSON.parse(await readFile(note, 'utf8'));
    await writeFile(note, JSON.stringify({ ...said, at: said.at - 31 * DAY }));
    await withServer(async (server) => {
      await expect.poll(() => existsSync(join(dataDir(), 'trash', two))).toBe(false);
      expect((await ask(server, 'GET', '/api/trash')).body.trashed).toMatchObject([{ id: one }]);
      expect(await spills()).toHaveLength(1);
      expect((await ask(server, 'DELETE', `/api/trash/${one}`, {})).status).toBe(200);
    });
    expect(await withDatabase(rows)).toEqual(empty);
    expect(await spills()).toEqual([]);
    expect(await readdir(join(dataDir(), 'trash'))).toEqual([]);
  }, 240_000);
});
