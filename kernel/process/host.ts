/**
 * What the kernel process offers to the library that notebooks import. The library finds it under a global symbol,
 * so that `import "trialroom"` works in a plain script too, where there is no host.
 */
import type {
  BackendReport,
  ExecutionEnd,
  FromKernel,
  TrialOpen,
  TrialOpened,
} from '@trialroom/shared/kernel/protocol';

export interface KernelHost {
  /** The execution that the calling code belongs to (kept across awaits and timers), or undefined outside any. */
  execution(): string | undefined;
  /** Asks the parent for a trial id. */
  openTrial(params: TrialOpen): Promise<TrialOpened>;
  /** Sends a message to the parent, in order with everything else this process sends. */
  send(message: FromKernel, payload?: Uint8Array): void;
  /** Shows a MIME bundle in the output of the calling execution. `id` allows a later {@link KernelHost.update}. */
  display(data: Record<string, unknown>, metadata?: Record<string, unknown>, id?: string): void;
  /** Replaces the data of what was displayed with `id`. */
  update(id: string, data: Record<string, unknown>, metadata?: Record<string, unknown>): void;
  /** True once a person asked to stop this trial. Readable inside a loop that never yields. */
  stopRequested(trial: string): boolean;
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
