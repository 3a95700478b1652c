/** The trials of `trialroom run`: their progress is a line in the terminal, their figures are said at the end. */
import type { Progress, TrialOpen, TrialOpened } from '@trialroom/shared/kernel/protocol';
import type { PointColumns } from '@trialroom/shared/trial/points';
import { ulid } from 'ulid';
import type { TrialSink } from '../trials/sink.ts';
import { TerminalProgress } from './progress.ts';

/** Trials without a server: they live in the terminal for as long as they run. */
export class TerminalTrials implements TrialSink {
  /** Final figures of all trials. */
  readonly figures: Record<string, unknown> = {};
  readonly #bar = new TerminalProgress();
  readonly #newest: Record<string, number> = {};
  #name = '';
  #startedAt: number | null = null;
  #progress: Progress | null = null;
  readonly #quiet: boolean;
  readonly #bare: boolean;

  /** `quiet`: says nothing; `bare`: draws nothing. */
  constructor(quiet: boolean, bare: boolean) {
    this.#quiet = quiet;
    this.#bare = bare;
  }

  /** True while a trial's line is on screen. */
  get showing(): boolean {
    return this.#startedAt !== null;
  }

  async open(params: TrialOpen): Promise<TrialOpened> {
    this.begin(params);
    return { trial: ulid() };
  }

  /** Shows that a trial has begun. `room`: the address at which people watch it, where there is one. */
  begin({ experiment, name }: Pick<TrialOpen, 'experiment' | 'name'>, room?: string): void {
    this.end();
    this.#name = name;
    this.#startedAt = Date.now();
    if (!this.#quiet) console.log(`  ${experiment} / ${name}${room ? `  ${room}` : ''}`);
  }

  async points(_trial: string, _execution: string, _seq: number, columns: PointColumns[]): Promise<void> {
    for (const { key, values } of columns) {
      const last = values.at(-1);
      if (last !== undefined) this.#newest[key] = last;
    }
    this.#draw();
  }

  progress(_trial: string, progress: Progress): void {
    this.#progress = progress;
    this.#draw();
  }

  /** Pictures and notes are for a room. */
  async events(): Promise<void> {}

  /** Nobody can ask for a pause here. */
  async paused(): Promise<void> {}

  async released(): Promise<boolean> {
    return false;
  }

  async summary(_trial: string, summary: Record<string, unknown>): Promise<void> {
    Object.assign(this.figures, summary);
  }

  async finish(): Promise<void> {
    this.end();
  }

  print(): void {}

  async executionEnded(): Promise<void> {}

  async kernelGone(): Promise<void> {
    this.end();
  }

  /** Gives the terminal back. */
  end(): void {
    if (this.#startedAt === null) return;
    this.#draw();
    if (!this.#bare) this.#bar.end();
    this.#startedAt = null;
    this.#progress = null;
  }

  #draw(): void {
    if (this.#startedAt === null || this.#bare) return;
    this.#bar.show({ name: this.#name, progress: this.#progress, figures: this.#newest, startedAt: this.#startedAt });
  }
}
