/**
 * A host that keeps what it is sent, for tests of the library: a kernel without a process. It decides nothing; the
 * test says when batches are acknowledged, when a stop or a pause is asked for and when an execution ends.
 */
import type { ExecutionEnd, FromKernel, InputAsk, TrialOpen, TrialOpened } from '@trialroom/shared/kernel/protocol';
import type { WidgetSpec } from '@trialroom/shared/notebook/widgets';
import { type PointColumns, unpackPoints } from '@trialroom/shared/trial/points';
import type { KernelHost, WidgetHandler } from '../../process/host.ts';

export class MemoryHost implements KernelHost {
  readonly opened: TrialOpen[] = [];
  readonly sent: FromKernel[] = [];
  readonly batches: { seq: number; execution: string; columns: PointColumns[] }[] = [];
  /** What came with numbered messages other than points, by number. */
  readonly payloads = new Map<number, Uint8Array>();
  readonly displayed: Record<string, unknown>[] = [];
  readonly updated: { id: string; data: Record<string, unknown> }[] = [];
  readonly stops = new Set<string>();
  readonly pauses = new Set<string>();
  readonly releases = new Set<string>();
  readonly givenUp = new Set<string>();
  /** What the next trial that is opened is said to go on from. */
  resume: TrialOpened['resume'];
  /** The execution that calling code is taken to belong to. */
  current: string | undefined = 'execution 1';
  /** Whether each batch is acknowledged when it is sent. */
  acknowledges = true;
  readonly widgets = new Map<string, { spec: WidgetSpec; value: unknown; open: boolean }>();
  readonly asked: InputAsk[] = [];
  /** Answers what is asked, in order. */
  answers: string[] = [];
  /** Aborted by a test to interrupt what is current. */
  controller = new AbortController();
  #changes: WidgetHandler[] = [];
  #wishes: ((trial: string) => void)[] = [];
  #acks: ((trial: string, seq: number) => void)[] = [];
  #ends: ((execution: string, end: ExecutionEnd) => void)[] = [];

  execution(): string | undefined {
    return this.current;
  }

  async openTrial(params: TrialOpen): Promise<TrialOpened> {
    this.opened.push(params);
    const trial = `t${this.opened.length}`;
    return { trial, room: `/trials/${trial}`, ...(this.resume ? { resume: this.resume } : {}) };
  }

  send(message: FromKernel, payload?: Uint8Array): void {
    this.sent.push(message);
    if (!('trial' in message && 'seq' in message)) return;
    if (message.type === 'trial.points') {
      const { seq, execution, keys } = message;
      this.batches.push({ seq, execution, columns: unpackPoints(keys, payload ?? new Uint8Array(0)) });
    } else this.payloads.set(message.seq, payload ?? new Uint8Array(0));
    if (this.acknowledges) this.acknowledge(message.trial, message.seq);
  }

  async ask(question: InputAsk): Promise<string> {
    return this.askSync(question);
  }

  askSync(question: InputAsk): string {
    this.asked.push(question);
    const answer = this.answers.shift();
    if (answer === undefined) throw new Error('nobody can answer');
    return answer;
  }

  signal(): AbortSignal {
    return this.controller.signal;
  }

  openWidget(id: string, spec: WidgetSpec, value: unknown): void {
    this.widgets.set(id, { spec, value, open: true });
  }

  setWidget(id: string, value: unknown): void {
    const widget = this.widgets.get(id);
    if (widget) widget.value = value;
  }

  closeWidget(id: string): void {
    const widget = this.widgets.get(id);
    if (widget) widget.open = false;
  }

  onWidget(handler: WidgetHandler): void {
    this.#changes.push(handler);
  }

  /** A person changes a widget. */
  change(id: string, value: unknown, payload?: Uint8Array): void {
    for (const handler of this.#changes) handler(id, value, payload, { id: 'ada', name: 'Ada' });
  }

  display(data: Record<string, unknown>): void {
    this.displayed.push(data);
  }

  update(id: string, data: Record<string, unknown>): void {
    this.updated.push({ id, data });
  }

  stopRequested(trial: string): boolean {
    return this.stops.has(trial);
  }

  pauseRequested(trial: string): boolean {
    return this.pauses.has(trial) && !this.stops.has(trial);
  }

  releaseRequested(trial: string): boolean {
    return this.releases.has(trial) && this.pauseRequested(trial);
  }

  released(trial: string): boolean {
    return this.givenUp.has(trial);
  }

  onWish(handler: (trial: string) => void): void {
    this.#wishes.push(handler);
  }

  /** The parent has given a trial up: its code is to leave it. */
  giveUp(trial: string): void {
    this.givenUp.add(trial);
    this.pauses.delete(trial);
    for (const handler of this.#wishes) handler(trial);
  }

  /** A person wants this of a trial. */
  wish(trial: string, action: 'stop' | 'pause' | 'release' | 'resume'): void {
    if (action === 'stop') this.stops.add(trial);
    else if (action === 'resume') this.pauses.delete(trial);
    else this.pauses.add(trial);
    if (action === 'release') this.releases.add(trial);
    else this.releases.delete(trial);
    for (const handler of this.#wishes) handler(trial);
  }

  updateThreads(): boolean {
    return false;
  }

  onAck(handler: (trial: string, seq: number) => void): void {
    this.#acks.push(handler);
  }

  onEnd(handler: (execution: string, end: ExecutionEnd) => void): void {
    this.#ends.push(handler);
  }

  onProbe(): void {}

  /** Tells the library that batches up to `seq` are durable. */
  acknowledge(trial: string, seq: number): void {
    for (const handler of this.#acks) handler(trial, seq);
  }

  /** Tells the library that an execution has ended. */
  end(execution: string, end: ExecutionEnd): void {
    for (const handler of this.#ends) handler(execution, end);
  }

  /** Every point of a key so far, as `[step, value]`. */
  points(key: string): [number, number][] {
    return this.batches.flatMap(({ columns }) =>
      columns
        .filter((column) => column.key === key)
        .flatMap(({ steps, values }) => Array.from(steps, (step, i): [number, number] => [step, values[i] ?? 0])),
    );
  }
}
