/**
 * What happens in a session, as a program that drives it hears it (Jupyter's clients do). Browsers hear the same things
 * through the hub, folded for drawing; here nothing is folded or left out, and an execution carries its source.
 */
import type { ExecutionEnd } from '@trialroom/shared/kernel/protocol';
import type { OutputEvent } from '@trialroom/shared/notebook/outputs';
import type { Execution, KernelStatus } from '@trialroom/shared/notebook/session';
import type { InputPrompt, WidgetState } from '@trialroom/shared/notebook/widgets';

/** One thing that happened, in the order in which it did. */
export type SessionNews =
  | { type: 'kernel'; status: KernelStatus; reason: string | null }
  /** An execution has begun; anyone may have asked for it. */
  | { type: 'begun'; execution: Execution }
  | { type: 'output'; execution: string; event: OutputEvent }
  /** After all its outputs. Also said of executions that were dropped before they began. */
  | { type: 'ended'; execution: string; end: ExecutionEnd; count: number; ms: number | null }
  /** A cell waits for text from a person. */
  | { type: 'asked'; prompt: InputPrompt }
  /** Widgets that are new or changed, and those that are gone. */
  | { type: 'widgets'; changed: WidgetState[]; gone: string[] };

/** Code that is to run in a session without being a cell's saved text. */
export interface SourceRequest {
  source: string;
  /** The cell it belongs to; its outputs are shown there. Null: it goes to the session's console. */
  cell: string | null;
  by: Execution['by'];
  /** A trial that waits, and goes on by this run. */
  resumes?: string;
}
