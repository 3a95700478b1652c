/**
 * The door to rooms: answers WebSocket upgrades at `/yjs/notebook/<id>`, or another kind's. Strangers, foreign pages and unknown documents are
 * refused before there is a connection; who was let in is asked for again from time to time.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Person } from '@trialroom/shared/policy/policy';
import { WebSocketServer } from 'ws';
import { sameOrigin } from '../http/origin.ts';
import { Refusal } from '../http/refusal.ts';
import { Connection } from './connection.ts';
import type { Room } from './room.ts';

/** Who sent these headers; null for a stranger. */
export type Authenticate = (headers: IncomingMessage['headers']) => Promise<Person | null>;

/** A connection that does not answer within this time, in ms, is gone; its person is looked up again as often. */
const HEARTBEAT = 30_000;
const LARGEST_MESSAGE = 32 * 1024 * 1024;

/** What the door needs of the documents. */
export interface Rooms {
  /** @throws Refusal (404) when there is no such notebook */
  exists(notebook: string): Promise<void>;
  enter(notebook: string): Promise<{ room: Room; release: () => void }>;
}

export interface Door {
  /** Takes an upgrade if it is for a document; false when it is for someone else. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, authenticate: Authenticate): boolean;
  close(): void;
}

/** @param kind what the documents are, as it stands in their address: `/yjs/<kind>/<id>` */
export function createDoor(rooms: Rooms, onError: (error: unknown) => void, kind = 'notebook'): Door {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE });

  async function admit(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    notebook: string,
    authenticate: Authenticate,
  ): Promise<void> {
    if (!sameOrigin(request.headers)) return refuse(socket, 403, 'Forbidden', 'the page is of another origin');
    const person = await authenticate(request.headers);
    if (!person) return refuse(socket, 401, 'Unauthorized', 'sign in first');
    await rooms.exists(notebook);
    socket.off('error', onError);
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = new Connection(webSocket, person);
      let alive = true;
      webSocket.on('error', onError);
      webSocket.on('pong', () => {
        alive = true;
      });
      const heartbeat = setInterval(() => {
        if (!alive) return webSocket.terminate();
        alive = false;
        webSocket.ping();
        authenticate(request.headers).then((now) => {
          if (now) connection.person = now;
          else connection.close(4401, 'signed out');
        }, onError);
      }, HEARTBEAT);
      let left = false;
      let leave = (): void => {};
      webSocket.on('close', () => {
        left = true;
        clearInterval(heartbeat);
        leave();
      });
      rooms.enter(notebook).then(
        ({ room, release }) => {
          if (left) return release();
          leave = () => {
            room.leave(connection);
            release();
          };
          room.join(connection);
        },
        (error: unknown) => {
          if (error instanceof Refusal) return connection.close(4422, clip(error.message));
          onError(error);
          connection.close(1011, `the ${kind} could not be loaded; try again`);
        },
      );
    });
  }

  return {
    upgrade(request, socket, head, authenticate) {
      const path = (request.url ?? '').split('?')[0] ?? '';
      if (!path.startsWith(`/yjs/${kind}/`)) return false;
      // A client that hangs up while it is looked up must not end the process.
      socket.on('error', onError);
      const notebook = decode(path.slice(`/yjs/${kind}/`.length));
      if (!notebook || notebook.includes('/')) refuse(socket, 404, 'Not Found', `documents are at /yjs/${kind}/<id>`);
      else {
        admit(request, socket, head, notebook, authenticate).catch((error: unknown) => {
          if (error instanceof Refusal && error.status === 404) return refuse(socket, 404, 'Not Found', error.message);
          onError(error);
          refuse(socket, 503, 'Service Unavailable', 'try again');
        });
      }
      return true;
    },
    close() {
      for (const client of sockets.clients) client.terminate();
      sockets.close();
    },
  };
}

function decode(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

/** A close reason holds at most 123 bytes. */
const clip = (text: string): string =>
  Buffer.from(text)
    .subarray(0, 120)
    .toString()
    .replace(/\uFFFD$/, '');

function refuse(socket: Duplex, status: number, name: string, reason: string): void {
  const body = `${reason}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${name}\r\nconnection: close\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
