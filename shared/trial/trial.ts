/**
 * A trial is a notebook run with parameters. This file holds its words and its status machine;
 * metric points are in `points.ts`.
 */
import { z } from 'zod';
import { Progress } from '../kernel/protocol.ts';
import { WirePoints } from './points.ts';

/** `lost`: no word from its kernel or server for longer than its lease. Never entered or left by a person. */
export const TrialStatus = z.enum(['queued', 'running', 'paused', 'completed', 'failed', 'stopped', 'lost']);
export type TrialStatus = z.infer<typeof TrialStatus>;

/** What can happen to a trial. */
export type TrialOperation =
  | { type: 'start' }
  | { type: 'finish'; end: 'completed' | 'failed' | 'stopped' }
  /** A person asks for a stop; the trial goes on until its code obeys. */
  | { type: 'request-stop' }
  /** A person asks it to wait after its step, or to go on; the status follows when its code does. */
  | { type: 'request-pause' }
  | { type: 'request-resume' }
  /** Its code waits, or goes on. */
  | { type: 'pause' }
  | { type: 'resume' }
  /** The lease ran out. */
  | { type: 'lose' };

/** The part of a trial that the status machine rules. */
export interface TrialState {
  status: TrialStatus;
  stopRequested: boolean;
  /** Never true together with `stopRequested`. */
  pauseRequested: boolean;
}

const OVER: ReadonlySet<TrialStatus> = new Set(['completed', 'failed', 'stopped', 'lost']);

/** True when nothing more can happen to the trial. */
export const isOver = (status: TrialStatus): boolean => OVER.has(status);

/**
 * The status machine: `queued → running ⇄ paused → completed | failed | stopped`, or `lost` once it has started:
 * a queued trial has no lease that could run out.
 * Returns the same object when the operation changes nothing (it is late, or repeated).
 * A trial whose stop was asked for ends as `stopped`, even if its code says `completed`. Pausing is a wish and an answer:
 * `pauseRequested` says what people want, the status what the code does.
 */
export function applyToTrial(state: TrialState, operation: TrialOperation): TrialState {
  if (isOver(state.status)) return state;
  switch (operation.type) {
    case 'start':
      return state.status === 'queued' ? { ...state, status: 'running' } : state;
    case 'request-stop':
      if (state.status === 'queued') return { status: 'stopped', stopRequested: true, pauseRequested: false };
      return state.stopRequested ? state : { ...state, stopRequested: true, pauseRequested: false };
    case 'request-pause':
      if (state.status === 'queued' || state.stopRequested || state.pauseRequested) return state;
      return { ...state, pauseRequested: true };
    case 'request-resume':
      return state.pauseRequested ? { ...state, pauseRequested: false } : state;
    case 'pause':
      return state.status === 'running' ? { ...state, status: 'paused' } : state;
    case 'resume':
      return state.status === 'paused' ? { ...state, status: 'running' } : state;
    case 'finish': {
      const end = operation.end === 'completed' && state.stopRequested ? 'stopped' : operation.end;
      return { ...state, status: end };
    }
    case 'lose':
      return state.status === 'queued' ? state : { ...state, status: 'lost' };
  }
}

/** A trial as lists and rooms show it. Times are ms since the epoch. */
export const Trial = z.object({
  id: z.string(),
  experiment: z.string(),
  name: z.string(),
  status: TrialStatus,
  stopRequested: z.boolean(),
  pauseRequested: z.boolean(),
  params: z.record(z.string(), z.unknown()),
  objective: z.object({ key: z.string(), direction: z.enum(['minimise', 'maximise']) }).nullable(),
  progress: Progress.nullable(),
  summary: z.record(z.string(), z.unknown()),
  /** Why it failed, was stopped or is lost, in a sentence. */
  reason: z.string().nullable(),
  notebook: z.object({ id: z.string(), path: z.string() }).nullable(),
  cell: z.string().nullable(),
  backend: z.string().nullable(),
  by: z.object({ id: z.string(), name: z.string(), colour: z.string() }).nullable(),
  createdAt: z.number(),
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
});
export type Trial = z.infer<typeof Trial>;

/** Name, newest value and recent shape of a metric: what a card or sparkline needs. */
export const MetricGlance = z.object({
  key: z.string(),
  count: z.number().int(),
  last: WirePoints.shape.values.element,
  lastStep: WirePoints.shape.steps.element,
  /** At most 120 points over the whole run, extremes kept. */
  spark: WirePoints,
});
export type MetricGlance = z.infer<typeof MetricGlance>;

/** One line of a trial's log. `seq` counts from 1 within the trial. */
export const LogLine = z.object({
  seq: z.number().int(),
  at: z.number(),
  stream: z.enum(['stdout', 'stderr']),
  text: z.string(),
});
export type LogLine = z.infer<typeof LogLine>;
