/** Where a socket listens: `tcp://HOST:PORT`, or `ipc://PATH` for a socket in the file system. */
import { unlinkSync } from 'node:fs';
import { connect, createServer, type ListenOptions, type Server, type Socket } from 'node:net';

/**
 * What `node:net` needs to know of an address. Of `tcp://*:PORT` that is all interfaces; a path that begins with `@` is
 * a name in Linux's abstract namespace.
 * @throws Error in words for any other address
 */
export function readEndpoint(address: string): ListenOptions {
  const ipc = /^ipc:\/\/(.+)$/s.exec(address)?.[1];
  if (ipc !== undefined) return { path: ipc.startsWith('@') ? `\0${ipc.slice(1)}` : ipc };
  const tcp = /^tcp:\/\/(?:\[([^\]]+)\]|([^:[\]/]+)):(\d{1,5})$/.exec(address);
  const host = tcp?.[1] ?? tcp?.[2];
  const port = Number(tcp?.[3]);
  if (host === undefined || port > 65_535) throw new Error(`${address} is no address of the form tcp://HOST:PORT`);
  return host === '*' ? { port } : { host, port };
}

/**
 * Listens at an address; what is left of a socket file whose owner is gone is taken away.
 * @throws Error in words when it cannot
 */
export async function listenAt(address: string, accept: (socket: Socket) => void): Promise<Server> {
  const at = readEndpoint(address);
  try {
    return await open(at, accept);
  } catch (error) {
    if (at.path === undefined || codeOf(error) !== 'EADDRINUSE' || (await isAnswered(at.path))) throw error;
    unlinkSync(at.path);
    return open(at, accept);
  }
}

function open(at: ListenOptions, accept: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(accept);
    server.once('error', reject);
    server.listen(at, () => {
      server.off('error', reject);
      // One connection that could not be accepted is no reason to end.
      server.on('error', () => {});
      resolve(server);
    });
  });
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

const codeOf = (error: unknown): unknown => (error instanceof Error ? Reflect.get(error, 'code') : undefined);
