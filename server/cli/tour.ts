/**
 * The tour that `start --demo` launches: it runs the digits notebook as a person would, over HTTP and Socket.IO with the
 * owner's token, and shows in the terminal what a browser shows. It has no way in that others do not have.
 */
import type { ClientToServer, ServerToClient, Snapshot, Topic, WatchReply } from '@trialroom/shared/live/events';
import type { SessionState } from '@trialroom/shared/notebook/session';
import { fromWire } from '@trialroom/shared/trial/points';
import { isOver, type MetricGlance, type Trial } from '@trialroom/shared/trial/trial';
import { io, type Socket } from 'socket.io-client';
import { z } from 'zod';
import { TerminalProgress } from './progress.ts';

const Listing = z.object({ notebooks: z.array(z.object({ id: z.string(), path: z.string() })) });
const Cells = z.looseObject({ cells: z.array(z.looseObject({ id: z.string(), cell_type: z.string() })) });

/** Where the tour runs. */
export interface TourOptions {
  /** e.g. `http://127.0.0.1:8700` */
  url: string;
  token: string;
  /** Path of the notebook within the notebooks folder. */
  notebook: string;
  print: (line: string) => void;
}

/** Runs the tour to its end. Resolves false when a cell failed. @throws Error when the notebook is not there or the server refuses */
export async function runTour({ url, token, notebook, print }: TourOptions): Promise<boolean> {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`the tour could not go on: ${method} ${path} was answered ${response.status} ${text}`);
    return JSON.parse(text);
  };

  const { notebooks } = Listing.parse(await call('GET', '/api/notebooks'));
  const found = notebooks.find(({ path }) => path === notebook);
  if (!found) throw new Error(`the tour needs ${notebook}, which is not in the notebooks folder`);
  await call('POST', `/api/notebooks/${found.id}/open`, {});
  const { cells } = Cells.parse(await call('GET', `/api/notebooks/${found.id}/ipynb`));
  const code = cells.filter(({ cell_type }) => cell_type === 'code').map(({ id }) => id);

  const socket: Socket<ServerToClient, ClientToServer> = io(url, {
    transports: ['websocket'],
    extraHeaders: { authorization: `Bearer ${token}` },
  });
  const view = new TourView(url, found.id, print);
  socket.on('trial', ({ trial }) => view.trial(trial));
  socket.on('glance', ({ trial, glance }) => view.glance(trial, glance));
  const began = Date.now();
  const went = new Promise<boolean>((resolve) => {
    socket.on('session', ({ notebook: id, state, cells: changed }) => {
      if (id !== found.id) return;
      const failed = Object.values(changed).some((cell) => cell?.validity === 'failed' || cell?.validity === 'aborted');
      if (failed) view.fail();
      if (view.ran(state)) resolve(!view.failed);
    });
  });
  await new Promise<void>((resolve, reject) => {
    socket.on('connect', resolve);
    socket.on('connect_error', reject);
  });
  await watch(socket, 'home');
  await watch(socket, `notebook:${found.id}`);
  await call('POST', `/api/notebooks/${found.id}/run`, { cells: code });
  const good = await went;
  view.end((Date.now() - began) / 1000);
  socket.close();
  return good;
}

async function watch(socket: Socket<ServerToClient, ClientToServer>, topic: Topic): Promise<Snapshot> {
  const reply: WatchReply = await new Promise((resolve) => socket.emit('watch', topic, resolve));
  if (!reply.ok) throw new Error(`the tour may not watch ${topic}: ${reply.error}`);
  return reply.snapshot;
}

/** What the terminal shows of the tour. */
class TourView {
  failed = false;
  readonly #bar = new TerminalProgress();
  #trial: Trial | undefined;
  #figures: Record<string, number> = {};
  #started = false;
  readonly #url: string;
  readonly #notebook: string;
  readonly #print: (line: string) => void;

  constructor(url: string, notebook: string, print: (line: string) => void) {
    this.#url = url;
    this.#notebook = notebook;
    this.#print = print;
  }

  trial(trial: Trial): void {
    if (trial.notebook?.id !== this.#notebook) return;
    if (this.#trial?.id !== trial.id) {
      if (isOver(trial.status)) return;
      this.#print(`  Room      ${this.#url}/trials/${trial.id}\n`);
    }
    this.#trial = trial;
    this.#draw();
  }

  glance(id: string, glance: MetricGlance[]): void {
    if (this.#trial?.id !== id) return;
    this.#figures = Object.fromEntries(glance.map(({ key, last }) => [key, fromWire(last)]));
    this.#draw();
  }

  fail(): void {
    this.failed = true;
  }

  /** True once something ran and nothing runs or waits any more. */
  ran(state: Pick<SessionState, 'running' | 'queue' | 'kernel'>): boolean {
    if (state.running !== null || state.queue.length > 0) this.#started = true;
    else if (this.#started || state.kernel === 'dead') return true;
    return false;
  }

  end(seconds: number): void {
    this.#bar.end();
    const accuracy = this.#trial?.summary.testAccuracy;
    if (this.failed) {
      this.#print(`\n  The tour stopped: a cell failed. See ${this.#url}/notebooks/${this.#notebook}`);
    } else if (typeof accuracy === 'number') {
      this.#print(`\n  Test accuracy ${(100 * accuracy).toFixed(2)} % on 10,000 images, after ${seconds.toFixed(0)} s`);
    }
  }

  #draw(): void {
    const trial = this.#trial;
    if (!trial || (trial.progress === null && Object.keys(this.#figures).length === 0)) return;
    this.#bar.show({ name: trial.name, progress: trial.progress, figures: this.#figures, startedAt: trial.startedAt });
  }
}
