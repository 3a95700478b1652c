/** Edits that were acknowledged and in no version yet when the server was killed are one at the next start, by all who made them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { cellsOf, deleteCell, setSource, sourceOf } from '@trialroom/shared/notebook/document';
import { serialiseNotebook } from '@trialroom/shared/notebook/format';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createAccounts } from '../accounts/accounts.ts';
import { connect } from '../database/connect.ts';
import { makeTestSchema } from '../database/testing-schemas.ts';
import { connectEditor, type Editor, notebookOf, startDocuments } from '../documents/testing.ts';
import { createHistory } from './history.ts';

const ENTRY = fileURLToPath(new URL('testing-server.ts', import.meta.url));
const Started = z.object({
  url: z.string(),
  people: z.array(z.object({ token: z.string(), name: z.string() })),
  id: z.string(),
});
const { DATABASE_URL } = process.env;

type Place = { dataDir: string } | { url: string; schema: string };

describe.each([{ name: 'embedded' }, ...(DATABASE_URL ? [{ name: 'postgres' }] : [])])(
  'kill -9 on $name',
  ({ name }) => {
    let folder: string;
    let place: Place;
    const children: ChildProcess[] = [];

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'trialroom-killed-history-'));
      place = { dataDir: join(folder, 'db') };
      if (name !== 'postgres' || !DATABASE_URL) return;
      place = { url: DATABASE_URL, schema: await makeTestSchema(DATABASE_URL) };
    });
    afterEach(async () => {
      for (const child of children.splice(0)) child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    });

    async function start(): Promise<z.infer<typeof Started> & { kill(): Promise<void> }> {
      const options = JSON.stringify({ database: place, folder, path: 'n.ipynb' });
      const child = spawn(process.execPath, [ENTRY, options], { stdio: ['ignore', 'pipe', 'inherit'] });
      children.push(child);
      const kill = async (): Promise<void> => {
        child.kill('SIGKILL');
        await once(child, 'exit');
      };
      for await (const line of createInterface({ input: child.stdout }))
        return { ...Started.parse(JSON.parse(line)), kill };
      throw new Error('the server ended before it listened');
    }

    /** The versions as the next server, in this process, has them. */
    async function versionsOf(id: string) {
      const database = await connect(place);
      const server = await startDocuments({ database, folder });
      const accounts = await createAccounts({ db: database, dataDir: folder });
      const history = createHistory({
        database,
        documents: server.documents,
        hub: { emit: () => {} },
        people: (ids) => accounts.people(ids),
        onError: (error) => server.errors.push(error),
      });
      const { versions } = await history.list(id, {});
      const newest = await history.get(id, versions[0]?.id ?? '');
      const cells = newest.cells.map(({ id: cell, source }) => [cell, source]);
      const by = Object.entries(newest.cellAuthors).map(([cell, people]) => [cell, people.map(({ name }) => name)]);
      await history.close();
      await server.close();
      await database.close();
      expect(server.errors).toEqual([]);
      return { versions, cells, by };
    }

    test('names who wrote and who only deleted, once, and not who did nothing', { timeout: 120_000 }, async () => {
      await writeFile(join(folder, 'n.ipynb'), serialiseNotebook(notebookOf('one', 'two words', 'three', 'four')));
      const first = await start();
      const editors: Editor[] = [];
      const enter = async ({ token }: { token: string }): Promise<Editor> => {
        const editor = connectEditor(first.url, first.id, token);
        editors.push(editor);
        await editor.synced();
        return editor;
      };
      const [ada, ben, eva] = first.people;
      if (!ada || !ben || !eva) throw new Error('too few people');
      const [writes, deletes] = [await enter(ada), await enter(ben), await enter(eva)];
      setSource(writes.doc, 'c0', 'one, by ada');
      const words = cellsOf(deletes.doc).get('c1');
      if (!words) throw new Error('no cell');
      sourceOf(words).delete(3, 6);
      deleteCell(deletes.doc, 'c2');
      await Promise.all([writes.acknowledged(), deletes.acknowledged()]);
      await first.kill();
      for (const editor of editors) editor.close();

      const { versions, cells, by } = await versionsOf(first.id);
      expect(versions).toMatchObject([
        { kind: 'auto', changes: { added: 0, removed: 1, changed: 2, moved: 0 } },
        { kind: 'outside', authors: [] },
      ]);
      expect(versions[0]?.authors.map((author) => author.name).sort()).toEqual([ada.name, ben.name].sort());
      // Of who only took away, it is known that, not where.
      expect(by).toEqual([['c0', [ada.name]]]);
      expect(cells).toEqual([
        ['c0', 'one, by ada'],
        ['c1', 'two'],
        ['c3', 'four'],
      ]);

      // Once more: what Ben deleted then is in that version, and does not put his name on what Ada deletes now.
      const second = await start();
      const again = connectEditor(second.url, second.id, ada.token);
      await again.synced();
      deleteCell(again.doc, 'c3');
      await again.acknowledged();
      await second.kill();
      again.close();
      const after = await versionsOf(first.id);
      expect(after.versions.slice(1)).toEqual(versions);
      expect(after.versions[0]?.authors.map((author) => author.name)).toEqual([ada.name]);
    });
  },
);
