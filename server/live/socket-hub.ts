/**
 * The hub over Socket.IO: in one process, or in many through Redis. It lets nobody connect who is not signed in or whose
 * page is foreign, and sends a topic only to those who asked for it and may read.
 */
import { randomUUID } from 'node:crypto';
import type { Server as HttpServer, IncomingMessage } from 'node:http';
import { createAdapter } from '@socket.io/redis-adapter';
import type { ClientToServer, ServerToClient, Snapshot, WatchReply } from '@trialroom/shared/live/events';
import { may, Person } from '@trialroom/shared/policy/policy';
import type { Redis } from 'ioredis';
import { Server, type Socket } from 'socket.io';
import { sameOrigin } from '../http/origin.ts';
import { Refusal } from '../http/refusal.ts';
import type { Log } from '../log.ts';
import { type Backlog, boundBacklog, type MOST_WAITING } from './backlog.ts';
import { type Channels, localChannels, redisChannels } from './channels.ts';
import type { Hub, SnapshotMaker } from './hub.ts';
import { createPresence } from './presence.ts';
import { readTopic, type TopicKind } from './topics.ts';

export interface SocketHub extends Hub {
  /** Begins to take connections on this server. A process that only sends (a worker) never calls it. */
  attach(server: HttpServer, authenticate: Authenticate): void;
}

/** Who sent these headers; null for a stranger. */
export type Authenticate = (headers: {
  cookie?: string | undefined;
  authorization?: string | undefined;
}) => Promise<Person | null>;

export interface HubOptions {
  log: Log;
  /** Absent: one process. Connections are duplicated from this one, and closed with the hub. */
  redis?: Redis | undefined;
  /** Begins every Redis channel. */
  prefix?: string;
  /** What may wait for one connection; see `backlog.ts`. */
  mostWaiting?: typeof MOST_WAITING;
}

/** Channel that tells every process of a person's new name or colour; the message is the person. */
export const PEOPLE_CHANNEL = 'people';
const PRESENCE_CHANNEL = 'presence';
/** Presence is told at most this often, and to other servers at least each `PRESENCE_BEAT`. In ms. */
const PRESENCE_PAUSE = 50;
const PRESENCE_BEAT = 10_000;
/** Events that the next of their kind makes worthless: dropped for a connection that cannot keep up. */
const PASSING: ReadonlySet<keyof ServerToClient> = new Set(['gauge', 'glance', 'counts']);

type Io = Server<ClientToServer, ServerToClient, Record<string, never>, { person: Person }>;
type Connection = Socket<ClientToServer, ServerToClient, Record<string, never>, { person: Person }>;

