/** The one port: HTTP requests to the app, upgrades to whoever owns their path. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { sameOrigin } from './origin.ts';
import { Refusal } from './refusal.ts';

/** Takes over the socket of an upgrade request. */
export interface UpgradeHandler {
  take(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** True for who judges the origin itself; others get only what comes from pages of this server, and from programs. */
  anyOrigin?: boolean;
}

export interface ListenOptions {
  host: string;
  /** 0: any free port. */
  port: number;
  fetch: (request: Request) => Response | Promise<Response>;
  /** Who takes upgrades, by the beginning of their path; null: someone else listens to it on the server itself. */
  upgrades: ReadonlyMap<string, UpgradeHandler | null>;
  /** Called with the server before it listens. */
  prepare: (server: Server) => void;
}

export interface Listening {
  /** e.g. `http://127.0.0.1:8700` */
  readonly url: string;
  /** Takes no new connections; those there are go on. */
  stop(): void;
  /** Stops, waits for requests under way a little, and ends all connections, upgraded ones too. */
  close(): Promise<void>;
}

/** How long requests under way may take when the server ends, in ms. */
const PATIENCE = 2000;

/** @throws Refusal naming the port when it cannot be had */
export async function listen({ host, port, fetch, upgrades, prepare }: ListenOptions): Promise<Listening> {
  const server = createServer(getRequestListener(fetch));
  /** Node forgets upgraded sockets, but its server waits for them to close. */
  const upgraded = new Set<Duplex>();
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
    socket.on('error', () => socket.destroy());
    const path = (request.url ?? '').split('?')[0] ?? '';
    const found = [...upgrades].find(([begin]) => path === begin || path.startsWith(`${begin}/`));
    if (!found) return refuse(socket, '404 Not Found');
    const [, handler] = found;
    if (handler === null) return;
    if (!handler.anyOrigin && !sameOrigin(request.headers)) return refuse(socket, '403 Forbidden');
    handler.take(request, socket, head);
  });
  prepare(server);
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw refusal(error, host, port);
  }
  const address = server.address();
  const actual = typeof address === 'object' && address ? address.port : port;
  return {
    url: `http://${readable(host)}:${actual}`,
    stop: () => {
      server.close();
      server.closeIdleConnections();
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      for (const socket of upgraded) socket.destroy();
      // A browser that never ends its request must not hold up the end.
      const impatient = setTimeout(() => server.closeAllConnections(), PATIENCE);
      await closed;
      clearTimeout(impatient);
    },
  };
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

/** Addresses that mean "every interface" are no addresses to go to. */
function readable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function refusal(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const where = `${host}:${port}`;
  if (code === 'EADDRINUSE') {
    return new Refusal(409, {
      error: 'port-in-use',
      message: `port ${port} is in use by another program`,
      where,
      fix: 'stop that program, or choose another port with --port (0 takes any free one)',
    });
  }
  if (code === 'EACCES') {
    return new Refusal(403, {
      error: 'port-forbidden',
      message: `this user may not listen on port ${port}`,
      where,
      fix: 'choose a port above 1023 with --port',
    });
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new Refusal(400, {
      error: 'no-such-host',
      message: `${host} is not an address of this machine`,
      where,
      fix: 'choose one with --host: 127.0.0.1 for this machine only, 0.0.0.0 for all its networks',
    });
  }
  return error;
}
