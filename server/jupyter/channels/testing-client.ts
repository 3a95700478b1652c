/** A client of a kernel's channels that speaks the protocol and nothing more, and kernels to connect to, for tests. */
import { once } from 'node:events';
import { type JupyterMessage, MessageMaker, parentId } from '@trialroom/shared/jupyter/messages';
import { chooseFormat, decodeWebSocket, encodeWebSocket } from '@trialroom/shared/jupyter/websocket';
import type { Role } from '@trialroom/shared/policy/policy';
import { WebSocket } from 'ws';
import type { TestServer } from '../testing.ts';

/** Connects to the channels of a kernel. */
export async function connect(
  server: TestServer,
  kernel: string,
  options: {
    role?: Role;
    protocols?: string[];
    session?: string;
    headers?: Record<string, string>;
    token?: string;
  } = {},
) {
  const { role = 'editor', protocols = [], session = 'client', headers = {} } = options;
  const token = options.token ?? (await server.tokenOf(role));
  const url = `${server.url.replace('http', 'ws')}/api/kernels/${kernel}/channels?session_id=${session}&token=${token}`;
  const socket = new WebSocket(url, protocols, { headers });
  const heard: JupyterMessage[] = [];
  const waiting = new Set<() => void>();
  socket.on('message', (data: Buffer, binary: boolean) => {
    heard.push(decodeWebSocket(chooseFormat([socket.protocol]), binary ? new Uint8Array(data) : data.toString()));
    for (const check of [...waiting]) check();
  });
  await once(socket, 'open');
  const maker = new MessageMaker(session, 'ann');
  const until = (holds: (message: JupyterMessage) => boolean): Promise<JupyterMessage> =>
    new Promise((resolve) => {
      const check = (): void => {
        const found = heard.find(holds);
        if (!found) return;
        waiting.delete(check);
        resolve(found);
      };
      waiting.add(check);
      check();
    });
  return {
    socket,
    heard,
    until,
    /** Sends a request and waits for its idle; what came of it, by type. */
    ask: async (type: string, content: Record<string, unknown> = {}, channel: 'shell' | 'control' = 'shell') => {
      const message = maker.message(channel, type, content);
      socket.send(encodeWebSocket(chooseFormat([socket.protocol]), message));
      const mine = (one: JupyterMessage): boolean => parentId(one.parent_header) === message.header.msg_id;
      await until((one) => mine(one) && one.content.execution_state === 'idle');
      return Object.fromEntries(
        heard.filter(mine).map((one) => [`${one.channel} ${one.header.msg_type}`, one.content]),
      );
    },
    send: (type: string, content: Record<string, unknown>) =>
      socket.send(encodeWebSocket(chooseFormat([socket.protocol]), maker.message('shell', type, content))),
  };
}

/** The id of the kernel of a notebook, which is written first. */
export async function kernelOf(
  server: TestServer,
  path: string,
  cells: Record<string, string> = { a: '1' },
): Promise<string> {
  await server.notebook(path, cells);
  const body = { path, type: 'notebook', name: '', kernel: { name: 'trialroom' } };
  const session = await (await server.ask('editor', 'POST', '/api/sessions', body)).json();
  return session.kernel.id;
}

/** The id of a kernel without a notebook. */
export async function detachedKernel(server: TestServer): Promise<string> {
  return (await (await server.ask('editor', 'POST', '/api/kernels', { name: 'trialroom' })).json()).id;
}
