/** What a kernel link tells about trials. Implemented by trials; called by sessions and headless runs. */
import type { ExecutionEnd, Progress, TrialOpen, TrialOpened } from '@trialroom/shared/kernel/protocol';
import type { SaidEvent } from '@trialroom/shared/trial/event';
import type { PointColumns } from '@trialroom/shared/trial/points';
import { z } from 'zod';

/** Where a trial was opened. */
export interface TrialOrigin {
  /** Identifies the kernel process, for `kernelGone`. */
  kernel: string;
  execution: string;
  cell: string;
  notebook: string | null;
  by: { id: string; name: string; colour: string } | null;
  backend: string | null;
  /** Set when the run was launched as a trial: the first `trial()` call adopts it instead of making another. */
  launched?: string;
  /** Set when the cell runs so that a trial which waits goes on: the first `trial()` call takes that one up again. */
  resumes?: string;
  /** Ends what runs here: the trial went on elsewhere, and nobody counts on this any more. */
  abandon?: (() => void) | undefined;
}

export interface TrialSink {
  /**
   * Makes (or adopts) a trial and starts its lease. A trial of the same kernel and cell that is still open ends first.
   * @throws Refusal (409) when the trial that this run was to go on with does not wait any more
   */
  open(params: TrialOpen, origin: TrialOrigin): Promise<TrialOpened>;
  /** Resolves when the points are durable; repeating a seq changes nothing. */
  points(trial: string, execution: string, seq: number, columns: PointColumns[]): Promise<void>;
  /** What the trial's process and machine use, by metric key; `at` in ms since the epoch. */
  samples?(trial: string, at: number, samples: Readonly<Record<string, number>>): Promise<void>;
  progress(trial: string, progress: Progress): void;
  /** Resolves when the events are durable; repeating a seq changes nothing. */
  events(trial: string, execution: string, seq: number, said: readonly SaidEvent[]): Promise<void>;
  /** The trial's code waits, as a person wished, or goes on. */
  paused(trial: string, paused: boolean): Promise<void>;
  /**
   * The trial's code waits, and its newest checkpoint holds all that it needs. True: the trial is given up here, and what
   * runs it is to be ended. False: nobody wants that any more.
   */
  released(trial: string): Promise<boolean>;
  summary(trial: string, summary: Record<string, unknown>): Promise<void>;
  finish(trial: string, end: 'completed' | 'failed' | 'stopped', reason?: string): Promise<void>;
  /** Text printed by an execution; goes to the log of the trial that it opened or last logged to, if any is open. */
  print(execution: string, stream: 'stdout' | 'stderr', text: string): void;
  /** An execution that failed or was interrupted ends the trials it used. */
  executionEnded(execution: string, end: ExecutionEnd, reason?: string): Promise<void>;
  /** The process is gone: its open trials end as `failed` (it died), `stopped` (a person restarted or shut it down). */
  kernelGone(kernel: string, end: 'failed' | 'stopped' | 'completed', reason: string): Promise<void>;
}

/**
 * What people want of a trial. `stop-now` does not wait for the step to end: its cell is interrupted. `release` is a pause
 * that writes a checkpoint and gives back what the trial holds.
 */
export const Wish = z.object({ action: z.enum(['stop', 'stop-now', 'pause', 'release', 'resume']) });
export type Wish = z.infer<typeof Wish>;

/** Channel of `Hub.publish` on which a trial's host hears {@link Wish}es. */
export const controlChannel = (trial: string): string => `trial-control:${trial}`;