export async function createHub({ log, redis, prefix = 'trialroom', mostWaiting }: HubOptions): Promise<SocketHub> {
  const io: Io = new Server({
    path: '/socket.io',
    transports: ['websocket'],
    destroyUpgrade: false,
    perMessageDeflate: false,
    serveClient: false,
    maxHttpBufferSize: 64 * 1024,
    allowRequest: (request, answer) => answer(null, sameOrigin(request.headers)),
  });
  const onError = (error: unknown): void => log.error({ err: error }, 'a message between processes failed');
  const connections = redis ? [redis.duplicate(), redis.duplicate(), redis.duplicate()] : [];
  for (const connection of connections) connection.on('error', onError);
  const [publisher, subscriber, listener] = connections;
  let channels: Channels;
  if (publisher && subscriber && listener) {
    io.adapter(createAdapter(publisher, subscriber, { key: `${prefix}:socket.io` }));
    channels = redisChannels(publisher, listener, prefix, onError);
  } else {
    channels = localChannels(onError);
  }

  const makers = new Map<TopicKind, SnapshotMaker>();
  const server = randomUUID();
  let attached = false;
  let telling: NodeJS.Timeout | undefined;
  const presence = createPresence(server, () => {
    if (attached) telling ??= setTimeout(tell, PRESENCE_PAUSE);
  });
  let told = '';
  const tell = (): void => {
    telling = undefined;
    const mine = JSON.stringify(presence.report());
    if (mine !== told && redis) void channels.publish(PRESENCE_CHANNEL, presence.report()).catch(onError);
    told = mine;
    io.local.emit('present', { present: presence.all() });
  };
  await channels.subscribe(PRESENCE_CHANNEL, presence.hear);
  await channels.subscribe(PEOPLE_CHANNEL, (message) => presence.rename(Person.parse(message)));
  const beat = setInterval(() => {
    presence.forget(Date.now() - 3 * PRESENCE_BEAT);
    if (attached) void channels.publish(PRESENCE_CHANNEL, presence.report()).catch(onError);
  }, PRESENCE_BEAT);
  beat.unref();
  if (!redis) clearInterval(beat);

  const backlogs = new Map<string, Backlog>();
  const bound = (socket: Connection): Backlog =>
    boundBacklog({
      line: socket.conn,
      topics: () => [...socket.rooms].flatMap((room) => readTopic(room)?.topic ?? []),
      leave: (topics) => {
        for (const topic of topics) void socket.leave(topic);
      },
      missed: (topics) => void socket.emit('missed', { topics: [...topics] }),
      drop: () => void socket.disconnect(true),
      ...(mostWaiting ? { most: mostWaiting } : {}),
    });

  const snapshot = async (asked: unknown, socket: Connection): Promise<WatchReply> => {
    const read = readTopic(asked);
    const make = read && makers.get(read.kind);
    if (!read || !make) return { ok: false, error: `there is no topic ${String(asked).slice(0, 200)}` };
    if (!may(socket.data.person.role, 'read')) return { ok: false, error: 'your role does not allow to read this' };
    backlogs.get(socket.id)?.forget(read.topic);
    await socket.join(read.topic);
    let made: Snapshot;
    try {
      made = await make(read.id, socket.data.person);
    } catch (error) {
      await socket.leave(read.topic);
      if (error instanceof Refusal) return { ok: false, error: error.problem.message, code: error.problem.error };
      log.error({ err: error, topic: read.topic }, 'a snapshot failed');
      return { ok: false, error: 'the server failed to read this; it has been logged' };
    }
    presence.watch(socket.id, read.topic);
    return { ok: true, snapshot: made };
  };

  io.on('connection', (socket: Connection) => {
    presence.enter(socket.id, socket.data.person);
    backlogs.set(socket.id, bound(socket));
    void socket.join(windowsOf(socket.data.person.id));
    socket.on('watch', (topic, reply) => {
      if (typeof reply !== 'function') return;
      void snapshot(topic, socket).then(reply, onError);
    });
    socket.on('unwatch', (asked) => {
      const read = readTopic(asked);
      if (!read) return;
      void socket.leave(read.topic);
      backlogs.get(socket.id)?.forget(read.topic);
      presence.unwatch(socket.id, read.topic);
    });
    socket.on('disconnect', () => {
      presence.leave(socket.id);
      backlogs.delete(socket.id);
    });
  });

  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    clearInterval(beat);
    clearTimeout(telling);
    if (attached && redis) await channels.publish(PRESENCE_CHANNEL, { server, present: [] }).catch(onError);
    attached = false;
    io.disconnectSockets(true);
    // The HTTP server belongs to whoever made it.
    io.of('/').adapter.close();
    io.engine?.close();
    await channels.close();
    await Promise.all(connections.map((connection) => connection.quit().catch(() => connection.disconnect())));
  };

  return {
    attach: (http, authenticate) => {
      io.use((socket, next) => {
        const request: IncomingMessage = socket.request;
        const { cookie, authorization } = request.headers;
        authenticate({ cookie, authorization }).then(
          (person) => {
            if (!person) return next(new Error('not signed in: open the sign-in address that the server printed'));
            socket.data.person = person;
            next();
          },
          (error: unknown) => {
            onError(error);
            next(new Error('the server could not look up who you are'));
          },
        );
      });
      attached = true;
      io.attach(http, { path: '/socket.io', destroyUpgrade: false });
    },
    emit: (topic, event, payload) => {
      const room = PASSING.has(event) ? io.to(topic).volatile : io.to(topic);
      send(room, event, payload);
    },
    tell: (person, event, payload) => send(io.to(windowsOf(person)), event, payload),
    provide: (kind, make) => void makers.set(kind, make),
    present: () => presence.all(),
    publish: channels.publish,
    subscribe: channels.subscribe,
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

/** The room of a person's windows. It is no topic: nobody else can ask to be in it. */
const windowsOf = (person: string): string => `person:${person}`;

type Room = ReturnType<Io['to']>;

/** Socket.IO types `emit` by tuples of arguments; every event of ours has exactly one. */
function send<E extends keyof ServerToClient>(room: Room, event: E, payload: Parameters<ServerToClient[E]>[0]): void {
  const emit: (event: E, payload: Parameters<ServerToClient[E]>[0]) => boolean = room.emit.bind(room) as never;
  emit(event, payload);
}
