/**
 * What a child process prints that a cell waits for with `execSync` and its like, as it prints it. This thread is blocked
 * for as long, so the child is given sockets that lead to the supervisor, which reads them (`child-relay.ts`). Only what
 * the child shares with us goes that way. Without unix sockets the child is heard when it has ended.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { RELAY, type RelayOpened, SHARED, type ToSupervisor } from './channel.ts';
import { withoutExecution } from './scope.ts';

/** Longest path of a socket that every system takes. */
const LONGEST_PATH = 100;
/** The supervisor is awake: it answers within a fraction of this, in ms. */
const PATIENCE_MS = 1000;

const { load, wait } = Atomics;

interface Line {
  folder: string;
  sockets: Socket[];
}

/** The main thread's end of it. */
export class SyncRelay {
  #post: (message: ToSupervisor) => void;
  #shared: Int32Array<SharedArrayBuffer>;
  #serial = 0;
  /** Of children whose end this thread did not come to see, as it was stopped. */
  #left: Line[] = [];

  constructor(post: (message: ToSupervisor) => void, shared: Int32Array<SharedArrayBuffer>) {
    this.#post = post;
    this.#shared = shared;
  }

  /**
   * Runs a child that is given a descriptor for each of the names, behind each of which it is heard. Returns when all that
   * it wrote has been sent on.
   * @returns undefined where it cannot be had: the child was not run
   */
  run<T>(
    execution: string,
    names: RelayOpened['names'],
    child: (fds: readonly number[]) => T,
  ): { result: T } | undefined {
    const serial = ++this.#serial;
    const line = this.#open({ serial, execution, names });
    if (!line) return undefined;
    this.#left.push(line);
    try {
      const fds = line.sockets.map(descriptorOf);
      if (!fds.every((fd) => fd !== undefined)) return undefined;
      return { result: child(fds) };
    } finally {
      // Before the supervisor is asked: the child's end is the last then.
      this.recover();
      this.#post({ op: 'relayed', serial });
      this.#await(serial, RELAY.ended);
    }
  }

  /** Lets go of what is left over. */
  recover(): void {
    if (this.#left.length === 0) return;
    for (const { folder, sockets } of this.#left.splice(0)) {
      for (const socket of sockets) socket.destroy();
      rmSync(folder, { recursive: true, force: true });
    }
  }

  #open(opened: Omit<RelayOpened, 'path'>): Line | undefined {
    if (process.platform === 'win32') return undefined;
    const folder = mkdtempSync(join(tmpdir(), 'trialroom-'));
    const path = join(folder, 's');
    const line: Line = { folder, sockets: [] };
    if (path.length <= LONGEST_PATH) {
      this.#post({ op: 'relay', ...opened, path });
      if (this.#await(opened.serial, RELAY.open)) {
        const { connect } = process.getBuiltinModule('node:net');
        // It is connected at once: nobody has to answer for that.
        line.sockets = withoutExecution(() =>
          opened.names.map(() =>
            connect(path)
              .on('error', () => {})
              .unref(),
          ),
        );
        return line;
      }
    }
    rmSync(folder, { recursive: true, force: true });
    return undefined;
  }

  /** Blocks until the supervisor has come to a state. An interrupt breaks the wait. */
  #await(serial: number, state: number): boolean {
    for (;;) {
      const now = load(this.#shared, SHARED.relay);
      if (now >>> 2 === serial && (now & 3) >= state) return (now & 3) === state;
      if (wait(this.#shared, SHARED.relay, now, PATIENCE_MS) === 'timed-out' && state === RELAY.open) return false;
    }
  }
}

function descriptorOf(socket: Socket): number | undefined {
  const handle: unknown = Reflect.get(socket, '_handle');
  const fd: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : undefined;
  return typeof fd === 'number' && fd >= 0 ? fd : undefined;
}
