/**
 * The host of a script that runs without a kernel and tells a server of its trials. What trials say goes to a thread of
 * their own, which keeps it on the disk and sends it; what people want comes back through shared memory.
 */
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { FromKernel, TrialOpen, TrialOpened } from '@trialroom/shared/kernel/protocol';
import { Line } from '@trialroom/shared/remote/line';
import type { RemoteSettings } from '@trialroom/shared/remote/settings';
import { ulid } from 'ulid';
import type { KernelHost } from '../../process/host.ts';
import { hearConsole } from './console.ts';

/** Printed text is handed over when it is this old (ms) or this long. */
const TEXT_MS = 50;
const TEXT_LONG = 64 * 1024;

/** First file of the thread that keeps and sends. */
const THREAD = new URL('./thread.js', import.meta.url);

/** Makes the host. What it does not do itself, `terminal` does: questions, displays. */
export function remoteHost(terminal: KernelHost, settings: RemoteSettings): KernelHost {
  const lines = new Map<string, Line>();
  const acks: Parameters<KernelHost['onAck']>[0][] = [];
  const wishes: Parameters<KernelHost['onWish']>[0][] = [];
  const ends: Parameters<KernelHost['onEnd']>[0][] = [];
  let failure: string | undefined;

  const openTrial = async (open: TrialOpen): Promise<TrialOpened> => {
    const id = ulid();
    const { server, url, limits, patience } = settings;
    const folder = join(settings.spool, id);
    const opening = { id, open, startedAt: Date.now(), url, pid: process.pid, host: hostname() };
    const line = new Line(
      THREAD,
      { opening, folder, server, limits, patience, keptBy: 'server' },
      {
        kept: (seq) => {
          for (const ack of acks) ack(id, seq);
        },
        wish: () => {
          for (const wish of wishes) wish(id);
        },
      },
    );
    lines.set(id, line);
    try {
      const room = await line.opened;
      if (url === null) return { trial: id };
      return { trial: id, room: new URL(room ?? `/trials/${id}`, url).href };
    } catch (error) {
      lines.delete(id);
      await line.drop();
      throw error;
    }
  };

  const send = (message: FromKernel, payload?: Uint8Array): void => {
    const line = 'trial' in message ? lines.get(message.trial) : undefined;
    if (!line) return;
    if (message.type === 'trial.finish') {
      text.flush();
      line.finish(message.end, message.end === 'failed' ? failure : undefined);
    } else line.say(message, payload);
  };

  /** Says that what is still open is over. */
  const endAll = (code: number): void => {
    const open = [...lines.values()].filter(({ finished }) => !finished);
    if (open.length === 0) return;
    // Points that wait to be sent are handed over.
    for (const end of ends) end('', 'ok');
    text.flush();
    const reason = failure ?? (code === 0 ? undefined : `The script ended with exit code ${code}.`);
    for (const line of open) line.finish(code === 0 ? (line.wish === 2 ? 'stopped' : 'completed') : 'failed', reason);
  };

  const text = new PrintedText((stream, printed) => {
    for (const line of lines.values()) line.print(stream, printed);
  });
  if (settings.console) hearConsole((stream, printed) => text.add(stream, printed));
  process.on('uncaughtExceptionMonitor', (error) => {
    failure = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    text.add('stderr', `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  });
  process.on('beforeExit', (code) => endAll(code));
  process.on('exit', (code) => {
    endAll(code);
    for (const line of lines.values()) line.settle();
  });

  return {
    ...terminal,
    openTrial,
    send,
    stopRequested: (trial) => lines.get(trial)?.wish === 2,
    pauseRequested: (trial) => lines.get(trial)?.wish === 1,
    onWish: (handler) => void wishes.push(handler),
    onAck: (handler) => void acks.push(handler),
    onEnd: (handler) => void ends.push(handler),
  };
}

/** Collects printed text for a moment: programs print letter by letter. */
class PrintedText {
  readonly #give: (stream: 'stdout' | 'stderr', text: string) => void;
  #stream: 'stdout' | 'stderr' = 'stdout';
  #text = '';
  #since = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(give: (stream: 'stdout' | 'stderr', text: string) => void) {
    this.#give = give;
  }

  add(stream: 'stdout' | 'stderr', text: string): void {
    if (stream !== this.#stream) this.flush();
    const now = performance.now();
    if (this.#text === '') this.#since = now;
    this.#stream = stream;
    this.#text += text;
    if (this.#text.length >= TEXT_LONG || now - this.#since >= TEXT_MS) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), TEXT_MS).unref();
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#text;
    this.#text = '';
    if (text !== '') this.#give(this.#stream, text);
  }
}
