/**
 * What Jupyter's clients have run, and what they hear of what anyone runs. Requests of one client wait for one another
 * here, as they would in a kernel of its own: an error or an interrupt drops those behind it. Each goes through the
 * notebook's session, where it stands in line with everyone's.
 */
import { executeReply, toIopub } from '@trialroom/shared/jupyter/convert';
import { helpOn } from '@trialroom/shared/jupyter/help';
import type { HistoryLine } from '@trialroom/shared/jupyter/history';
import { isJson, type Json, type JupyterHeader, type JupyterMessage } from '@trialroom/shared/jupyter/messages';
import type { ExecutionEnd } from '@trialroom/shared/kernel/protocol';
import type { CellError } from '@trialroom/shared/notebook/outputs';
import type { Execution } from '@trialroom/shared/notebook/session';
import { may } from '@trialroom/shared/policy/policy';
import { Refusal } from '../../http/refusal.ts';
import type { SessionNews } from '../../sessions/news.ts';
import type { Client } from './client.ts';
import { type Request, Telling } from './telling.ts';
import { userExpressions } from './user-expressions.ts';

/** What executions need of the kernel they are of. */
export interface ExecutionsPorts {
  /** Asks the session to run this; returns the execution's id. */
  run(source: string, cell: string | null, by: Execution['by']): Promise<string>;
  /** A value of the live kernel as text, without side effects. */
  inspect(expression: string): Promise<string | null>;
  /** Content of an `inspect_reply` on this expression. */
  help(expression: string): Promise<Json>;
  answerInput(request: number, value: string, by: Execution['by']): Promise<void>;
  /** Tells a cell that asks why nobody will answer. */
  refuseInput(request: number, why: string): Promise<void>;
  clients(): Iterable<Client>;
  fault(error: unknown): void;
}

/** An execution that has begun or waits in the session. */
interface Run {
  /** Those who asked for it; of others, nobody here did. */
  requests: Request[];
  /** What its messages belong to, for who did not ask. */
  parent: JupyterHeader;
  count: number;
  error: CellError | undefined;
}

/** Ids of cells as nbformat has them. */
const CELL_ID = /^[\w-]{1,64}$/;
/** Inputs remembered for `history_request`. */
const REMEMBERED = 1000;

/** What the clients of one kernel run and hear. */
export class Executions {
  readonly #ports: ExecutionsPorts;
  readonly #telling: Telling;
  /** Requests by the client that sent them: the first is with the session, the others wait here. */
  readonly #lanes = new Map<string, Request[]>();
  readonly #runs = new Map<string, Run>();
  readonly #prompts = new Map<string, number>();
  /** What was run, whoever asked for it; results are not kept. */
  readonly #history: HistoryLine[] = [];
  /** What happened while it was not yet known which execution is whose. */
  #early: SessionNews[] = [];
  #asking = 0;
  #count = 0;
  #running: JupyterHeader | null = null;

  constructor(ports: ExecutionsPorts) {
    this.#ports = ports;
    this.#telling = new Telling(() => ports.clients());
  }

  /** What runs, for whoever asks what state the kernel is in. */
  get running(): JupyterHeader | null {
    return this.#running;
  }

  /** True while requests wait here or in the session. */
  get busy(): boolean {
    return this.#lanes.size > 0;
  }

  /** The number of the run that began last. */
  get count(): number {
    return this.#count;
  }

  /** What was run since somebody listens, oldest first. */
  get history(): readonly HistoryLine[] {
    return this.#history;
  }

  /**
   * Takes an `execute_request`; it is answered when its turn has come and gone, or at once where its sender may not
   * run.
   */
  submit(client: Client, message: JupyterMessage): void {
    const { code, silent } = message.content;
    const request = { client, message, code: typeof code === 'string' ? code : '', silent: silent === true };
    if (!may(client.person.role, 'run')) {
      const text = `As ${client.person.role} you may not run anything here.`;
      this.#telling.refused(request, this.#count, 'NotAllowed', text);
      return;
    }
    const lane = this.#lanes.get(client.name);
    if (lane) lane.push(request);
    else {
      this.#lanes.set(client.name, [request]);
      void this.#next(client.name);
    }
  }

