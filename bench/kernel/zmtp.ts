/**
 * One end of a ZeroMQ connection, on a plain socket. libzmq hands every message to a thread of its own and back, which on
 * a small machine takes longer than the kernels that are measured take to answer; here only theirs remains.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { encodeReady } from '../../kernel/jupyter/zmtp/commands.ts';
import { encodeCommand, encodeMessage, FrameCutter } from '../../kernel/jupyter/zmtp/frames.ts';
import { GREETING, GREETING_LENGTH } from '../../kernel/jupyter/zmtp/greeting.ts';

/** How often a kernel that does not listen yet is tried, in ms. */
const AGAIN_MS = 5;
const LARGEST = 2 ** 31;

/** Gets each message with the moment when its last bytes came, by `performance.now()`. */
type Take = (parts: Uint8Array[], at: number) => void;

/** A DEALER or SUB at a kernel's socket. */
export class ZmtpClient {
  readonly #socket: Socket;

  /** Resolves once the other end has said READY; rejects when it hangs up before. */
  readonly ready: Promise<void>;

  private constructor(socket: Socket, type: 'DEALER' | 'SUB', take: Take) {
    this.#socket = socket.setNoDelay(true);
    const cutter = new FrameCutter();
    let greeted = false;
    let parts: Uint8Array[] = [];
    const ready = Promise.withResolvers<void>();
    this.ready = ready.promise;
    socket.on('error', () => {});
    socket.on('close', () => ready.reject(new Error('the kernel hung up')));
    socket.on('data', (chunk: Uint8Array) => {
      const at = performance.now();
      cutter.push(chunk);
      greeted ||= cutter.take(GREETING_LENGTH) !== undefined;
      if (!greeted) return;
      for (let frame = cutter.next(LARGEST); frame; frame = cutter.next(LARGEST)) {
        if (frame.command) {
          ready.resolve();
          continue;
        }
        parts.push(frame.body);
        if (frame.more) continue;
        const message = parts;
        parts = [];
        take(message, at);
      }
    });
    socket.write(GREETING);
    socket.write(encodeCommand(encodeReady({ 'Socket-Type': type, ...(type === 'DEALER' ? { Identity: '' } : {}) })));
    // A subscription to everything, as version 3.0 says it: all later ones understand it.
    if (type === 'SUB') this.send([Uint8Array.of(1)]);
  }

  /** Connects as soon as there is somebody who answers; `alive` false ends the trying. */
  static async connect(port: number, type: 'DEALER' | 'SUB', take: Take, alive: () => boolean): Promise<ZmtpClient> {
    for (;;) {
      const socket = connect(port, '127.0.0.1');
      try {
        await once(socket, 'connect');
        const client = new ZmtpClient(socket, type, take);
        await client.ready;
        return client;
      } catch (error) {
        socket.destroy();
        if (!alive()) throw error;
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
  }

  /** Sends a message in one write; returns when that began, by `performance.now()`. */
  send(parts: readonly Uint8Array[]): number {
    const message = Buffer.concat(encodeMessage(parts));
    const at = performance.now();
    this.#socket.write(message);
    return at;
  }

  close(): void {
    this.#socket.destroy();
  }
}
