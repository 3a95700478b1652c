/**
 * What makes a session go: performs the effects that the reducer decides, and turns what the kernel says into operations.
 * It decides nothing about order itself, and knows nothing of documents.
 */
import type { FromKernel } from '@trialroom/shared/kernel/protocol';
import { outputOf } from '@trialroom/shared/kernel/said';
import type { CellError, OutputEvent } from '@trialroom/shared/notebook/outputs';
import {
  emptySession,
  type SessionEffect,
  type SessionOperation,
  type SessionState,
} from '@trialroom/shared/notebook/session';
import { applyToSession } from '@trialroom/shared/notebook/session-reducer';
import { uncaughtText } from '@trialroom/shared/notebook/uncaught';
import { Audience } from './audience.ts';
import { SessionInputs } from './inputs/inputs.ts';
import { KernelSeat } from './kernels/kernel-seat.ts';
import { OutputLog } from './outputs/outputs.ts';
import type { StoredCell } from './outputs/store.ts';
import { Patience } from './patience.ts';
import type { SessionPorts } from './ports.ts';
import { Questions } from './questions.ts';
import { remembered, rememberedConsole, spoken } from './session-view.ts';

/** An operation that was carried out. */
export interface Step {
  operation: SessionOperation;
  before: SessionState;
  effects: readonly SessionEffect[];
}

/** What an engine drives, and whom it tells. */
export interface EngineOptions {
  notebook: string;
  ports: SessionPorts;
  stored: readonly StoredCell[];
  /** The file should be written: at once, or when there is time. */
  touch(now: boolean): void;
  /** Called after each operation, when everyone has been told of it. */
  stepped(step: Step): void;
}

/** Drives one session: see the top of this file. */
export class Engine {
  readonly audience: Audience;
  readonly outputs: OutputLog;
  readonly inputs: SessionInputs;
  readonly questions: Questions;
  readonly #options: EngineOptions;
  readonly #notebook: string;
  readonly #ports: SessionPorts;
  readonly #seat: KernelSeat;
  readonly #patience = new Patience();
  #state: SessionState;
  #lastActivity = Date.now();
  /** What belongs together in time: the end of a run, the end of a kernel. */
  #last: Promise<void> = Promise.resolve();
  /** What need not be waited for, except at the end. */
  #forgotten: Promise<void> = Promise.resolve();

  constructor(options: EngineOptions) {
    const { notebook, ports, stored, touch } = options;
    const { store, blobs, log } = ports;
    this.#options = options;
    this.#notebook = notebook;
    this.#ports = ports;
    this.audience = new Audience(notebook, ports);
    const emit: ConstructorParameters<typeof OutputLog>[0]['emit'] = (change) => {
      this.audience.output(change);
      touch(change.begin);
    };
    this.outputs = new OutputLog({ notebook, store, blobs, log, emit }, stored);
    const cells = Object.fromEntries(stored.map((cell) => [cell.cell, remembered(cell)]));
    this.#state = { ...emptySession(), cells, console: rememberedConsole(stored) };
    this.#seat = new KernelSeat({
      notebook,
      ports,
      backend: () => this.#state.backend?.name ?? null,
      running: () => this.#state.running?.id ?? null,
      ready: () => this.dispatch({ type: 'kernel-ready' }),
      heard: (message, taken) => this.#heard(message, taken),
      died: (reason) => this.#died(reason),
      overdue: (execution) => {
        if (this.#state.running?.id === execution) this.dispatch({ type: 'interrupt' });
      },
    });
    this.questions = new Questions((question) => this.#seat.send(question));
    this.inputs = new SessionInputs({
      send: (message, payload) => this.#seat.send(message, payload),
      cellOf: (execution) => this.#seat.cellOf(execution),
      widgetsChanged: (change) => this.audience.widgets(change),
      promptsChanged: (prompts) => this.audience.prompts(prompts),
    });
  }

  /** The session as the reducer left it. */
  get state(): SessionState {
    return this.#state;
  }

  /** When something last happened here, in ms since the epoch. */
  get lastActivity(): number {
    return this.#lastActivity;
  }

  /** Someone did something that changes no state. */
  active(): void {
    this.#lastActivity = Date.now();
  }

  /** Cells that are known from elsewhere. */
  know(cells: SessionState['cells']): void {
    this.#state = { ...this.#state, cells: { ...this.#state.cells, ...cells } };
  }

  /** Resolves when every process that was stopped is gone. */
  stopped(): Promise<void> {
    return this.#seat.stopped();
  }

  /** Resolves when what was under way in order has been done. */
  async settled(): Promise<void> {
    await this.#last;
    await this.#forgotten;
  }

  /** Tells the kernel how many cores it may take from now on. */
  share(threads: number): void {
    this.#seat.send({ type: 'share', threads });
  }

  /** Carries an operation out and tells everyone. */
  dispatch(operation: SessionOperation): void {
    const before = this.#state;
    const { state, effects } = applyToSession(before, operation);
    this.#state = state;
    this.#lastActivity = Date.now();
    const told = before.kernel !== state.kernel || before.kernelReason !== state.kernelReason;
    // Work stands between the two: busy is said before what begins, idle after what has ended.
    const first = state.kernel === 'busy' || state.kernel === 'starting';
    if (told && first) this.audience.news({ type: 'kernel', status: state.kernel, reason: state.kernelReason });
    for (const effect of effects) this.#perform(effect, before);
    if (told && !first) this.audience.news({ type: 'kernel', status: state.kernel, reason: state.kernelReason });
    if (state === before) return;
    this.audience.session(before, state);
    if (before.kernel !== state.kernel) this.#ports.changed(this.#notebook);
    this.#options.stepped({ operation, before, effects });
  }

