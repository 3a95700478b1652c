/** For tests: annotations over a real database, real documents and sockets, behind HTTP, with people of each role. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Annotation } from '@trialroom/shared/annotation/annotation';
import type { Role } from '@trialroom/shared/policy/policy';
import { pino } from 'pino';
import { type Accounts, createAccounts } from '../accounts/accounts.ts';
import { accountsRoutes } from '../accounts/routes.ts';
import type { Database } from '../database/database.ts';
import { startDocuments, type TestServer } from '../documents/testing.ts';
import { createHttpApp } from '../http/router.ts';
import { createHub, type SocketHub } from '../live/socket-hub.ts';
import type { NewEvent } from '../trials/events.ts';
import { trialNames } from '../trials/names.ts';
import { type Annotations, createAnnotations } from './annotations.ts';
import { annotationsRoutes } from './routes.ts';
import { notebookKeeper, trialKeeper } from './subjects.ts';

/** What was told to the windows of one person. */
export interface Told {
  person: string;
  event: string;
  payload: unknown;
}

export interface TestAnnotations {
  server: TestServer;
  hub: SocketHub;
  accounts: Accounts;
  annotations: Annotations;
  told: Told[];
  /** Lines left among what happened to trials. */
  noted: { trial: string; events: readonly NewEvent[] }[];
  /** A new person of this role. */
  person(role: Role): Promise<Caller>;
  /** Someone who is not signed in. */
  stranger: Caller;
  close(): Promise<void>;
}

/** Someone who asks over HTTP. */
export interface Caller {
  id: string;
  ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  /** Reads what is no JSON. */
  read(path: string): Promise<{ status: number; text: string }>;
  /** As `ask`, for replies that are a thread. Throws when it is refused. */
  thread(method: string, path: string, body: unknown): Promise<Annotation>;
}

/** Starts it over this database; with `dataDir` its folders stay. */
export async function startAnnotations(
  database: Database,
  options: { dataDir?: string; folder?: string } = {},
): Promise<TestAnnotations> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'trialroom-annotations-')));
  const log = pino({ level: 'silent' });
  const hub = await createHub({ log });
  const told: Told[] = [];
  const noted: TestAnnotations['noted'] = [];
  const server = await startDocuments({ database, hub, ...(options.folder ? { folder: options.folder } : {}) });
  const accounts = createAccounts({ db: database, dataDir });
  const names = trialNames(database);
  const annotations = createAnnotations({
    db: database,
    hub: {
      emit: (topic, event, payload) => {
        server.sent.push({ topic, event, payload });
        hub.emit(topic, event, payload);
      },
      tell: (person, event, payload) => {
        told.push({ person, event, payload });
        hub.tell(person, event, payload);
      },
    },
    subjects: {
      notebook: notebookKeeper(server.notebooks, server.documents),
      trial: trialKeeper(names.trial, async (trial, events) => void noted.push({ trial, events })),
      experiment: { nameOf: names.experiment },
    },
    peopleOf: accounts.people,
  });
  server.documents.onMoved(annotations.moved);
  const { app, router } = createHttpApp({
    authenticate: (headers) => accounts.authenticate({ authorization: headers.get('authorization') ?? undefined }),
    log,
    version: 'test',
  });
  annotationsRoutes(router, annotations);
  accountsRoutes(router, accounts, () => '');

  const caller = (id: string, token: string | null): Caller => {
    const ask: Caller['ask'] = async (method, path, body) => {
      const reply = await app.request(path, {
        method,
        headers: {
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: reply.status, body: await reply.json() };
    };
    return {
      id,
      ask,
      read: async (path) => {
        const reply = await app.request(path, { headers: token === null ? {} : { authorization: `Bearer ${token}` } });
        return { status: reply.status, text: await reply.text() };
      },
      thread: async (method, path, body) => {
        const reply = await ask(method, path, body);
        if (reply.status !== 200) throw new Error(`${method} ${path}: ${JSON.stringify(reply)}`);
        return Annotation.parse(reply.body);
      },
    };
  };
  return {
    server,
    hub,
    accounts,
    annotations,
    told,
    noted,
    stranger: caller('', null),
    person: async (role) => {
      const token = await accounts.invite(role);
      const person = await accounts.authenticate({ authorization: `Bearer ${token}` });
      return caller(person?.id ?? '', token);
    },
    close: async () => {
      await server.close();
      await hub.close();
      if (!options.dataDir) await rm(dataDir, { recursive: true, force: true });
    },
  };
}
