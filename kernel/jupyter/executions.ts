/**
 * `execute_request`s, one after another. The kernel would queue them itself; they wait here so that a failing cell can
 * drop those behind it, as Jupyter wants, and so that each is told busy and idle when its turn comes.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { abortedReply, type ConvertOptions, executeReply, toIopub } from '@trialroom/shared/jupyter/convert';
import { helpOn } from '@trialroom/shared/jupyter/help';
import { isJson, type Json, type JupyterHeader } from '@trialroom/shared/jupyter/messages';
import type { ExecutionEnd, FromKernel, ToKernel } from '@trialroom/shared/kernel/protocol';
import type { CellError } from '@trialroom/shared/notebook/outputs';
import type { History } from './history.ts';
import { type Ending, type Extras, flag, type Line, type Request, text } from './line.ts';

/** The messages that become outputs. */
export type Said = Extract<
  FromKernel,
  { type: 'stream' | 'display' | 'update' | 'result' | 'error' | 'uncaught' | 'clear' }
>;

interface Job {
  request: Request;
  execution: string;
  count: number;
  silent: boolean;
  error: CellError | undefined;
  /** Tells clients that it has begun, once. */
  announce: (extras?: Extras) => void;
  /** Content of the reply if all goes well, where that is known before. */
  foreseen?: Json | undefined;
  /** Takes the outputs instead of the client, where the kernel runs something for us. */
  divert?: ((said: Said) => void) | undefined;
  done: (end: ExecutionEnd) => void;
}

type Plan = Pick<Job, 'count' | 'silent' | 'announce' | 'foreseen' | 'divert'> & { cell: string };

/** How an execution ended. */
interface Ran {
  end: ExecutionEnd;
  error: CellError | undefined;
  /** What was prepared for an end without errors. */
  ending?: Ending | undefined;
}

/** Requests whose headers are remembered, so that what their code says later still reaches the cell that started it. */
const REMEMBERED = 1000;

/** Time for requests to arrive that were sent together, in ms. */
const UNDERWAY_MS = 20;

/** What executions need of the kernel and its clients. */
export interface ExecutionsOptions {
  line: Line;
  history: History;
  tell(message: ToKernel): void;
  /** Content of an `inspect_reply` on this expression. */
  help(expression: string): Promise<Json>;
}

/** The queue of one kernel behind Jupyter's protocol. */
export class Executions {
  readonly #options: ExecutionsOptions;
  #queue: Request[] = [];
  #running: Job | undefined;
  #turn: Request | undefined;
  #count = 0;
  #serial = 0;
  #origins = new Map<string, JupyterHeader>();
  #latest: Request | undefined;

  constructor(options: ExecutionsOptions) {
    this.#options = options;
  }

  /** Takes a request; it is answered when its turn has come and gone. */
  submit(request: Request): void {
    this.#queue.push(request);
    this.#next();
  }

  /** The header of the request that an execution belongs to, or of the latest one. */
  origin(execution: string): JupyterHeader | undefined {
    return this.#origins.get(execution) ?? this.#latest?.message.header;
  }

  /** The request of an execution that is under way, or the latest one. */
  request(execution: string): Request | undefined {
    return this.isRunning(execution) ? this.#running?.request : this.#latest;
  }

  /** True while the execution is under way. */
  isRunning(execution: string): boolean {
    return this.#running?.execution === execution;
  }

  /** Stops what runs and drops what waits. */
  interrupt(): void {
    this.#drop(this.#queue.splice(0));
    this.#options.tell({ type: 'interrupt' });
  }

  /** Something that is to be shown. */
  heard(said: Said): void {
    const job = this.#running?.execution === said.execution ? this.#running : undefined;
    job?.announce();
    if (job && said.type === 'error') job.error = said.error;
    if (job?.divert) {
      job.divert(said);
      return;
    }
    if (said.type === 'result' && job) {
      if (job.silent) return;
      this.#options.history.result(job.count, String(said.data['text/plain'] ?? ''));
    }
    const iopub = toIopub(said, NAMES);
    if (iopub) this.#options.line.publish(iopub.type, iopub.content, this.origin(said.execution));
  }

  /** An execution is over. */
  ended(execution: string, end: ExecutionEnd): void {
    const job = this.#running;
    if (job?.execution !== execution) return;
    this.#running = undefined;
    job.announce();
    job.done(end);
  }

