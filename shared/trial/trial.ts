/**
 * A trial is a notebook run with parameters. This file holds its words and its status machine;
 * metric points are in `points.ts`.
 */
import { z } from 'zod';
import { Progress } from '../kernel/protocol.ts';
import { WirePoints } from './points.ts';

/**
 * `lost`: no word from its kernel or server for longer than its lease. It is found again when its host comes back, and a
 * person may let it go on from a checkpoint, as one that failed or was stopped.
 */
export const TrialStatus = z.enum(['queued', 'running', 'paused', 'completed', 'failed', 'stopped', 'lost']);
export type TrialStatus = z.infer<typeof TrialStatus>;

/**
 * Whether a pause gives back what the trial holds (memory, cores, the graphics card): `requested` until its process has
 * written a checkpoint and may end, `done` from then on.
 */
export const TrialRelease = z.enum(['none', 'requested', 'done']);
export type TrialRelease = z.infer<typeof TrialRelease>;

/** What can happen to a trial. */
export type TrialOperation =
  | { type: 'start' }
  | { type: 'finish'; end: 'completed' | 'failed' | 'stopped' }
  /** It waits to be run, and nothing will run it. */
  | { type: 'give-up'; end: 'failed' | 'stopped' }
  /** A person asks for a stop; the trial goes on until its code obeys. */
  | { type: 'request-stop' }
  /** A person asks it to wait after its step, or to go on; the status follows when its code does. */
  | { type: 'request-pause'; release?: boolean }
  | { type: 'request-resume' }
  /** A person lets it go on from its checkpoint, in a new process: it waits to be run again. */
  | { type: 'go-on' }
  /** Its code waits, or goes on. */
  | { type: 'pause' }
  | { type: 'resume' }
  /** Its code waits, and all that it needs to go on is in its checkpoint. */
  | { type: 'release' }
  /** The lease ran out. */
  | { type: 'lose' }
  /** The host of a lost trial is back, and its code runs or waits. */
  | { type: 'find'; paused: boolean };

/** The part of a trial that the status machine rules. */
export interface TrialState {
  status: TrialStatus;
  stopRequested: boolean;
  /** Never true together with `stopRequested`. */
  pauseRequested: boolean;
  /** `requested` only with `pauseRequested`; `done` only while paused. */
  release: TrialRelease;
}

const OVER: ReadonlySet<TrialStatus> = new Set(['completed', 'failed', 'stopped', 'lost']);

/** True when the trial has ended. Only {@link mayGoOn} leads on from here. */
export const isOver = (status: TrialStatus): boolean => OVER.has(status);

/** True when no process holds the trial and a checkpoint would let it go on. */
export const mayGoOn = ({ status, release }: Pick<TrialState, 'status' | 'release'>): boolean =>
  release === 'done' || status === 'failed' || status === 'stopped' || status === 'lost';

/**
 * The status machine: `queued → running ⇄ paused → completed | failed | stopped`, or `lost` once it has started:
 * a queued trial has no lease that could run out. What is over, or paused and released, goes on as `queued`.
 * Returns the same object when the operation changes nothing (it is late, or repeated).
 * A trial whose stop was asked for ends as `stopped`, even if its code says `completed`. Pausing is a wish and an answer:
 * `pauseRequested` says what people want, the status what the code does.
 */
export function applyToTrial(state: TrialState, operation: TrialOperation): TrialState {
  if (operation.type === 'go-on') return mayGoOn(state) ? WAITING : state;
  if (operation.type === 'find') {
    return state.status === 'lost' ? { ...state, status: operation.paused ? 'paused' : 'running' } : state;
  }
  if (isOver(state.status)) return state;
  // Nobody runs it: all that can happen is that a person wants it to end.
  if (state.release === 'done') return operation.type === 'request-stop' ? STOPPED : state;
  switch (operation.type) {
    case 'start':
      return state.status === 'queued' ? { ...state, status: 'running' } : state;
    case 'give-up':
      return state.status === 'queued' ? { ...state, status: operation.end } : state;
    case 'request-stop':
      if (state.status === 'queued') return STOPPED;
      return state.stopRequested ? state : { ...state, stopRequested: true, pauseRequested: false, release: 'none' };
    case 'request-pause':
      return pauseRequested(state, operation.release === true);
    case 'request-resume':
      return state.pauseRequested ? { ...state, pauseRequested: false, release: 'none' } : state;
    case 'pause':
      return state.status === 'running' ? { ...state, status: 'paused' } : state;
    case 'resume':
      return state.status === 'paused' ? { ...state, status: 'running' } : state;
    case 'release':
      if (state.release !== 'requested' || state.status === 'queued') return state;
      return { ...state, status: 'paused', release: 'done' };
    case 'finish': {
      const end = operation.end === 'completed' && state.stopRequested ? 'stopped' : operation.end;
      return { ...state, status: end, release: 'none' };
    }
    case 'lose':
      return state.status === 'queued' ? state : { ...state, status: 'lost', release: 'none' };
  }
}

const WAITING: TrialState = { status: 'queued', stopRequested: false, pauseRequested: false, release: 'none' };
const STOPPED: TrialState = { status: 'stopped', stopRequested: true, pauseRequested: false, release: 'none' };

function pauseRequested(state: TrialState, release: boolean): TrialState {
  if (state.status === 'queued' || state.stopRequested) return state;
  // A pause that is to release is not taken back by one that is not.
  if (state.pauseRequested && (!release || state.release !== 'none')) return state;
  return { ...state, pauseRequested: true, release: release ? 'requested' : 'none' };
}

/** Where a trial can go on from. */
export const TrialCheckpoint = z.object({
  /** As its code named it: a path in the folder that it ran in. */
  path: z.string(),
  step: z.number(),
  /** ms since the epoch. */
  at: z.number(),
});
export type TrialCheckpoint = z.infer<typeof TrialCheckpoint>;

/** A trial as lists and rooms show it. Times are ms since the epoch. */
export const Trial = z.object({
  id: z.string(),
  /** Name of its experiment, and the experiment's id. */
  experiment: z.string(),
  experimentId: z.string(),
  name: z.string(),
  status: TrialStatus,
  stopRequested: z.boolean(),
  pauseRequested: z.boolean(),
  release: TrialRelease,
  /** The newest that was written; null: none. */
  checkpoint: TrialCheckpoint.nullable(),
  /** The number of its newest event: of two sayings about a trial, the one with the higher is newer. */
  revision: z.number().int(),
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
  /** Words that people sort it by, in the order given. */
  tags: z.array(z.string()),
  starred: z.boolean(),
  /** Markdown; empty: none. */
  note: z.string(),
  createdAt: z.number(),
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  /** When it was put away; null: it is not. */
  archivedAt: z.number().nullable(),
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
