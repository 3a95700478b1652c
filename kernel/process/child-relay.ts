/**
 * The supervisor's end of `sync-relay.ts`: reads what a child process writes that the main thread waits for, and passes
 * it on in the name of the cell. What the child has left running is heard for as long as it writes.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { OUTPUT_WINDOW } from '@trialroom/shared/kernel/limits';
import type { FromKernel } from '@trialroom/shared/kernel/protocol';
import { RELAY, type RelayOpened, SHARED } from './channel.ts';

type Words = Extract<FromKernel, { type: 'stream' }>;

/** Text is sent at once, and then as often as this, in ms. */
const BATCH_MS = 30;
/** Characters that are sent at once all the same. */
const BATCH_CHARACTERS = 32 * 1024;
/** How soon it is looked again whether the parent has taken in what was sent, in ms. */
const LOOK_MS = 5;

/** Reads what children print. */
export class ChildRelay {
  #say: (message: Words) => void;
  #shared: Int32Array<SharedArrayBuffer>;
  #words: Words[] = [];
  #characters = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Where more comes than the parent takes in. */
  #paused = new Set<Socket>();
  /** True where something has come since it was last looked. */
  #moved = false;
  #server: Server | undefined;

  constructor(say: (message: Words) => void, shared: Int32Array<SharedArrayBuffer>) {
    this.#say = say;
    this.#shared = shared;
  }

  /** A child is about to be started. */
  open({ serial, path, execution, names }: RelayOpened): void {
    // One that nobody came to.
    this.#server?.close();
    const waiting = [...names];
    const server = createServer((socket) => {
      this.#moved = true;
      const name = waiting.shift();
      if (name) this.#hear(socket, execution, name);
      else socket.destroy();
      if (waiting.length === 0) server.close();
    });
    this.#server = server;
    server.once('error', () => this.#tell(serial, RELAY.failed));
    server.listen(path, () => this.#tell(serial, RELAY.open));
  }

  /** The child has ended: says so once everything that it wrote is sent. */
  ended(serial: number): void {
    // Whatever is there is read between two of these.
    const look = (): void => {
      if (this.#paused.size > 0) setTimeout(look, LOOK_MS);
      else if (this.#moved) {
        this.#moved = false;
        setImmediate(look);
      } else {
        this.#server?.close();
        this.flush();
        this.#tell(serial, RELAY.ended);
      }
    };
    this.#moved = true;
    look();
  }

  /** Sends what has gathered. */
  flush(): void {
    this.#characters = 0;
    for (const words of this.#words.splice(0)) this.#say(words);
  }

  /** The parent has taken something in. */
  credited(): void {
    if (this.#isFull()) return;
    for (const socket of this.#paused) socket.resume();
    this.#paused.clear();
  }

  #hear(socket: Socket, execution: string, name: Words['name']): void {
    const decoder = new StringDecoder('utf8');
    const add = (text: string): void => this.#add({ type: 'stream', execution, name, text });
    socket.on('data', (chunk) => {
      this.#moved = true;
      add(decoder.write(chunk));
      if (!this.#isFull()) return;
      this.#paused.add(socket.pause());
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#paused.delete(socket);
      add(decoder.end());
    });
  }

  #add(words: Words): void {
    if (words.text === '') return;
    const last = this.#words.at(-1);
    if (last?.execution === words.execution && last.name === words.name) last.text += words.text;
    else this.#words.push(words);
    this.#characters += words.text.length;
    if (this.#timer === undefined) {
      this.flush();
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.flush();
      }, BATCH_MS);
    } else if (this.#characters >= BATCH_CHARACTERS) this.flush();
  }

  #isFull(): boolean {
    return Atomics.load(this.#shared, SHARED.outstanding) > OUTPUT_WINDOW;
  }

  #tell(serial: number, state: number): void {
    Atomics.store(this.#shared, SHARED.relay, (serial << 2) | state);
    Atomics.notify(this.#shared, SHARED.relay);
  }
}
