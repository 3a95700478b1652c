/** Servers, scripts and runs as processes of their own, for tests that kill them for real. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Trial } from '@trialroom/shared/trial/trial';
import { expect } from 'vitest';
import { z } from 'zod';

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const endings: (() => unknown)[] = [];

/** Ends the processes that a test began, and removes its folders. */
export async function cleanUp(): Promise<void> {
  for (const end of endings.splice(0).reverse()) await end();
}

/** A process whose lines are heard. */
export class Process {
  readonly child: ChildProcess;
  readonly lines: string[] = [];
  #check = (): void => {};

  constructor(args: string[], options: { cwd?: string; env?: Record<string, string> } = {}) {
    const env = { ...process.env, ...options.env };
    this.child = spawn(process.execPath, args, { ...options, env, stdio: ['pipe', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      if (!stream) throw new Error('no stream');
      createInterface({ input: stream }).on('line', (line) => {
        this.lines.push(line);
        this.#check();
      });
    }
    this.child.on('close', () => this.#check());
    endings.push(() => this.kill());
  }

  /** The first line, from now or before, that matches. */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      for (const line of this.lines) {
        const found = pattern.exec(line);
        if (found) return found;
      }
      if (this.over) throw new Error(`it ended without ${pattern}: ${this.lines.join('\n')}`);
      await new Promise<void>((resolve) => {
        this.#check = resolve;
      });
    }
  }

  get over(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  async kill(): Promise<void> {
    if (this.over) return;
    const closed = once(this.child, 'close');
    this.child.kill('SIGKILL');
    await closed;
  }
}

/** An empty folder, until the test is over. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'trialroom-remote-'));
  endings.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A server that runs as a process of its own. */
export interface Served {
  process: Process;
  url: string;
  token: string;
}

const Said = z.object({ url: z.string(), token: z.string() });

/** Starts a server over a data folder. */
export async function serve(home: string, port = '0'): Promise<Served> {
  const server = new Process([file('./testing-server.ts'), home, port], { env: { LOG_LEVEL: 'error' } });
  const [line] = await server.line(/^\{"url".*/);
  return { process: server, ...Said.parse(JSON.parse(line)) };
}

/** Starts a server anew where one was. */
export const again = (home: string, { url }: Served): Promise<Served> => serve(home, new URL(url).port);

/** Runs `trialroom sync` to its end. */
export async function synced(cwd: string, { url, token }: Served): Promise<Process> {
  const sync = new Process([file('../bin/trialroom.js'), 'sync', '--url', url, '--token', token], { cwd });
  await once(sync.child, 'close');
  return sync;
}

/** Asks the server. */
export async function get<T>({ url, token }: Served, path: string, schema: z.ZodType<T>): Promise<T> {
  const response = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } });
  return schema.parse(await response.json());
}

/** Asks until the trial is so. */
export async function until(server: Served, id: string, is: (trial: Trial) => boolean): Promise<Trial> {
  for (;;) {
    const trial = await get(server, `/api/trials/${id}`, Trial);
    if (is(trial)) return trial;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const SERIES = z.object({
  series: z.array(
    z.object({
      points: z.object({ key: z.string(), steps: z.array(z.number()), values: z.array(z.number()) }),
      total: z.number(),
    }),
  ),
});

/** The steps of `value`, after looking that both metrics have each step once with its value. */
export async function steps(server: Served, id: string): Promise<number[]> {
  const { series } = await get(server, `/api/trials/${id}/series?width=10000&keys=value,square`, SERIES);
  const [value, square] = ['value', 'square'].map((key) => series.find(({ points }) => points.key === key)?.points);
  expect(value?.values).toEqual(value?.steps);
  expect(square?.steps).toEqual(value?.steps);
  expect(square?.values).toEqual(value?.steps.map((step) => step * step));
  return value?.steps ?? [];
}

/** 1, 2, 3, … */
export const counted = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