  #perform(effect: SessionEffect, before: SessionState): void {
    const { interruptGraceMs, cellLimitMs: limitMs } = this.#ports;
    switch (effect.type) {
      case 'start-kernel':
        this.#seat.start();
        break;
      case 'stop-kernel':
        this.#patience.end();
        this.#leave();
        this.#seat.stop(this.#state.kernelReason ?? 'The server was stopped.');
        break;
      case 'interrupt-kernel':
        this.#seat.send({ type: 'interrupt' });
        this.#patience.interrupted(interruptGraceMs, () => this.#giveUp('when it was interrupted'));
        break;
      case 'begin-outputs':
        this.inputs.cleared([effect.execution.cell]);
        this.outputs.begin(effect.execution);
        break;
      case 'forget-outputs':
        this.inputs.cleared(effect.cells);
        this.#forgotten = this.#forgotten.then(() => this.outputs.forget(effect.cells));
        break;
      case 'execute':
        this.#seat.execute(effect.execution, limitMs);
        // The kernel stops the cell itself; this is for a cell that cannot be stopped.
        if (limitMs !== undefined) {
          this.#patience.limited(limitMs + interruptGraceMs, () => this.#giveUp(`at its limit of ${spoken(limitMs)}`));
        }
        this.audience.news({ type: 'begun', execution: effect.execution });
        break;
      case 'close-execution':
        if (this.#state.running === null) this.#patience.end();
        this.inputs.executionEnded(effect.execution);
        this.audience.news({
          ...{ type: 'ended', execution: effect.execution, end: effect.end, ms: effect.ms },
          count: before.running?.id === effect.execution ? before.running.count : 0,
        });
        void this.outputs.close(effect.execution, effect.end, effect.ms);
        // When the kernel is gone too, its trials end with it.
        if (this.#state.kernel === 'idle') this.#seat.executionEnded(effect.execution, effect.end);
        this.#options.touch(true);
        break;
    }
  }

  #heard(message: FromKernel, taken: () => void): void {
    const output = outputOf(message);
    if (output) {
      if (message.type === 'stream') this.#seat.print(message.execution, message.name, message.text);
      else if (message.type === 'uncaught')
        this.#seat.print(message.execution, 'stderr', uncaughtText(message.error, message.cell));
      this.#say(output.execution, output.event, taken);
      return;
    }
    switch (message.type) {
      case 'done':
        this.#inOrder(async () => {
          await this.outputs.close(message.execution, message.end, message.ms);
          this.dispatch({ type: 'done', execution: message.execution, end: message.end, ms: message.ms });
        });
        break;
      case 'names': {
        const { execution, defines, uses } = message;
        this.dispatch({ type: 'names', execution, defines, uses });
        break;
      }
      case 'started':
        this.dispatch({ type: 'started', execution: message.execution, at: message.at });
        break;
      case 'backend':
        this.dispatch({ type: 'backend', report: message.report });
        break;
      case 'answer':
        this.questions.answered(message);
        break;
      case 'widget.open':
      case 'widget.set':
      case 'widget.close':
        this.inputs.said(message);
        break;
      case 'call': {
        if (message.method !== 'input') break;
        const prompt = this.inputs.ask(message, this.#state.running?.id === message.execution);
        if (prompt) this.audience.news({ type: 'asked', prompt });
        break;
      }
      case 'gauge':
        this.audience.gauge(message.memory, message.cpu);
        break;
    }
    taken();
  }

  #say(execution: string, event: OutputEvent, taken?: () => void): void {
    this.#lastActivity = Date.now();
    this.outputs.say(execution, event, taken);
    this.audience.news({ type: 'output', execution, event });
  }

  /** Nobody is there any more to answer, or to be answered. */
  #leave(): void {
    this.questions.dropAll();
    this.inputs.kernelGone();
  }

  #died(reason: string): void {
    this.#leave();
    this.#inOrder(async () => {
      this.note(reason, 'KernelDied');
      await this.outputs.settled();
      this.#ports.log.warn({ notebook: this.#notebook, reason }, 'kernel ended');
      this.dispatch({ type: 'kernel-died', reason });
      await this.#seat.lost(reason);
    });
  }

  /** The cell does not stop: its kernel must. */
  #giveUp(when: string): void {
    const grace = spoken(this.#ports.interruptGraceMs);
    const reason = `The cell did not stop ${when} and was given ${grace} more, so its kernel was killed and a new one started. Variables are lost.`;
    this.note(reason);
    this.dispatch({ type: 'interrupt-overdue', reason });
  }

  /** Says under the cell that runs why it will not end by itself. */
  note(message: string, name: CellError['name'] = 'Aborted'): void {
    const { running } = this.#state;
    if (running) this.#say(running.id, { type: 'error', error: { name, message, frames: [] } });
  }

  #inOrder(task: () => Promise<void>): void {
    this.#last = this.#last.then(task).catch((error) => {
      this.#ports.log.error({ err: error, notebook: this.#notebook }, 'session fault');
    });
  }
}