  /** A person stops the kernel: what waits here is dropped with what waits in the session. */
  dropWaiting(): void {
    for (const lane of this.#lanes.values())
      for (const request of lane.splice(1)) this.#telling.aborted(request, this.#count);
  }

  /** Text for what a cell of this client's asked. */
  answer(client: Client, value: string): void {
    const request = this.#prompts.get(client.name);
    if (request === undefined || !may(client.person.role, 'run')) return;
    this.#prompts.delete(client.name);
    this.#settled(this.#ports.answerInput(request, value, byOf(client)));
  }

  /** Someone in a browser may have been quicker; then there is nothing left to answer. */
  #settled(answer: Promise<void>): void {
    answer.catch((error: unknown) => {
      if (!(error instanceof Refusal)) this.#ports.fault(error);
    });
  }

  /** The kernel is gone for good: nobody will hear of what waits. */
  end(): void {
    for (const lane of this.#lanes.values())
      for (const request of lane.splice(0)) this.#telling.aborted(request, this.#count);
    this.#lanes.clear();
    this.#runs.clear();
    this.#early = [];
  }

  /** Something happened in the session. */
  heard(news: SessionNews): void {
    if (this.#asking > 0) this.#early.push(news);
    else this.#take(news);
  }

  async #next(name: string): Promise<void> {
    const lane = this.#lanes.get(name);
    const request = lane?.[0];
    if (!lane || !request) {
      this.#lanes.delete(name);
      return;
    }
    const asked = helpOn(request.code);
    if (request.code.trim() === '' || asked !== undefined) {
      this.#telling.status('busy', request.message.header);
      const payload = asked === undefined ? [] : [await this.#page(asked)];
      await this.#reply(request, { end: 'ok', count: this.#count, error: undefined, payload });
      this.#telling.status('idle', request.message.header);
      this.#done(request, 'ok');
      return;
    }
    this.#asking++;
    try {
      const { cellId } = request.message.metadata;
      // Some clients name cells by addresses of their own, which are nobody else's.
      const cell = typeof cellId === 'string' && CELL_ID.test(cellId) && !request.silent ? cellId : null;
      const id = await this.#ports.run(request.code, cell, byOf(request.client));
      const known = this.#runs.get(id);
      if (known) known.requests.push(request);
      else this.#runs.set(id, { requests: [request], parent: request.message.header, count: 0, error: undefined });
    } catch (error) {
      if (!(error instanceof Refusal)) this.#ports.fault(error);
      const text = error instanceof Refusal ? error.problem.message : 'the server could not run this';
      this.#telling.refused(request, this.#count, 'Refused', text);
      this.#done(request, 'error');
    } finally {
      this.#asking--;
      while (this.#asking === 0 && this.#early.length > 0) for (const news of this.#early.splice(0)) this.#take(news);
    }
  }

  #take(news: SessionNews): void {
    switch (news.type) {
      case 'begun':
        this.#begun(news.execution);
        return;
      case 'output': {
        const run = this.#runOf(news.execution);
        if (news.event.type === 'error') run.error = news.event.error;
        if (news.event.type === 'result' && isSilent(run)) return;
        const said = toIopub(news.event);
        if (said) this.#publish(run, said.type, said.content);
        return;
      }
      case 'ended':
        this.#ended(news).catch((error: unknown) => this.#ports.fault(error));
        return;
      case 'asked': {
        const { execution, request, prompt, password } = news.prompt;
        const requests = this.#runs.get(execution)?.requests ?? [];
        // Who runs it has said that it is not to wait for anybody, and has no way to learn that it does.
        if (requests.length > 0 && requests.every(({ message }) => message.content.allow_stdin === false)) {
          this.#settled(this.#ports.refuseInput(request, NOBODY));
          return;
        }
        for (const { client, message } of requests) {
          const asker = this.#telling.present(client);
          if (!asker || message.content.allow_stdin !== true) continue;
          this.#prompts.set(asker.name, request);
          asker.send('stdin', 'input_request', { prompt, password }, { parent: message.header });
        }
      }
    }
  }

  #begun({ id, source, count, by }: Execution): void {
    const run = this.#runOf(id, by.name);
    run.count = count;
    this.#count = count;
    this.#running = run.parent;
    this.#publish(run, 'status', { execution_state: 'busy' });
    if (isSilent(run)) return;
    this.#publish(run, 'execute_input', { code: source, execution_count: count });
    if (isAside(run)) return;
    this.#history.push({ count, input: source, output: null });
    if (this.#history.length > REMEMBERED) this.#history.shift();
  }

  async #ended({ execution, end }: Extract<SessionNews, { type: 'ended' }>): Promise<void> {
    const run = this.#runOf(execution);
    this.#runs.delete(execution);
    if (this.#running === run.parent) this.#running = null;
    if (run.count === 0) {
      for (const request of run.requests) this.#telling.aborted(request, this.#count);
      for (const request of run.requests) this.#done(request, end);
      return;
    }
    const outcome = { end, count: run.count, error: run.error };
    for (const request of run.requests) {
      this.#prompts.delete(request.client.name);
      const looking = this.#reply(request, outcome);
      // A reply stands before what happens next, which may be that the kernel is gone.
      if (looking) await looking;
    }
    this.#publish(run, 'status', { execution_state: 'idle' });
    for (const request of run.requests) this.#done(request, end);
  }

  /** The first of a lane is over: what is behind it is next, or dropped. */
  #done(request: Request, end: ExecutionEnd): void {
    const lane = this.#lanes.get(request.client.name);
    if (lane?.[0] !== request) return;
    lane.shift();
    const goesOn = end === 'ok' || (end === 'error' && request.message.content.stop_on_error === false);
    if (!goesOn) for (const waiting of lane.splice(0)) this.#telling.aborted(waiting, this.#count);
    void this.#next(request.client.name);
  }

  /** What is known of an expression, for the pager that a client has. */
  async #page(expression: string): Promise<Json> {
    const { found, data } = await this.#ports.help(expression).catch((error: unknown): Json => {
      this.#ports.fault(error);
      return { found: false };
    });
    const shown = found === true ? data : { 'text/plain': `Nothing is known about ${expression}.` };
    return { source: 'page', data: shown, start: 0 };
  }

  /** Replies at once, unless something is to be looked up first. */
  #reply(
    request: Request,
    outcome: Pick<Run, 'count' | 'error'> & { end: ExecutionEnd; payload?: Json[] },
  ): Promise<void> | null {
    const { user_expressions: asked } = request.message.content;
    if (outcome.end !== 'ok' || !isJson(asked) || Object.keys(asked).length === 0) {
      this.#telling.reply(request, executeReply(outcome));
      return null;
    }
    return userExpressions(asked, this.#ports.inspect).then((told) =>
      this.#telling.reply(request, executeReply({ ...outcome, userExpressions: told })),
    );
  }

  #runOf(execution: string, by = ''): Run {
    const known = this.#runs.get(execution);
    if (known) return known;
    const parent: JupyterHeader = {
      msg_id: execution,
      msg_type: 'execute_request',
      session: 'trialroom',
      username: by,
      date: new Date().toISOString(),
      version: '5.4',
    };
    const run: Run = { requests: [], parent, count: 0, error: undefined };
    this.#runs.set(execution, run);
    return run;
  }

  #publish({ requests, parent }: Run, type: string, content: Json): void {
    this.#telling.publish(requests, parent, type, content);
  }
}

/** Nobody who asked for it wants to see it. */
const isSilent = ({ requests }: Run): boolean => requests.length > 0 && requests.every(({ silent }) => silent);

/** Who asked for it does not want it remembered. */
const isAside = ({ requests }: Run): boolean =>
  requests.length > 0 && requests.every(({ message }) => message.content.store_history === false);

/** Said to a cell that asks for text. */
const NOBODY = 'Nobody can be asked for input here: the cell was run with allow_stdin off.';

const byOf = ({ person: { id, name, colour } }: Client): Execution['by'] => ({ id, name, colour });
