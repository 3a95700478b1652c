/**
 * Starts the product as a person would, `trialroom start`, on a free port and in folders of its own,
 * and stops it gently or with `kill -9`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

export interface StartOptions {
  /** Data folder; a temporary one is made (and removed by `stop`) when absent. */
  dataDir?: string;
  /** Notebooks folder; a temporary copy of the shipped notebooks when absent. */
  notebooksDir?: string;
  /** Further arguments, e.g. `['--demo']`. */
  args?: string[];
  env?: Record<string, string | undefined>;
  port?: number;
}

export interface RunningServer {
  /** e.g. `http://127.0.0.1:41233` */
  url: string;
  /** Owner token. */
  token: string;
  /** Page address that signs in. */
  signIn: string;
  dataDir: string;
  notebooksDir: string;
  process: ChildProcess;
  /** All that was printed so far. */
  output(): string;
  /** Resolves with the match once the printed text matches; rejects when the process ends first. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** SIGTERM, and waits for the end. Returns the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL, and waits for the end; folders stay. */
  kill9(): Promise<void>;
}

/** Starts a server and resolves when it has printed its sign-in address. Rejects with its output when it ends first. */
export async function startServer(options: StartOptions = {}): Promise<RunningServer> {
  const made: string[] = [];
  const folder = async (name: string): Promise<string> => {
    const path = await mkdtemp(join(tmpdir(), `trialroom-${name}-`));
    made.push(path);
    return path;
  };
  const dataDir = options.dataDir ?? (await folder('data'));
  const notebooksDir = options.notebooksDir ?? (await copyNotebooks(await folder('notebooks')));
  const child = spawn(
    process.execPath,
    [
      join(ROOT, 'server/bin/trialroom.js'),
      'start',
      '--port',
      String(options.port ?? 0),
      '--data',
      dataDir,
      '--notebooks',
      notebooksDir,
      ...(options.args ?? []),
    ],
    {
      cwd: ROOT,
      env: { ...process.env, DATABASE_URL: undefined, REDIS_URL: undefined, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let text = '';
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      text += chunk;
      for (const check of waiting) check();
    });
  }
  const ended = once(child, 'exit');
  const printed = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const match = pattern.exec(text);
        if (!match) return;
        waiting.delete(check);
        resolve(match);
      };
      waiting.add(check);
      check();
      void ended.then(([code]) =>
        reject(new Error(`the server ended with ${code} before it printed ${pattern}:\n${text}`)),
      );
    });
  const [, signIn = '', url = '', token = ''] = await printed(/((https?:\/\/[^/\s]+)\/\?token=(\w+))/);
  return {
    url,
    token,
    signIn,
    dataDir,
    notebooksDir,
    process: child,
    output: () => text,
    printed,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
      for (const path of made) await rm(path, { recursive: true, force: true });
      return child.exitCode;
    },
    kill9: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Copies the shipped notebooks, and nothing else of that folder, so that tests never change the originals. */
async function copyNotebooks(target: string): Promise<string> {
  const from = join(ROOT, 'notebooks');
  await cp(from, target, { recursive: true, filter: (path) => path === from || path.endsWith('.ipynb') });
  return target;
}
