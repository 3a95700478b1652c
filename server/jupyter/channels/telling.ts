/** Who hears what of an execution: everyone who is connected, or whoever asked for it. */
import { abortedReply, failedReply } from '@trialroom/shared/jupyter/convert';
import type { Json, JupyterHeader, JupyterMessage } from '@trialroom/shared/jupyter/messages';
import type { Client } from './client.ts';

/** A request to run something, with the client that sent it. */
export interface Request {
  client: Client;
  message: JupyterMessage;
  code: string;
  silent: boolean;
}

/** Says things about executions to those who are connected now. */
export class Telling {
  readonly #clients: () => Iterable<Client>;

  constructor(clients: () => Iterable<Client>) {
    this.#clients = clients;
  }

  /** To everyone, as belonging to `parent`; to those who asked, as the answer to that. */
  publish(asked: readonly Request[], parent: JupyterHeader, type: string, content: Json): void {
    for (const client of this.#clients()) {
      const own = asked.find((request) => request.client.name === client.name);
      client.send('iopub', type, content, { parent: own?.message.header ?? parent });
    }
  }

  /** To everyone: the request is being dealt with, or has been. */
  status(state: 'busy' | 'idle', parent: JupyterHeader): void {
    for (const client of this.#clients()) client.send('iopub', 'status', { execution_state: state }, { parent });
  }

  /** The reply to a request. */
  reply({ client, message }: Request, content: Json): void {
    this.present(client)?.send('shell', 'execute_reply', content, { parent: message.header });
  }

  /** The request was dropped before it had its turn. */
  aborted(request: Request, count: number): void {
    this.status('busy', request.message.header);
    this.reply(request, abortedReply(count));
    this.status('idle', request.message.header);
  }

  /** The request is not obeyed: why. */
  refused(request: Request, count: number, name: string, text: string): void {
    const { header: parent } = request.message;
    const content = failedReply(name, text);
    this.status('busy', parent);
    const { status: _, ...error } = content;
    this.present(request.client)?.send('iopub', 'error', error, { parent });
    this.reply(request, { ...content, execution_count: count });
    this.status('idle', parent);
  }

  /** The client, or the one that came in its place when it connected anew. */
  present(client: Client): Client | undefined {
    if (client.open) return client;
    return [...this.#clients()].find((other) => other.name === client.name);
  }
}
