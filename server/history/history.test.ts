/** The history over real documents, editors and databases; time is the test's own. */
import { history as endpoints } from '@trialroom/shared/api/endpoints';
import type { Version } from '@trialroom/shared/history/history';
import { cellOrder, cellsOf, deleteCell, insertCells, setSource, sourceOf } from '@trialroom/shared/notebook/document';
import { may } from '@trialroom/shared/policy/policy';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { createAccounts } from '../accounts/accounts.ts';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { connectEditor, type Editor, notebookOf, startDocuments, type TestServer } from '../documents/testing.ts';
import type { Clock } from './chronicle.ts';
import { VersionContentRow, VersionRow } from './entities.ts';
import { createHistory, type History } from './history.ts';

const DAY = 86_400_000;

/** Time that passes when the test says so. */
function testClock(start: number): Clock & { pass(ms: number): void } {
  let now = start;
  const planned = new Set<{ time: number; call: () => void }>();
  return {
    now: () => now,
    at(time, call) {
      const plan = { time, call };
      planned.add(plan);
      return () => void planned.delete(plan);
    },
    pass(ms) {
      now += ms;
      for (const plan of [...planned]) if (plan.time <= now && planned.delete(plan)) plan.call();
    },
  };
}

const text = (doc: Y.Doc, id: string): string => {
  const cell = cellsOf(doc).get(id);
  return cell ? sourceOf(cell).toString() : '(gone)';
};
const names = ({ authors }: Version): string[] => authors.map(({ name }) => name).sort();