  #next(): void {
    if (this.#turn) return;
    const request = this.#queue.shift();
    if (!request) return;
    this.#turn = request;
    void this.#serve(request).then(() => {
      this.#turn = undefined;
      this.#next();
    });
  }

  async #serve(request: Request): Promise<void> {
    const { line, history } = this.#options;
    const { header, content } = request.message;
    const code = text(content, 'code');
    const silent = flag(content, 'silent', false);
    const stored = flag(content, 'store_history', true) && !silent;
    const blank = code.trim() === '';
    if (stored && !blank) history.add(++this.#count, code);
    const count = this.#count;
    let told = false;
    const announce = (extras?: Extras): void => {
      if (told) return;
      told = true;
      line.works(header);
      line.busy(header, extras);
      if (!silent) line.publish('execute_input', { code, execution_count: count }, header, extras);
    };
    const cell = stored ? `In [${count}]` : `silent ${this.#serial + 1}`;
    const asked = helpOn(code);
    const ours = blank || asked !== undefined;
    if (ours) announce();
    const payload = asked === undefined ? [] : [await this.#page(asked)];
    const expressions = content.user_expressions;
    const asks = isJson(expressions) && Object.keys(expressions).length > 0;
    const foreseen = asks ? undefined : executeReply({ end: 'ok', count }, NAMES);
    const plan: Plan = { cell, count, silent, announce, foreseen };
    const ran: Ran = ours ? { end: 'ok', error: undefined } : await this.#run(request, code, plan);
    const failed = ran.end !== 'ok';
    if (!failed && ran.ending && line.conclude(request, ran.ending)) return;
    const userExpressions = failed || !asks ? {} : await this.#evaluate(request, expressions, count);
    const dropping = failed && flag(content, 'stop_on_error', true);
    // What was sent along with this may still be on its way; what is sent after the reply is not meant.
    if (dropping) await delay(UNDERWAY_MS);
    const dropped = dropping ? this.#queue.splice(0) : [];
    line.reply(request, 'execute_reply', executeReply({ ...ran, count, userExpressions, payload }, NAMES));
    line.works(undefined);
    line.idle(header);
    this.#drop(dropped);
  }

  #run(request: Request, source: string, { cell, ...rest }: Plan): Promise<Ran> {
    const execution = `execution-${++this.#serial}`;
    this.#latest = request;
    this.#origins.set(execution, request.message.header);
    if (this.#origins.size > REMEMBERED) {
      const [oldest] = this.#origins.keys();
      if (oldest !== undefined) this.#origins.delete(oldest);
    }
    return new Promise((resolve) => {
      let ending: Ending | undefined;
      const job: Job = {
        request,
        execution,
        error: undefined,
        ...rest,
        done: (end) => resolve({ end, error: job.error, ending }),
      };
      this.#running = job;
      this.#options.tell({ type: 'execute', execution, cell, count: rest.count, source });
      // The kernel works by now, which takes as long as this does.
      job.announce({ patient: true });
      if (job.foreseen && this.#running === job)
        ending = this.#options.line.prepare(request, 'execute_reply', job.foreseen);
    });
  }

  async #page(expression: string): Promise<Json> {
    const { found, data } = await this.#options.help(expression);
    const shown = found === true ? data : { 'text/plain': `Nothing is known about ${expression}.` };
    return { source: 'page', data: shown, start: 0 };
  }

  /** The values that a client wants along with the reply, each as it would be shown. */
  async #evaluate(request: Request, expressions: unknown, count: number): Promise<Json> {
    const answers: Json = {};
    if (!isJson(expressions)) return answers;
    for (const [name, expression] of Object.entries(expressions)) {
      if (typeof expression !== 'string') continue;
      let shown: Json = { status: 'ok', data: { 'text/plain': 'undefined' }, metadata: {} };
      const divert = (said: Said): void => {
        const iopub = toIopub(said, NAMES);
        if (!iopub) return;
        if (said.type === 'result') shown = { status: 'ok', data: iopub.content.data, metadata: said.metadata };
        else if (said.type === 'error') shown = { status: 'error', ...iopub.content };
        else this.#options.line.publish(iopub.type, iopub.content, request.message.header);
      };
      const plan = { cell: `expression ${name}`, count, silent: true, announce: () => {}, divert };
      await this.#run(request, `(${expression}\n)`, plan);
      answers[name] = shown;
    }
    return answers;
  }

  #drop(requests: readonly Request[]): void {
    const { line } = this.#options;
    for (const request of requests) {
      const { header } = request.message;
      line.busy(header);
      line.reply(request, 'execute_reply', abortedReply(this.#count));
      line.idle(header);
    }
  }
}

/** Cells are called as clients number them. */
const NAMES: ConvertOptions = {};
