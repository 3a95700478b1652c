/** Which trials this process hosts, and which kernels, cells and executions they belong to. In memory only. */
import type { Progress, TrialOpened } from '@trialroom/shared/kernel/protocol';

/** A trial whose kernel is joined to this process. */
export interface Hosted {
  readonly id: string;
  kernel: string;
  cell: string | null;
  /** Executions that opened it or logged to it. */
  executions: Set<string>;
  /** A launched trial that the notebook's own `trial()` call has taken over. */
  adopted: boolean;
  /** Set when it ran before: what it goes on from. */
  resume?: TrialOpened['resume'];
  /** Ends what runs, since it is not this process's any more. */
  abandon?: (() => void) | undefined;
  /** The newest step that its code logged. */
  step: number;
  /** The number of its newest samples. */
  sampled: number;
  /** Its code waits, as it said last. */
  paused: boolean;
  progress: Progress | null;
  /** Set while progress was told just now. */
  timer: NodeJS.Timeout | undefined;
  /** Progress came since it was told. */
  stale?: boolean;
}

export class Hosts {
  readonly #trials = new Map<string, Hosted>();
  /** Execution → the trial that it opened or last logged to. */
  readonly #latest = new Map<string, string>();
  /** Every trial that a kernel ever hosted here: batches may still come after a trial ended. */
  readonly #kernels = new Map<string, string[]>();

  add(hosted: Hosted): Hosted {
    this.#trials.set(hosted.id, hosted);
    this.#note(hosted.kernel, hosted.id);
    return hosted;
  }

  /** The cell of this kernel takes over a launched trial. */
  adopt(hosted: Hosted, kernel: string, cell: string): void {
    Object.assign(hosted, { adopted: true, kernel, cell });
    this.#note(kernel, hosted.id);
  }

  get(trial: string): Hosted | undefined {
    return this.#trials.get(trial);
  }

  /** The trial is over. */
  remove(trial: string): Hosted | undefined {
    const hosted = this.#trials.get(trial);
    this.#trials.delete(trial);
    for (const execution of hosted?.executions ?? []) {
      if (this.#latest.get(execution) === trial) this.#latest.delete(execution);
    }
    return hosted;
  }

  /** The execution opened the trial, or logged to it. */
  use(hosted: Hosted, execution: string): void {
    hosted.executions.add(execution);
    this.#latest.set(execution, hosted.id);
  }

  ofExecution(execution: string): Hosted | undefined {
    return this.#trials.get(this.#latest.get(execution) ?? '');
  }

  usedBy(execution: string): Hosted[] {
    return this.all().filter(({ executions }) => executions.has(execution));
  }

  ofCell(kernel: string, cell: string): Hosted[] {
    return this.ofKernel(kernel).filter((hosted) => hosted.cell === cell);
  }

  ofKernel(kernel: string): Hosted[] {
    return this.all().filter((hosted) => hosted.kernel === kernel);
  }

  all(): Hosted[] {
    return [...this.#trials.values()];
  }

  /** Forgets a kernel; returns every trial it hosted. */
  forget(kernel: string): string[] {
    const trials = this.#kernels.get(kernel) ?? [];
    this.#kernels.delete(kernel);
    return trials;
  }

  #note(kernel: string, trial: string): void {
    this.#kernels.set(kernel, [...(this.#kernels.get(kernel) ?? []), trial]);
  }
}