describe.each(testDatabases())('history on $name', (kind) => {
  let database: Database;
  let server: TestServer;
  let history: History;
  let clock: ReturnType<typeof testClock>;
  let editors: Editor[] = [];
  let heard: Version[] = [];
  let id = '';
  let files = 0;

  const begin = (): History =>
    createHistory({
      database,
      documents: server.documents,
      hub: { emit: (_, event, payload) => event === 'version' && 'version' in payload && heard.push(payload.version) },
      people: (ids) => accounts().people(ids),
      onError: (error) => server.errors.push(error),
      pauseMs: 1000,
      clock,
    });
  const accounts = () => createAccounts({ db: database, dataDir: server.folder });

  beforeAll(async () => {
    database = await kind.open();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    clock = testClock(Date.now() - 90 * DAY);
    heard = [];
    server = await startDocuments({ database });
    history = begin();
    const path = `${kind.name}-${++files}.ipynb`;
    await server.put(path, notebookOf('one', 'two', 'three'));
    id = await server.id(path);
  });
  afterEach(async () => {
    for (const editor of editors) editor.close();
    editors = [];
    await history.close();
    await server.close();
  });

  const join = async (): Promise<Editor & { name: string }> => {
    const token = await server.token('editor');
    const person = await accounts().authenticate({ authorization: `Bearer ${token}` });
    const editor = connectEditor(server.url, id, token);
    editors.push(editor);
    await editor.synced();
    return Object.assign(editor, { name: person?.name ?? '' });
  };
  const person = async (name: string) => {
    const found = (await accounts().people()).find((one) => one.name === name);
    if (!found) throw new Error(`nobody is called ${name}`);
    return found;
  };
  const versions = async (): Promise<Version[]> => (await history.list(id, {})).versions;
  /** Makes an edit and waits until the server has stored it. */
  const edit = async (editor: Editor, make: (doc: Y.Doc) => void): Promise<void> => {
    make(editor.doc);
    await editor.acknowledged();
  };

  test('begins with what the file held; people who pause leave one version with both their names', async () => {
    const [ada, ben] = [await join(), await join()];
    expect(await versions()).toMatchObject([{ kind: 'outside', authors: [], cells: 3 }]);
    await edit(ada, (doc) => setSource(doc, 'c0', 'one more'));
    clock.pass(600);
    await edit(ben, (doc) => insertCells(doc, [{ id: 'new', type: 'markdown', source: '# Ben' }], 'c2'));
    clock.pass(600);
    expect(await versions()).toHaveLength(1);
    clock.pass(600);
    const [version, first] = await versions();
    expect(version).toMatchObject({ kind: 'auto', cells: 4, changes: { added: 1, removed: 0, changed: 1, moved: 0 } });
    expect(version && names(version)).toEqual([ada.name, ben.name].sort());
    const { cellAuthors } = await history.get(id, version?.id ?? '');
    expect(Object.entries(cellAuthors).map(([cell, people]) => [cell, people.map(({ name }) => name)])).toEqual([
      ['c0', [ada.name]],
      ['new', [ben.name]],
    ]);
    await expect.poll(() => heard.at(-1)).toEqual(version);
    expect((await history.get(id, first?.id ?? '')).cells.map(({ source }) => source)).toEqual(['one', 'two', 'three']);
    expect((await history.get(id, 'now')).cells.map(({ id: cell }) => cell)).toEqual(['c0', 'c1', 'c2', 'new']);
    // Nothing was edited since: nothing is kept.
    clock.pass(60_000);
    expect(await versions()).toHaveLength(2);
  });

  test('edits that come to nothing make no version', async () => {
    const ada = await join();
    await edit(ada, (doc) => setSource(doc, 'c0', 'gone again'));
    await edit(ada, (doc) => setSource(doc, 'c0', 'one'));
    clock.pass(2000);
    expect(await versions()).toHaveLength(1);
  });

  test('a name keeps what is there now; an unchanged notebook gets no second version for it', async () => {
    const ada = await join();
    await versions();
    const first = await history.name(id, 'As it came');
    expect(await versions()).toEqual([first]);
    await edit(ada, (doc) => setSource(doc, 'c1', 'better'));
    const named = await history.name(id, 'Better');
    expect(named).toMatchObject({ kind: 'named', name: 'Better', changes: { changed: 1 } });
    expect(names(named)).toEqual([ada.name]);
    expect(await history.rename(id, named.id, 'Best')).toMatchObject({ name: 'Best' });
    expect(await history.rename(id, named.id, null)).toMatchObject({ name: null });
    await expect(history.rename(id, 'nothing', 'x')).rejects.toMatchObject({ status: 404 });
    const page = await history.list(id, { limit: 1 });
    expect([page.versions.length, page.more]).toEqual([1, true]);
    const next = await history.list(id, { limit: 1, before: named.id });
    expect([next.versions[0]?.id, next.more]).toEqual([first.id, false]);
  });

  test('another program’s change is a version of its own, after what people wrote before it', async () => {
    const ada = await join();
    const path = server.notebooks.pathOf(id) ?? '';
    await edit(ada, (doc) => setSource(doc, 'c0', 'ada was here'));
    const before = await server.read(path);
    await server.documents.flush();
    const file = await server.read(path);
    expect(before.cells).toHaveLength(3);
    await server.put(path, { ...file, cells: file.cells.slice(0, 2) });
    const opened = await server.documents.open(id);
    await opened.reread();
    opened.release();
    const [outside, people] = await versions();
    expect(outside).toMatchObject({ kind: 'outside', authors: [], changes: { removed: 1, changed: 0 } });
    expect(people).toMatchObject({ kind: 'auto', cells: 3, changes: { changed: 1 } });
  });

  test('bringing a version back keeps what was there, and what others write meanwhile', async () => {
    const [ada, ben] = [await join(), await join()];
    const [first] = await versions();
    await edit(ada, (doc) => {
      setSource(doc, 'c0', 'one, spoiled');
      deleteCell(doc, 'c1');
    });
    await edit(ben, (doc) => setSource(doc, 'c2', 'three and what ben wrote'));
    // Ben goes on while it is restored: in flight when the server restores, and after.
    const text2 = cellsOf(ben.doc).get('c2');
    if (!text2) throw new Error('no cell');
    sourceOf(text2).insert(0, '<');
    const restoring = history.restore(id, first?.id ?? '', await person(ada.name));
    for (let step = 0; step < 20; step++) {
      sourceOf(text2).insert(sourceOf(text2).length, `.${step}`);
      await new Promise((turn) => setImmediate(turn));
    }
    const restored = await restoring;
    await ben.acknowledged();
    clock.pass(2000);
    expect(restored).toMatchObject({ kind: 'restored', from: first?.id });
    expect(names(restored)).toEqual([ada.name]);
    await ada.sees((doc) => text(doc, 'c1') === 'two' && text(doc, 'c0') === 'one');
    const all = await versions();
    const held = await Promise.all([...all.map((one) => one.id), 'now'].map((one) => history.get(id, one)));
    const everything = held.map(({ cells }) => cells.map(({ source }) => source).join('\n')).join('\n');
    for (const mark of ['one, spoiled', 'three and what ben wrote', ...Array.from({ length: 20 }, (_, n) => `.${n}`)])
      expect(everything).toContain(mark);
    // What Ben had open is the same text still: what he writes now arrives.
    await edit(ben, (doc) => {
      const cell = cellsOf(doc).get('c2');
      if (cell) sourceOf(cell).insert(0, 'still here ');
    });
    expect((await history.get(id, 'now')).cells.find((one) => one.id === 'c2')?.source).toContain('still here ');
  });

  test('one cell is brought back to its place, and nothing else changes', async () => {
    const ada = await join();
    const [first] = await versions();
    await edit(ada, (doc) => {
      setSource(doc, 'c0', 'changed');
      deleteCell(doc, 'c1');
    });
    await history.restore(id, first?.id ?? '', await person(ada.name), 'c1');
    await ada.sees((doc) => cellOrder(doc).join() === 'c0,c1,c2');
    expect([text(ada.doc, 'c0'), text(ada.doc, 'c1')]).toEqual(['changed', 'two']);
    const refused = history.restore(id, first?.id ?? '', await person(ada.name), 'nothing');
    await expect(refused).rejects.toMatchObject({ status: 404, message: 'There is no cell nothing in this version.' });
  });

  test('lines are by whoever wrote them: not the file’s, not those who undid or brought back', async () => {
    const [ada, ben] = [await join(), await join()];
    await edit(ada, (doc) => sourceOf(cellsOf(doc).get('c0') as Y.Map<unknown>).insert(3, '\nby ada\n'));
    await ben.sees((doc) => text(doc, 'c0').includes('by ada'));
    await edit(ben, (doc) => sourceOf(cellsOf(doc).get('c0') as Y.Map<unknown>).insert(11, 'by ben'));
    const lines = async (): Promise<string[]> =>
      (await history.authors(id, 'c0')).map(({ from, to, author }) => `${from}-${to} ${author?.name ?? '—'}`);
    const expected = ['1-1 —', `2-2 ${ada.name}`, `3-3 ${ben.name}`];
    expect(await lines()).toEqual(expected);
    const undo = new Y.UndoManager(cellsOf(ben.doc));
    await edit(ben, (doc) => sourceOf(cellsOf(doc).get('c0') as Y.Map<unknown>).delete(0, 12));
    undo.undo();
    await ben.acknowledged();
    expect(await lines()).toEqual(expected);
    // Brought back by Ben, it is still Ada's line.
    const named = await history.name(id, 'whole');
    await edit(ben, (doc) => deleteCell(doc, 'c0'));
    await history.restore(id, named.id, await person(ben.name), 'c0');
    expect(await lines()).toEqual(expected);
    await expect(history.authors(id, 'none')).rejects.toMatchObject({ status: 404 });
  });

  test('what a killed server had not kept yet is a version at the next start, once, with its people', async () => {
    const ada = await join();
    await versions();
    await edit(ada, (doc) => setSource(doc, 'c0', 'not kept yet'));
    // Another server over the same database, as after kill -9: it knows only what is stored.
    const [old, oldHistory] = [server, history];
    server = await startDocuments({ database, folder: old.folder });
    history = begin();
    const again = await versions();
    expect(again).toMatchObject([{ kind: 'auto', changes: { changed: 1 } }, { kind: 'outside' }]);
    expect(again[0] && names(again[0])).toEqual([ada.name]);
    // The first one comes to keep the same thing now, and finds it kept.
    clock.pass(5000);
    await oldHistory.close();
    expect(await versions()).toEqual(again);
    ada.close();
    await server.close();
    [server, history] = [old, oldHistory];
  });

  test('old versions are thinned with what only they held; what is left comes back whole', async () => {
    const ada = await join();
    for (let round = 0; round < 12; round++) {
      await edit(ada, (doc) => setSource(doc, 'c0', `round ${round}`));
      clock.pass(2000);
      if (round === 5) await history.name(id, 'half way');
    }
    expect(await versions()).toHaveLength(13);
    const pieces = await database.em().count(VersionContentRow, { notebook: id });
    clock.pass(80 * DAY);
    await edit(ada, (doc) => setSource(doc, 'c0', 'much later'));
    clock.pass(2000);
    await expect.poll(async () => (await versions()).length).toBeLessThanOrEqual(5);
    const left = await versions();
    expect(left.map(({ name }) => name)).toContain('half way');
    expect(left.at(-1)).toMatchObject({ kind: 'outside' });
    for (const one of left) expect((await history.get(id, one.id)).cells).toHaveLength(3);
    expect(await database.em().count(VersionContentRow, { notebook: id })).toBeLessThan(pieces);
    expect(left.every((one) => one.kind === 'outside' || names(one).includes(ada.name))).toBe(true);
    expect(await database.em().count(VersionRow, { notebook: id })).toBe(left.length);
  });

  test('viewers may look, and only editors may name or bring back', () => {
    for (const endpoint of [endpoints.list, endpoints.get, endpoints.authors])
      expect(may('viewer', endpoint.needs)).toBe(true);
    for (const endpoint of [endpoints.name, endpoints.rename, endpoints.restore])
      expect([may('viewer', endpoint.needs), may('editor', endpoint.needs)]).toEqual([false, true]);
  });
});
