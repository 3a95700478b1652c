/**
 * What the kernel process offers to the library that notebooks import. The library finds it under a global symbol,
 * so that `import "trialroom"` works in a plain script too, where there is no host.
 */
import type {
  BackendReport,
  ExecutionEnd,
  FromKernel,
  InputAsk,
  TrialOpen,
  TrialOpened,
} from '@trialroom/shared/kernel/protocol';
import type { WidgetSpec } from '@trialroom/shared/notebook/widgets';

const GIVEN_BACK: unique symbol = Symbol.for('trialroom.given-back');

/**
 * Called when a person changed a widget; `payload` holds the bytes of a file. What it prints and shows belongs to the
 * execution that made the widget, also when that has ended.
 */
export type WidgetHandler = (
  widget: string,
  value: unknown,
  payload: Uint8Array | undefined,
  by: { id: string; name: string } | undefined,
) => void;

/**
 * Thrown out of a pause when the trial is given back: nothing failed, and the execution ends as one that was interrupted.
 * Known by its mark, since the library may be loaded more than once.
 */
export class GivenBack extends Error {
  override readonly name = 'Released';
  readonly [GIVEN_BACK] = true;
}

/** Thrown by a question where the answer is that there will be none: what Ctrl-D is in a terminal. */
export class EndOfInput extends Error {
  override readonly name = 'EndOfInput';
  constructor() {
    super('The answer was the end of the input');
  }
}

/** True for {@link GivenBack}, whatever getters the value has. */
export function isGivenBack(thrown: unknown): thrown is GivenBack {
  try {
    return thrown instanceof Error && Reflect.get(thrown, GIVEN_BACK) === true;
  } catch {
    return false;
  }
}

/**
 * The kernel as the library sees it: see `kernel-host.ts`, and `library/trial/memory-host.ts` for one without a kernel.
 */
export interface KernelHost {
  /** The execution that the calling code belongs to (kept across awaits and timers), or undefined outside any. */
  execution(): string | undefined;
  /** Asks the parent for a trial id. */
  openTrial(params: TrialOpen): Promise<TrialOpened>;
  /**
   * Asks a person for text. Rejects when nobody can answer: the parent refuses, or the asking cell has ended. Of a cell
   * that is stopped the promise never settles.
   */
  ask(input: InputAsk): Promise<string>;
  /**
   * As {@link KernelHost.ask}, but blocks the thread until there is an answer. An interrupt breaks the wait.
   * @throws Error when nobody can answer
   */
  askSync(input: InputAsk): string;
  /**
   * The signal of the execution that the calling code belongs to. It is aborted when that is interrupted or over its
   * time limit; listeners run, and what they settle has its turn, before the execution is ended.
   */
  signal(): AbortSignal;
  /** Makes a widget; `id` must be new. It appears where a display with the widget's MIME type names it. */
  openWidget(id: string, spec: WidgetSpec, value: unknown): void;
  /** Changes the value of a widget for everyone. The change is not told to {@link KernelHost.onWidget}. */
  setWidget(id: string, value: unknown): void;
  /** From now on nothing is heard of this widget any more. */
  closeWidget(id: string): void;
  /** Called for each change of a widget by a person. */
  onWidget(handler: WidgetHandler): void;
  /** Sends a message to the parent, in order with everything else this process sends. */
  send(message: FromKernel, payload?: Uint8Array): void;
  /** Shows a MIME bundle in the output of the calling execution. `id` allows a later {@link KernelHost.update}. */
  display(data: Record<string, unknown>, metadata?: Record<string, unknown>, id?: string): void;
  /** Replaces the data of what was displayed with `id`. */
  update(id: string, data: Record<string, unknown>, metadata?: Record<string, unknown>): void;
  /** True once a person asked to stop this trial. Readable inside a loop that never yields. */
  stopRequested(trial: string): boolean;
  /** True while a person wants this trial to wait between two steps. */
  pauseRequested(trial: string): boolean;
  /** True while the pause that is wished for is to give back what the trial holds. */
  releaseRequested(trial: string): boolean;
  /** True once this trial was given up here, to go on later: its code leaves it by throwing {@link GivenBack}. */
  released(trial: string): boolean;
  /** Called when what a person wants of a trial has changed. */
  onWish(handler: (trial: string) => void): void;
  /**
   * Brings `TRIALROOM_THREADS` up to this kernel's present share of the machine's cores, also inside a loop that never
   * yields. What a cell has set there by itself stays.
   * @returns whether the variable says that share, and not what a cell or the environment has set
   */
  updateThreads(): boolean;
  /** Called for each acknowledged `seq` of a trial. */
  onAck(handler: (trial: string, seq: number) => void): void;
  /** Called on the main thread when an execution ends, before its `done` is sent. */
  onEnd(handler: (execution: string, end: ExecutionEnd) => void): void;
  /** Registers who answers a `probe`. */
  onProbe(handler: () => Promise<BackendReport>): void;
}

const KEY = Symbol.for('trialroom.host');

/** The host of this process, or undefined outside a kernel. */
export const host = (): KernelHost | undefined => (globalThis as { [KEY]?: KernelHost })[KEY];

/** Installs the host; called once by the kernel's main thread before any cell runs. */
export const installHost = (value: KernelHost): void => {
  Object.defineProperty(globalThis, KEY, { value, configurable: false });
};
