import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addPanel, dashboardOf, isArranged, panelsOf, resizePanel } from '@trialroom/shared/room/dashboard';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { createAccounts } from '../accounts/accounts.ts';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { createDocumentStore } from '../documents/store.ts';
import { connectEditor, type Editor } from '../documents/testing.ts';
import { createHub } from '../live/socket-hub.ts';
import { ExperimentEntity } from '../trials/entities.ts';
import { createRooms } from './rooms.ts';

const panel = (id: string) => ({ id, kind: 'text', title: id, width: 6, height: 4, settings: {} });
const ids = (doc: Y.Doc): string[] => panelsOf(doc, []).map(({ id }) => id);

describe.each(testDatabases())('dashboards on $name', ({ open }) => {
  let database: Database;
  const closings: (() => unknown)[] = [];
  beforeEach(async () => {
    database = await open();
    closings.push(() => database.close());
    await database.em().insert(ExperimentEntity, { id: 'e1', name: 'digits', createdAt: 1 });
  });
  afterEach(async () => {
    for (const close of closings.splice(0).reverse()) await close();
  });

  /** A server of rooms and nothing else, with people to come in. */
  async function start(store = createDocumentStore(database)) {
    const hub = await createHub({ log: pino({ level: 'silent' }) });
    const errors: unknown[] = [];
    const rooms = createRooms({ database, hub, store, linger: 0, onError: (error) => void errors.push(error) });
    const dataDir = await mkdtemp(join(tmpdir(), 'trialroom-rooms-'));
    const accounts = await createAccounts({ db: database, dataDir });
    const server = createServer();
    server.on('upgrade', (request, socket, head) => {
      if (!rooms.upgrade(request, socket, head, accounts.authenticate)) socket.destroy();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const editors: Editor[] = [];
    const close = async (): Promise<void> => {
      for (const editor of editors) editor.close();
      await rooms.close();
      server.close();
      await hub.close();
      await rm(dataDir, { recursive: true, force: true });
    };
    closings.push(close);
    return {
      errors,
      rooms,
      close: () => {
        closings.splice(closings.indexOf(close), 1);
        return close();
      },
      enter: async (role: 'viewer' | 'editor', experiment = 'e1'): Promise<Editor> => {
        const editor = connectEditor(`ws://127.0.0.1:${port}/yjs/room`, experiment, await accounts.invite(role));
        editors.push(editor);
        return editor;
      },
    };
  }

  test('are arranged by several people, and are there after a restart', async () => {
    const server = await start();
    const [ada, ben] = [await server.enter('editor'), await server.enter('editor')];
    await Promise.all([ada.synced(), ben.synced()]);
    expect(isArranged(ada.doc)).toBe(false);
    addPanel(ada.doc, [], panel('one'), null);
    addPanel(ben.doc, [], panel('two'), null);
    await Promise.all([ada.acknowledged(), ben.acknowledged()]);
    await ada.sees((doc) => ids(doc).length === 2);
    await ben.sees((doc) => ids(doc).length === 2);
    resizePanel(ben.doc, 'one', { width: 12, height: 9 });
    await ben.acknowledged();
    await server.close();
    const next = await start();
    const cleo = await next.enter('viewer');
    await cleo.synced();
    expect(panelsOf(cleo.doc, [])).toEqual(panelsOf(ben.doc, []));
    expect(panelsOf(cleo.doc, []).find(({ id }) => id === 'one')).toMatchObject({ width: 12, height: 9 });
  });

  test('are not changed by looking, nor by a viewer, who is told why', async () => {
    const server = await start();
    const [viewer, editor] = [await server.enter('viewer'), await server.enter('editor')];
    await Promise.all([viewer.synced(), editor.synced()]);
    addPanel(viewer.doc, [], panel('mine'), null);
    await viewer.sees(() => viewer.refusals.length > 0);
    expect(viewer.refusals[0]).toBe('as viewer you may read this dashboard but not change it');
    addPanel(editor.doc, [], panel('ours'), null);
    await editor.acknowledged();
    await viewer.sees((doc) => ids(doc).includes('ours'));
    expect(ids(editor.doc)).toEqual(['ours']);
    expect(server.errors).toEqual([]);
  });

  test('grow by a few bytes a change, however long they are arranged', async () => {
    const store = createDocumentStore(database);
    const server = await start(store);
    const editor = await server.enter('editor');
    await editor.synced();
    addPanel(editor.doc, [], panel('one'), null);
    await editor.acknowledged();
    for (let round = 0; round < 1500; round++) resizePanel(editor.doc, 'one', { width: 2 + (round % 11), height: 4 });
    await editor.acknowledged();
    await server.close();
    const stored = await store.load('e1');
    expect(stored?.size.updates ?? 0).toBeLessThanOrEqual(200);
    const doc = new Y.Doc();
    for (const update of stored?.updates ?? []) Y.applyUpdate(doc, update);
    expect(dashboardOf(doc).get('one/width')).toBe(2 + (1499 % 11));
    expect((stored?.size.snapshot ?? 0) + (stored?.size.pending ?? 0)).toBeLessThan(20 * 1500);
  });

  test('are not made for experiments that do not exist', async () => {
    const server = await start();
    const lost = await server.enter('editor', 'nowhere');
    const refused = new Promise((resolve) => lost.provider.on('connection-error', resolve));
    await refused;
    expect(await createDocumentStore(database).load('nowhere')).toBeNull();
  });
});
