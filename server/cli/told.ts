/**
 * The trials of `trialroom run` when a server was named: what they say goes to that server as the trials of scripts do, by
 * way of a spool on the disk, and what people want of them comes back. The terminal shows them as without a server.
 */
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import type { FromKernel, TrialOpened } from '@trialroom/shared/kernel/protocol';
import type { NotebookFile } from '@trialroom/shared/notebook/format';
import { WISHES } from '@trialroom/shared/remote/channel';
import { Line } from '@trialroom/shared/remote/line';
import type { RemoteSettings } from '@trialroom/shared/remote/settings';
import { TrialScript } from '@trialroom/shared/trial/code';
import type { SaidEvent } from '@trialroom/shared/trial/event';
import { type PointColumns, packPoints, toWire } from '@trialroom/shared/trial/points';
import { ulid } from 'ulid';
import type { ArtifactPiece, ResultsSink } from '../results/sink.ts';
import type { TrialOrigin, TrialSink } from '../trials/sink.ts';
import type { TerminalTrials } from './trials.ts';

const THREAD = new URL('./told-thread.ts', import.meta.url);

/** What a kernel is told of a wish, by the wish's place in {@link WISHES}. */
const ACTIONS: Readonly<Record<(typeof WISHES)[number], string>> = { go: 'resume', pause: 'pause', stop: 'stop' };

/** What a kernel says of a trial, and that of it which is numbered and kept. */
type Word = Extract<FromKernel, { trial: string }>;
type Numbered = Extract<Word, { seq: number }>;

type End = 'completed' | 'failed' | 'stopped';

interface Told {
  readonly id: string;
  readonly line: Line;
  readonly cell: string;
  /** The execution that opened it or last logged to it. */
  execution: string;
  /** The step logged last. */
  step: number;
  paused: boolean;
  /** Who waits for a numbered message to be in the spool. */
  readonly waiting: Map<number, () => void>;
  heard: ((wish: unknown) => void) | undefined;
}

/** Where the trials go, and what shows them here. */
export interface ToldOptions {
  settings: RemoteSettings;
  terminal: TerminalTrials;
  /** The notebook as it runs: the code of its trials. */
  script: TrialScript | undefined;
}

/** Trials that a server is told of. */
export class ToldTrials implements TrialSink, ResultsSink {
  readonly #options: ToldOptions;
  readonly #trials = new Map<string, Told>();
  readonly #lines: Line[] = [];

  constructor(options: ToldOptions) {
    this.#options = options;
  }

