/** What one write of the execution log consists of, for those who plan it, store it and put it into SQL. */
import type { ExecutionEnd } from '@trialroom/shared/kernel/protocol';
import type { Output, OutputEvent } from '@trialroom/shared/notebook/outputs';
import type { Execution } from '@trialroom/shared/notebook/session';

/** An execution that begins. `supersedes` is the one whose outputs it replaces. */
export interface Beginning {
  execution: Execution;
  at: number;
  notebook: string;
  ordinal: number;
  supersedes: string | null;
}

/** Events to add to an execution. `seq` counts from 1 without gaps. */
export interface Saying {
  execution: string;
  seq: number;
  events: OutputEvent[];
}

/** Replaces all events up to `seq` by what they amount to. */
export interface Folding {
  execution: string;
  seq: number;
  outputs: Output[];
}

/** An execution that has ended. */
export interface Ending {
  execution: string;
  end: ExecutionEnd;
  ms: number | null;
  at: number;
}

/** All that one write does. */
export interface Batch {
  beginnings: Beginning[];
  sayings: Saying[];
  foldings: Folding[];
  endings: Ending[];
}
