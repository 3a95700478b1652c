/**
 * A small client of Jupyter's wire protocol over ZeroMQ, the same for every kernel measured. It starts the process with
 * a connection file, as Jupyter does, and tells each request's replies and outputs apart by their parent header.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../kernel/jupyter/client.ts';
import type { KernelSpec } from './peers.ts';
import { ZmtpClient } from './zmtp.ts';

const DELIMITER = Buffer.from('<IDS|MSG>');
const PORTS = ['shell_port', 'iopub_port', 'stdin_port', 'control_port', 'hb_port'] as const;

/** A message as it matters here. */
export interface Message {
  type: string;
  parent: string;
  content: Record<string, unknown>;
  /** When it came, by `performance.now()`. */
  at: number;
}

/** One finished request. */
export interface Answered {
  /**
   * ms from handing the request to the socket to when reply and `idle` had come, whichever was last. What this client takes
   * to write the one and to read the others is not in it.
   */
  ms: number;
  reply: Record<string, unknown>;
  outputs: Message[];
}

/** One kernel process and the line to it. */
export class JupyterClient {
  readonly child: ChildProcess;
  readonly spec: KernelSpec;
  readonly #events = new EventEmitter().setMaxListeners(0);
  #sockets: { shell: ZmtpClient; control: ZmtpClient; iopub: ZmtpClient } | undefined;
  readonly #session = randomUUID();
  readonly #key: string;
  readonly #folder: string;

  private constructor(spec: KernelSpec, child: ChildProcess, key: string, folder: string) {
    this.spec = spec;
    this.child = child;
    this.#key = key;
    this.#folder = folder;
    child.once('exit', () => this.#events.emit('gone'));
  }

  /** Starts a kernel. Resolves once it answers `kernel_info_request`. */
  static async start(spec: KernelSpec): Promise<JupyterClient> {
    const folder = await mkdtemp(join(tmpdir(), 'trialroom-bench-'));
    const file = join(folder, 'connection.json');
    const ports = await freePorts(PORTS.length);
    const key = randomUUID();
    const connection = {
      ...Object.fromEntries(PORTS.map((name, index) => [name, ports[index]])),
      ip: '127.0.0.1',
      key,
      transport: 'tcp',
      signature_scheme: 'hmac-sha256',
      kernel_name: spec.name,
    };
    await writeFile(file, JSON.stringify(connection));
    const [command = '', ...args] = spec.argv.map((part) => part.replace('{connection}', file));
    const env = { ...process.env, ...spec.env };
    const child = spawn(command, args, { cwd: folder, env, stdio: ['ignore', 'ignore', 'ignore'] });
    const client = new JupyterClient(spec, child, key, folder);
    const [shell, iopub, , control] = ports;
    const alive = (): boolean => child.exitCode === null && child.signalCode === null;
    const open = (port: number | undefined, type: 'DEALER' | 'SUB'): Promise<ZmtpClient> =>
      ZmtpClient.connect(port ?? 0, type, (parts, at) => client.#take(parts, at), alive);
    const [one, two, three] = await Promise.all([open(shell, 'DEALER'), open(iopub, 'SUB'), open(control, 'DEALER')]);
    client.#sockets = { shell: one, iopub: two, control: three };
    await client.#heard();
    return client;
  }

  /** Asks on the shell channel; resolves with the reply once the kernel is idle again. */
  async request(type: string, content: object, reply = type.replace('request', 'reply')): Promise<Answered> {
    const id = randomUUID();
    const outputs: Message[] = [];
    let last = 0;
    const answer = new Promise<Record<string, unknown>>((resolve, reject) => {
      let replied: Record<string, unknown> | undefined;
      let idle = false;
      const gone = (): void => reject(new Error(`${this.spec.name} ended while it was asked`));
      const take = (message: Message): void => {
        if (message.parent !== id) return;
        last = message.at;
        if (message.type === reply) replied = message.content;
        else if (message.type === 'status') idle ||= message.content.execution_state === 'idle';
        else outputs.push(message);
        if (!replied || !idle) return;
        this.#events.off('message', take).off('gone', gone);
        resolve(replied);
      };
      this.#events.on('message', take).once('gone', gone);
    });
    const sent = this.#send('shell', id, type, content);
    const content_ = await answer;
    return { ms: last - sent, reply: content_, outputs };
  }

  /** Runs code. */
  execute(code: string): Promise<Answered> {
    const content = { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false };
    return this.request('execute_request', { ...content, stop_on_error: true });
  }

  /** Asks what can follow at the end of `code`. */
  complete(code: string): Promise<Answered> {
    return this.request('complete_request', { code, cursor_pos: code.length });
  }

  /** Asks the kernel to stop what runs, in the way that its specification says. */
  async interrupt(): Promise<void> {
    if (this.spec.interrupt === 'signal') this.child.kill('SIGINT');
    else this.#send('control', randomUUID(), 'interrupt_request', {});
  }

  /** Resolves when something printed holds the text. */
  printed(text: string): Promise<void> {
    return new Promise((resolve) => {
      const take = ({ type, content }: Message): void => {
        if (type !== 'stream' || !String(content.text).includes(text)) return;
        this.#events.off('message', take);
        resolve();
      };
      this.#events.on('message', take);
    });
  }

  /** Resident memory of the process in MB. */
  memory(): number {
    const pages = Number(readFileSync(`/proc/${this.child.pid}/statm`, 'utf8').split(' ')[1]);
    return (pages * 4096) / 1e6;
  }

  /** Ends the process. */
  async stop(): Promise<void> {
    for (const socket of Object.values(this.#sockets ?? {})) socket.close();
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGKILL');
      await once(this.child, 'exit');
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Asks until an answer and its `idle` come: a subscription made too late misses what was said before it. */
  async #heard(): Promise<void> {
    const ready = this.request('kernel_info_request', {});
    const again = setInterval(() => this.#send('shell', randomUUID(), 'kernel_info_request', {}), 20);
    const idle = new Promise<void>((resolve) => {
      const take = ({ type, content }: Message): void => {
        if (type !== 'status' || content.execution_state !== 'idle') return;
        this.#events.off('message', take);
        resolve();
      };
      this.#events.on('message', take);
    });
    const replied = new Promise<void>((resolve) => {
      const take = ({ type }: Message): void => {
        if (type !== 'kernel_info_reply') return;
        this.#events.off('message', take);
        resolve();
      };
      this.#events.on('message', take);
    });
    ready.catch(() => {});
    await Promise.all([idle, replied]);
    clearInterval(again);
  }

  #send(channel: 'shell' | 'control', id: string, type: string, content: object): number {
    const header = { msg_id: id, msg_type: type, session: this.#session, username: 'bench', version: '5.4' };
    const parts = [{ ...header, date: new Date().toISOString() }, {}, {}, content].map((part) =>
      Buffer.from(JSON.stringify(part)),
    );
    const hash = createHmac('sha256', this.#key);
    for (const part of parts) hash.update(part);
    return this.#sockets?.[channel].send([DELIMITER, Buffer.from(hash.digest('hex')), ...parts]) ?? 0;
  }

  #take(frames: Uint8Array[], at: number): void {
    const start = frames.findIndex((frame) => DELIMITER.equals(frame));
    const [header, parent, , content] = frames
      .slice(start + 2, start + 6)
      .map((frame) => JSON.parse(Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString()));
    const message: Message = { type: header.msg_type, parent: parent.msg_id ?? '', content, at };
    this.#events.emit('message', message);
  }
}
