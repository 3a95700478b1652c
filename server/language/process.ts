/**
 * The line to the language process: starts it when there is something to ask, tells it what it must know again when it
 * died, and says at once that nobody is there while it keeps dying. What it says is parsed before it is believed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { encodeFrame, FrameReader } from '@trialroom/shared/kernel/framing';
import {
  type Diagnostic,
  FromLanguage,
  type LanguageAnswer,
  type LanguageCells,
  type LanguageQuery,
  type ToLanguage,
} from '@trialroom/shared/language/language';
import type { Log } from '../log.ts';
import { kernelEnvironment } from '../sessions/kernels/kernel-environment.ts';

/** Nobody can answer right now. */
export class LanguageUnavailable extends Error {}

export interface LanguageProcess {
  /** Tells the cells of a notebook, now and to every process that takes this one's place. */
  cells(notebook: string, folder: string, cells: LanguageCells): void;
  close(notebook: string): void;
  /** @throws LanguageUnavailable */
  query(notebook: string, query: LanguageQuery): Promise<LanguageAnswer>;
  /** @throws LanguageUnavailable */
  check(notebook: string): Promise<Record<string, Diagnostic[]>>;
  /** Of the process, while there is one. */
  pid(): number | undefined;
  /** Ends the process. The next question starts another. */
  rest(): Promise<void>;
}

export interface LanguageProcessOptions {
  log: Log;
  /** Path of the program; absent: the one installed here. */
  entry?: string;
  /** Longest time for an answer, in ms. */
  patienceMs?: number;
  /** A process died and another took its place: what was asked of it may be asked again. */
  onReplaced?: () => void;
}

const PATIENCE_MS = 20_000;
/** Waits before another is started, by how many died in a row. */
const BACKOFF_MS = [0, 500, 2000, 10_000, 60_000];
/** A process that lived so long was healthy. */
const HEALTHY_MS = 60_000;
const STDERR_KEPT = 4096;

type Waiting = { settle: (message: FromLanguage) => void; fail: (error: Error) => void };

export function createLanguageProcess(options: LanguageProcessOptions): LanguageProcess {
  const { log, patienceMs = PATIENCE_MS, onReplaced = () => {} } = options;
  const known = new Map<string, Extract<ToLanguage, { type: 'cells' }>>();
  const waiting = new Map<number, Waiting>();
  let child: ChildProcess | undefined;
  let gone: Promise<void> = Promise.resolve();
  let requests = 0;
  let deaths = 0;
  let resting = true;
  let retry: NodeJS.Timeout | undefined;

  const send = (message: ToLanguage): void => {
    if (child?.stdin?.writable) child.stdin.write(encodeFrame(message));
  };

  const failAll = (reason: string): void => {
    for (const { fail } of waiting.values()) fail(new LanguageUnavailable(reason));
    waiting.clear();
  };

  const start = (): void => {
    const began = Date.now();
    const entry = options.entry ?? fileURLToPath(import.meta.resolve('trialroom/language'));
    const started = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', entry], {
      env: kernelEnvironment(process.env),
      stdio: ['pipe', 'pipe', 'pipe'],
      // Ctrl+C in the terminal is the server's to handle; the process ends with its stdin.
      detached: process.platform !== 'win32',
    });
    child = started;
    let stderr = '';
    started.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-STDERR_KEPT);
    });
    started.stdin.on('error', () => {});
    const reader = new FrameReader();
    started.stdout.on('data', (chunk) => {
      try {
        for (const { header } of reader.push(chunk)) heard(FromLanguage.parse(header));
      } catch (error) {
        log.error({ err: error }, 'the language process said what cannot be understood');
        kill(started);
      }
    });
    gone = new Promise((resolve) => {
      const ended = (reason: string): void => {
        resolve();
        if (child !== started) return;
        child = undefined;
        failAll(reason);
        if (resting) return;
        deaths = Date.now() - began > HEALTHY_MS ? 1 : deaths + 1;
        const wait = BACKOFF_MS[Math.min(deaths, BACKOFF_MS.length) - 1] ?? 0;
        log.warn({ reason, stderr, wait }, 'the language process died and is started again');
        retry = setTimeout(() => {
          retry = undefined;
          if (resting) return;
          start();
          onReplaced();
        }, wait);
        retry.unref();
      };
      started.once('error', (error) => ended(`the language process could not be started: ${error.message}`));
      started.once('exit', (code, signal) => ended(`the language process ended (${signal ?? code})`));
    });
    for (const message of known.values()) send(message);
  };

  const heard = (message: FromLanguage): void => {
    if (message.type === 'ready') return;
    const asked = waiting.get(message.request);
    waiting.delete(message.request);
    if (message.type === 'failed') asked?.fail(new LanguageUnavailable(message.message));
    else asked?.settle(message);
  };

  const ask = (make: (request: number) => ToLanguage): Promise<FromLanguage> => {
    resting = false;
    // Who asks while the next start is waited for is not kept waiting.
    if (retry) return Promise.reject(new LanguageUnavailable('the language process died and is not back yet'));
    if (!child) start();
    const request = ++requests;
    return new Promise<FromLanguage>((settle, fail) => {
      const timer = setTimeout(() => {
        waiting.delete(request);
        fail(new LanguageUnavailable('the language process took too long'));
      }, patienceMs);
      waiting.set(request, {
        settle: (message) => {
          clearTimeout(timer);
          settle(message);
        },
        fail: (error) => {
          clearTimeout(timer);
          fail(error);
        },
      });
      send(make(request));
    });
  };

  return {
    cells(notebook, folder, cells) {
      const message = { type: 'cells', notebook, folder, cells } as const;
      known.set(notebook, message);
      send(message);
    },
    close(notebook) {
      if (known.delete(notebook)) send({ type: 'close', notebook });
    },
    async query(notebook, query) {
      const said = await ask((request) => ({ type: 'query', request, notebook, query }));
      if (said.type !== 'answer') throw new LanguageUnavailable('the language process answered something else');
      return said.answer;
    },
    async check(notebook) {
      const said = await ask((request) => ({ type: 'check', request, notebook }));
      if (said.type !== 'diagnostics') throw new LanguageUnavailable('the language process answered something else');
      return said.cells;
    },
    pid: () => child?.pid,
    async rest() {
      resting = true;
      clearTimeout(retry);
      retry = undefined;
      const ending = gone;
      if (child) kill(child);
      // Whoever asks from now on gets a process of its own.
      child = undefined;
      failAll('the language process was ended');
      await ending;
    },
  };
}

/** With what it started: a language server on its own would serve nobody. */
function kill(child: ChildProcess): void {
  try {
    if (process.platform === 'win32' || child.pid === undefined) child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}
