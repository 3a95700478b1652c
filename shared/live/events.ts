/**
 * What travels over Socket.IO. A browser `watch`es topics; the acknowledgement carries a snapshot, and every event that
 * follows is newer than it. Events of a topic carry growing `seq` numbers; a gap means: watch again from the last seq.
 * Nothing here is the only copy of anything: all of it can be read again from the store.
 */

import type { Annotation } from '../annotation/annotation.ts';
import type { Subject } from '../annotation/target.ts';
import type { Version } from '../history/history.ts';
import type { Diagnostic } from '../language/language.ts';
import type { Output, OutputEvent } from '../notebook/outputs.ts';
import type { CellState, ConsoleChange, SessionState } from '../notebook/session.ts';
import type { InputPrompt, WidgetState } from '../notebook/widgets.ts';
import type { Person } from '../policy/policy.ts';
import type { TrialEvent } from '../trial/event.ts';
import type { LivePoints, MetricKey, Series } from '../trial/series.ts';
import type { LogLine, MetricGlance, Trial } from '../trial/trial.ts';

/** `home`, `notebook:<id>` or `trial:<id>`. */
export type Topic = 'home' | `notebook:${string}` | `trial:${string}`;

/** The file behind an open notebook, as far as the server could follow it. */
export interface FileState {
  path: string;
  state: 'synced' | 'pending' | 'missing' | 'unwritable' | 'broken' | 'trashed';
  /** What is wrong and what to do, when something is. */
  message: string | null;
  savedAt: number | null;
}

export interface NotebookSnapshot {
  topic: 'notebook';
  session: SessionState;
  /** Outputs by cell id. */
  outputs: Record<string, Output[]>;
  widgets: WidgetState[];
  /** What cells ask people for right now. */
  prompts: InputPrompt[];
  /** Remarks of the type checker by cell id, where the language service runs. */
  diagnostics: Record<string, Diagnostic[]>;
  file: FileState;
  seq: number;
}

export interface TrialSnapshot {
  topic: 'trial';
  trial: Trial;
  /** Points of at most `LIVE_KEYS` metrics: the objective first, then in the order they appeared. See `Series`. */
  series: Series[];
  /** Every metric, in the order they appeared. */
  keys: MetricKey[];
  log: LogLine[];
  /** The newest that are no media, at most 200, oldest first. */
  events: TrialEvent[];
  seq: number;
}

export type { Series } from '../trial/series.ts';

export interface HomeSnapshot {
  topic: 'home';
  trials: { trial: Trial; glance: MetricGlance[] }[];
  notebooks: NotebookListing[];
  present: Presence[];
  seq: number;
}

/** One notebook in a list. */
export interface NotebookListing {
  id: string;
  path: string;
  title: string;
  changedAt: number;
  kernel: SessionState['kernel'];
  /** Set for a notebook of another language than ours, e.g. `Python`: it can be read here, not changed or run. */
  language: string | null;
  /** Set when the file cannot be read as a notebook. */
  problem: string | null;
}

/** Where someone is looking. */
export interface Presence {
  person: Person;
  topics: Topic[];
}

export type Snapshot = NotebookSnapshot | TrialSnapshot | HomeSnapshot;

/** `error` says why not, for people; `code` names what was wrong, as in a `Problem`, where the server has a name for it. */
export type WatchReply = { ok: true; snapshot: Snapshot } | { ok: false; error: string; code?: string };

export interface ClientToServer {
  watch: (topic: Topic, reply: (reply: WatchReply) => void) => void;
  unwatch: (topic: Topic) => void;
}

export interface ServerToClient {
  /** Session state changed; `cells` holds only the changed ones (null: deleted), `console` what is new there. */
  session: (event: {
    notebook: string;
    seq: number;
    state: Omit<SessionState, 'cells' | 'console'>;
    cells: Record<string, CellState | null>;
    console?: ConsoleChange;
  }) => void;
  /** Something was said by `execution`; when `begin` is set, the cell's outputs start anew first. */
  output: (event: {
    notebook: string;
    seq: number;
    cell: string;
    execution: string;
    begin: boolean;
    events: OutputEvent[];
  }) => void;
  /** Widgets that are new or changed; `gone` are those whose outputs were cleared. */
  widgets: (event: { notebook: string; seq: number; changed: WidgetState[]; gone: string[] }) => void;
  /** All prompts that wait for an answer now. */
  prompts: (event: { notebook: string; seq: number; prompts: InputPrompt[] }) => void;
  /** The type checker looked again: remarks of all cells that have any. Never stored. */
  diagnostics: (event: { notebook: string; cells: Record<string, Diagnostic[]> }) => void;
  /** What the notebook's kernel uses now: resident bytes of `limit`, cores in use. Never stored. */
  gauge: (event: { notebook: string; memory: number; limit: number; cpu: number }) => void;
  file: (event: { notebook: string; file: FileState }) => void;
  /**
   * A thread is new or changed, told to who watches its notebook or trial, one on an experiment to `home`. `readTo` in
   * it is 0, since each reader has read to another place.
   */
  annotation: (event: { annotation: Annotation }) => void;
  /** A thread is gone; its id never comes back. */
  annotationGone: (event: { subject: Subject; id: string }) => void;
  /** You have read a thread up to here, in this window or another. Sent to the windows of one person only. */
  annotationRead: (event: { subject: Subject; annotation: string; to: number }) => void;
  /** Someone has answered in a thread of yours, or mentioned you. Sent to the windows of one person only. */
  annotationWaiting: (event: { subject: Subject; annotation: string; mention: boolean }) => void;
  /** A version was kept, or its name changed. */
  version: (event: { notebook: string; version: Version }) => void;
  /**
   * Points that just became durable. `seq` may jump; `after` is the `seq` of the announcement before this one, so that
   * whoever stands lower has missed something. Only of the metrics that a snapshot gives the points of.
   */
  points: (event: { trial: string; after?: number; seq: number; series: LivePoints[] }) => void;
  /**
   * How many metrics and points a trial has now, and its changed metrics that `points` does not carry, at most 200 of them:
   * told every other second while they change, and not to a connection that cannot keep up.
   */
  counts: (event: { trial: string; keys: number; points: number; changed: MetricKey[] }) => void;
  /** The connection could not keep up, and events of these topics were not sent to it: watch them again. */
  missed: (event: { topics: Topic[] }) => void;
  /** The trial changed in any field but its points. Also sent to `home`. */
  trial: (event: { trial: Trial }) => void;
  log: (event: { trial: string; lines: LogLine[] }) => void;
  /** An evaluation or an artifact of the trial is new. */
  results: (event: { trial: string }) => void;
  /** Trials were deleted, or (`gone` false) brought back. Also sent to `home`. */
  trialsGone: (event: { trials: string[]; gone: boolean }) => void;
  /** What is written on an experiment changed. To `home`. */
  experiment: (event: { experiment: string }) => void;
  /** What happened to the trial, durable; usually, but not always, in order of `seq`. */
  trialEvents: (event: { trial: string; events: TrialEvent[] }) => void;
  /** Glances of running trials, at most twice a second, to `home`. */
  glance: (event: { trial: string; glance: MetricGlance[] }) => void;
  notebooks: (event: { notebooks: NotebookListing[] }) => void;
  present: (event: { present: Presence[] }) => void;
}
