/**
 * The door to kernels: answers WebSocket upgrades at `/api/kernels/<id>/channels`, and at `/api/events/subscribe`, where
 * nothing is ever said, but JupyterLab tries again for as long as it is open if it is not let in. Strangers and unknown
 * kernels are refused before there is a connection; who was let in is asked for again from time to time.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { JupyterFormatError, type JupyterMessage, MessageMaker } from '@trialroom/shared/jupyter/messages';
import { chooseFormat, decodeWebSocket, WEBSOCKET_V1 } from '@trialroom/shared/jupyter/websocket';
import type { Person } from '@trialroom/shared/policy/policy';
import { type WebSocket, WebSocketServer } from 'ws';
import { bearerOf, type IdentifyingHeaders } from '../../accounts/accounts.ts';
import { sameOrigin } from '../../http/origin.ts';
import { Refusal } from '../../http/refusal.ts';
import { Client } from './client.ts';
import type { KernelRoom } from './kernel-room.ts';

/** How often a connection is looked after, in ms. */
const HEARTBEAT = 30_000;
/** Largest message of a client, in bytes. */
const LARGEST_MESSAGE = 32 * 1024 * 1024;

const PATH = /^\/api\/kernels\/([^/]+)\/channels\/?$/;
const EVENTS = /^\/api\/events\/subscribe\/?$/;

/** Who is let in, and where to. */
export interface ChannelsOptions {
  authenticate(headers: IdentifyingHeaders): Promise<Person | null>;
  /** @throws Refusal (404) when there is no such kernel */
  room(kernel: string): Promise<KernelRoom>;
  fault(error: unknown): void;
}

/** Takes the upgrades that the server gets at these addresses. */
export interface ChannelsDoor {
  take(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

/** Makes the door. What goes wrong with one connection is told to `fault` and ends no other. */
export function createChannels({ authenticate, room: roomOf, fault }: ChannelsOptions): ChannelsDoor {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LARGEST_MESSAGE,
    handleProtocols: (offered) => (chooseFormat(offered) === 'v1' ? WEBSOCKET_V1 : false),
  });

  async function admit(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const url = new URL(request.url ?? '', 'http://local.invalid');
    const kernel = PATH.exec(url.pathname)?.[1];
    const events = EVENTS.test(url.pathname);
    if (kernel === undefined && !events)
      throw new Refusal(404, { error: 'no-such-endpoint', message: 'there is nothing here' });
    const headers = identifying(request, url);
    // A browser adds cookies by itself, but never a token: with one, it does not matter where the page came from.
    if (bearerOf(headers.authorization) === undefined && !sameOrigin(request.headers)) {
      throw new Refusal(403, { error: 'foreign-origin', message: 'the page is of another origin' });
    }
    const person = await authenticate(headers);
    if (!person) throw new Refusal(401, { error: 'not-signed-in', message: 'sign in first, or give a token' });
    const room = kernel === undefined ? null : await roomOf(kernel);
    socket.off('error', fault);
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const who = (): Promise<Person | null> => authenticate(headers);
      if (kernel === undefined || room === null) return watch(webSocket, who, () => {});
      const client = new Client({
        name: url.searchParams.get('session_id') || randomUUID(),
        person,
        socket: webSocket,
        format: chooseFormat([webSocket.protocol]),
        maker: new MessageMaker(kernel),
      });
      watch(webSocket, who, (now) => {
        client.person = now;
      });
      webSocket.on('message', (data, binary) => {
        const message = read(data, binary, webSocket);
        if (message) room.take(client, message);
      });
      webSocket.on('close', () => room.leave(client));
      room.join(client);
    });
  }

  /** Reads a message; a client that sends what is none is let go. */
  function read(data: WebSocket.RawData, binary: boolean, socket: WebSocket): JupyterMessage | null {
    const bytes = Array.isArray(data) ? Buffer.concat(data) : new Uint8Array(data);
    try {
      const format = chooseFormat([socket.protocol]);
      return decodeWebSocket(format, binary ? bytes : new TextDecoder().decode(bytes));
    } catch (error) {
      if (!(error instanceof JupyterFormatError)) fault(error);
      socket.close(1007, 'a message could not be understood');
      return null;
    }
  }

  /** Ends connections that are dead, and those of people who are no longer signed in. */
  function watch(socket: WebSocket, who: () => Promise<Person | null>, still: (now: Person) => void): void {
    let alive = true;
    socket.on('error', fault);
    socket.on('pong', () => {
      alive = true;
    });
    const heartbeat = setInterval(() => {
      if (!alive) return socket.terminate();
      alive = false;
      socket.ping();
      who().then((now) => {
        if (now) still(now);
        else socket.close(4401, 'signed out');
      }, fault);
    }, HEARTBEAT);
    socket.on('close', () => clearInterval(heartbeat));
  }

  return {
    take(request, socket, head) {
      // A client that hangs up while it is looked up must not end the process.
      socket.on('error', fault);
      admit(request, socket, head).catch((error: unknown) => {
        if (!(error instanceof Refusal)) fault(error);
        const [status, message] = error instanceof Refusal ? [error.status, error.message] : [503, 'try again'];
        refuse(socket, status, message);
      });
    },
    close() {
      for (const client of sockets.clients) client.terminate();
      sockets.close();
    },
  };
}

/** The token may also be in the address, since a page cannot give a WebSocket headers. */
function identifying({ headers }: IncomingMessage, url: URL): IdentifyingHeaders {
  const token = url.searchParams.get('token');
  const { authorization } = headers;
  return { cookie: headers.cookie, authorization: authorization ?? (token ? `token ${token}` : undefined) };
}

function refuse(socket: Duplex, status: number, reason: string): void {
  const body = JSON.stringify({ message: reason, reason: null });
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