  async open(params: Parameters<TrialSink['open']>[0], { execution, cell }: TrialOrigin): Promise<TrialOpened> {
    const { settings, terminal, script } = this.#options;
    for (const before of this.#trials.values()) if (before.cell === cell) this.#end(before, 'completed');
    const id = ulid();
    const { server, url, limits, patience } = settings;
    const open = { ...params, ...(script && { script }) };
    const opening = { id, open, startedAt: Date.now(), url, pid: process.pid, host: hostname() };
    const folder = join(settings.spool, id);
    const waiting: Told['waiting'] = new Map();
    const line = new Line(
      THREAD,
      { opening, folder, server, limits, patience, keptBy: 'spool' },
      {
        kept: (seq) => kept(waiting, seq),
        wish: () => this.#wished(id),
      },
    );
    // A thread that is gone keeps nothing any more: nobody is to wait for it.
    void line.over.then(() => {
      this.#trials.delete(id);
      kept(waiting, Number.POSITIVE_INFINITY);
    });
    const told: Told = { id, line, cell, execution, step: 0, paused: false, waiting, heard: undefined };
    this.#trials.set(id, told);
    try {
      const path = await line.opened;
      this.#lines.push(line);
      const room = url === null ? undefined : new URL(path ?? `/trials/${id}`, url).href;
      terminal.begin(params, room);
      return { trial: id, ...(room && { room }) };
    } catch (error) {
      this.#trials.delete(id);
      await line.drop();
      throw error;
    }
  }

  /** Calls `heard` with what people want of the trial from now on, and now if that is something. Returns how to end that. */
  async onWish(trial: string, heard: (wish: unknown) => void): Promise<() => Promise<void>> {
    const told = this.#trials.get(trial);
    if (told) told.heard = heard;
    // One that came before anybody listened.
    if (told && told.line.wish > 0) queueMicrotask(() => this.#wished(trial));
    return async () => {
      if (told) told.heard = undefined;
    };
  }

  async points(trial: string, execution: string, seq: number, columns: PointColumns[]): Promise<void> {
    await this.#options.terminal.points(trial, execution, seq, columns);
    const told = this.#trials.get(trial);
    if (told) told.step = columns[0]?.steps.at(-1) ?? told.step;
    const { keys, payload } = packPoints(columns);
    await this.#keep({ type: 'trial.points', trial, execution, seq, keys }, payload);
  }

  async samples(trial: string, at: number, samples: Readonly<Record<string, number>>): Promise<void> {
    const told = this.#trials.get(trial);
    if (!told || told.paused) return;
    told.line.say({ type: 'remote.samples', at, step: toWire(told.step), samples } as { type: string });
  }

  progress(trial: string, progress: Parameters<TrialSink['progress']>[1]): void {
    this.#options.terminal.progress(trial, progress);
    this.#say({ type: 'trial.progress', trial, progress });
  }

  async events(trial: string, execution: string, seq: number, said: readonly SaidEvent[]): Promise<void> {
    await this.#keep({ type: 'trial.events', trial, execution, seq }, new TextEncoder().encode(JSON.stringify(said)));
  }

  async evaluation(trial: string, execution: string, seq: number, json: Uint8Array): Promise<void> {
    await this.#keep({ type: 'trial.evaluation', trial, execution, seq }, json);
  }

  async artifact(trial: string, execution: string, seq: number, of: ArtifactPiece, bytes: Uint8Array): Promise<void> {
    const { name, kind, piece, last } = of;
    await this.#keep({ type: 'trial.artifact', trial, execution, seq, name, kind, piece, last }, bytes);
  }

  async paused(trial: string, paused: boolean): Promise<void> {
    const told = this.#trials.get(trial);
    if (told) told.paused = paused;
    this.#say({ type: 'trial.paused', trial, paused });
  }

  /** What waits here waits in its cell. */
  async released(): Promise<boolean> {
    return false;
  }

  async summary(trial: string, summary: Record<string, unknown>): Promise<void> {
    await this.#options.terminal.summary(trial, summary);
    this.#say({ type: 'trial.summary', trial, summary });
  }

  async finish(trial: string, end: End, reason?: string): Promise<void> {
    const told = this.#trials.get(trial);
    if (told) this.#end(told, end, reason);
  }

  print(execution: string, stream: 'stdout' | 'stderr', text: string): void {
    const told = [...this.#trials.values()].findLast((each) => each.execution === execution);
    told?.line.print(stream, text);
  }

  async executionEnded(execution: string, end: 'ok' | 'error' | 'aborted', reason?: string): Promise<void> {
    if (end === 'ok') return;
    for (const told of [...this.#trials.values()]) {
      if (told.execution === execution) this.#end(told, end === 'error' ? 'failed' : 'stopped', reason);
    }
  }

  async kernelGone(_kernel: string, end: End, reason: string): Promise<void> {
    this.#endAll(end, end === 'completed' ? undefined : reason);
  }

  /** Nothing more follows: resolves when all is delivered, or left on the disk. */
  async close(): Promise<void> {
    this.#endAll('failed', 'The run ended before its trial did.');
    await Promise.all(this.#lines.map(({ over }) => over));
  }

  /** The process ends at once: returns when the end of every trial is on the disk. Says whether anything may be left there. */
  leave(): boolean {
    this.#endAll('stopped', 'The run was stopped.');
    const delivered = this.#lines.map((line) => line.write());
    return delivered.includes(false);
  }

  #endAll(end: End, reason?: string): void {
    for (const told of [...this.#trials.values()]) {
      this.#end(told, end === 'completed' && WISHES[told.line.wish] === 'stop' ? 'stopped' : end, reason);
    }
  }

  #end(told: Told, end: End, reason?: string): void {
    this.#trials.delete(told.id);
    this.#options.terminal.end();
    told.line.finish(end, reason);
  }

  #say(message: Word, payload?: Uint8Array): Told | undefined {
    const told = this.#trials.get(message.trial);
    if (told && 'execution' in message) told.execution = message.execution;
    told?.line.say(message, payload);
    return told;
  }

  /** Resolves when the message is in the spool; what is said of a trial that is over is not kept. */
  async #keep(message: Numbered, payload: Uint8Array): Promise<void> {
    const told = this.#say(message, payload);
    if (told) await new Promise<void>((resolve) => void told.waiting.set(message.seq, resolve));
  }

  #wished(trial: string): void {
    const told = this.#trials.get(trial);
    const wish = told && WISHES[told.line.wish];
    if (wish) told.heard?.({ action: ACTIONS[wish] });
  }
}

function kept(waiting: Told['waiting'], upTo: number): void {
  for (const [seq, resolve] of waiting) {
    if (seq > upTo) continue;
    waiting.delete(seq);
    resolve();
  }
}

/** Trials of the notebook at `path`, as it runs now, for the server that the settings name. */
export function toldTrials(
  settings: RemoteSettings,
  terminal: TerminalTrials,
  path: string,
  { cells }: NotebookFile,
): ToldTrials {
  const sources = cells.flatMap((cell) => (cell.cell_type === 'code' ? [cell.source] : []));
  const script = TrialScript.safeParse({ name: basename(path).slice(-300), source: sources.join('\n\n') });
  return new ToldTrials({ settings, terminal, script: script.data });
}
