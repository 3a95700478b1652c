/**
 * One kernel with the clients that are connected to it. It listens to the session while anyone is here, or while
 * something that was asked from here, or that someone here was told of, has not ended.
 */
import type { JupyterMessage } from '@trialroom/shared/jupyter/messages';
import type { Execution, KernelStatus } from '@trialroom/shared/notebook/session';
import type { SessionNews } from '../../sessions/news.ts';
import { inspect } from './assist.ts';
import type { Client } from './client.ts';
import { Comms, type CommsPorts } from './comms.ts';
import { Executions } from './executions.ts';
import { answer, type RequestsPorts } from './requests.ts';

/** What a room needs of the session behind it. */
export interface RoomPorts extends Omit<RequestsPorts, 'executions' | 'comms'>, CommsPorts {
  run(source: string, cell: string | null, by: Execution['by']): Promise<string>;
  answerInput(request: number, value: string, by: Execution['by']): Promise<void>;
  refuseInput(request: number, why: string): Promise<void>;
  listen(handler: (news: SessionNews) => void): () => void;
}

/** Where all clients of one kernel meet. */
export class KernelRoom {
  readonly #ports: RoomPorts;
  readonly #executions: Executions;
  readonly #comms: Comms;
  readonly #clients = new Set<Client>();
  #deaf: (() => void) | null = null;
  #kernel: KernelStatus | null = null;
  #restarts = 0;

  constructor(ports: RoomPorts) {
    this.#ports = ports;
    this.#executions = new Executions({
      run: (source, cell, by) => ports.run(source, cell, by),
      inspect: async (expression) => (await ports.inspect(expression))?.text ?? null,
      help: (expression) => inspect(ports, expression, [...expression].length, 'console'),
      answerInput: (request, value, by) => ports.answerInput(request, value, by),
      refuseInput: (request, why) => ports.refuseInput(request, why),
      clients: () => this.#clients,
      fault: (error) => ports.fault(error),
    });
    this.#comms = new Comms(ports);
  }

  /** How many are connected. */
  get connections(): number {
    return this.#clients.size;
  }

  /** A client has connected: it hears what happens from now on. */
  join(client: Client): void {
    this.#clients.add(client);
    if (this.#deaf) return;
    this.#comms.begin();
    this.#deaf = this.#ports.listen((news) => this.#heard(news));
  }

  /** A client is gone; what it asked for goes on. */
  leave(client: Client): void {
    this.#clients.delete(client);
    this.#rest();
  }

  /** A client sent this. */
  take(client: Client, message: JupyterMessage): void {
    const { msg_type: type } = message.header;
    if (type === 'execute_request') this.#executions.submit(client, message);
    else if (type === 'input_reply') {
      const { value } = message.content;
      this.#executions.answer(client, typeof value === 'string' ? value : '');
    } else {
      const { interrupt, restart } = this;
      const ports = { ...this.#ports, executions: this.#executions, comms: this.#comms, interrupt, restart };
      answer(client, message, ports).catch((error: unknown) => this.#ports.fault(error));
    }
  }

  interrupt = async (): Promise<void> => {
    this.#executions.dropWaiting();
    await this.#ports.interrupt();
  };

  restart = async (): Promise<void> => {
    this.#executions.dropWaiting();
    this.#restarts++;
    try {
      await this.#ports.restart();
    } finally {
      this.#restarts--;
    }
  };

  /** The kernel was shut down for good: connections end with it. */
  end(): void {
    this.#executions.end();
    this.#deaf?.();
    this.#deaf = null;
    for (const client of this.#clients) client.close(1000, 'the kernel was shut down');
    this.#clients.clear();
  }

  #heard(news: SessionNews): void {
    if (news.type === 'kernel') this.#changed(news.status);
    else if (news.type === 'widgets') this.#comms.heard(news, this.#clients, this.#executions.running);
    else this.#executions.heard(news);
    if (news.type === 'ended') this.#rest();
  }

  /** What runs says busy and idle by itself; here is told what happens to the process. */
  #changed(status: KernelStatus): void {
    const before = this.#kernel;
    this.#kernel = status;
    // A kernel that died is back with the next run: to a client, that is a kernel that starts anew by itself.
    if (status === 'dead' || (status === 'none' && before !== null)) this.#tell('restarting');
    else if (status === 'starting' && this.#restarts === 0) this.#tell('starting');
    else if (status === 'idle' && before === 'starting') this.#tell('idle');
  }

  #tell(state: string): void {
    for (const client of this.#clients) client.send('iopub', 'status', { execution_state: state });
  }

  #rest(): void {
    if (this.#clients.size > 0 || this.#executions.busy || this.#executions.running) return;
    this.#deaf?.();
    this.#deaf = null;
  }
}
