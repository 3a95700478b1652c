/**
 * Everything a client can ask, by message type. Cells run one after another; all else is answered at once, also while a
 * cell runs, since this thread never does.
 */
import { failedReply, type KernelAbout, kernelInfo } from '@trialroom/shared/jupyter/convert';
import { debugReply } from '@trialroom/shared/jupyter/debug';
import type { Json } from '@trialroom/shared/jupyter/messages';
import type { Assist } from './assist.ts';
import type { Comms } from './comms.ts';
import type { Connection } from './connection.ts';
import type { Executions } from './executions.ts';
import type { History } from './history.ts';
import { flag, type Line, number, type Request, text } from './line.ts';

/** Whom requests are handed to. */
export interface RequestsOptions {
  line: Line;
  connection: Connection;
  executions: Executions;
  history: History;
  assist: Assist;
  comms: Comms;
  about: KernelAbout;
  shutdown(): void;
}

/** What answers a request: the content of its reply, or nothing where none is due. */
type Handler = (request: Request) => Json | undefined | Promise<Json | undefined>;

/** Answers everything but what is run. */
export class Requests {
  readonly #options: RequestsOptions;
  readonly #handlers: Map<string, Handler>;

  constructor(options: RequestsOptions) {
    this.#options = options;
    const { connection, executions, history, assist, comms, about } = options;
    this.#handlers = new Map<string, Handler>([
      ['kernel_info_request', () => kernelInfo(about)],
      ['connect_request', () => ports(connection)],
      ['history_request', ({ message }) => history.answer(message.content)],
      ['comm_info_request', ({ message }) => comms.info(text(message.content, 'target_name'))],
      ['comm_open', (request) => void comms.opened(request)],
      ['comm_msg', (request) => void comms.said(request)],
      ['comm_close', (request) => void comms.closed(request)],
      ['debug_request', ({ message }) => debugReply(message.content)],
      ['is_complete_request', async ({ message }) => isComplete(text(message.content, 'code'))],
      [
        'complete_request',
        async ({ message: { content } }) => {
          const code = text(content, 'code');
          return assist.complete(code, number(content, 'cursor_pos', code.length));
        },
      ],
      [
        'inspect_request',
        async ({ message: { content } }) => {
          const code = text(content, 'code');
          return assist.inspect(code, number(content, 'cursor_pos', code.length));
        },
      ],
      [
        'interrupt_request',
        () => {
          executions.interrupt();
          return { status: 'ok' };
        },
      ],
    ]);
  }

  /** Takes a request and sees to its answer. */
  async take(request: Request): Promise<void> {
    const { line, executions } = this.#options;
    const { header, content } = request.message;
    const { msg_type: type } = header;
    if (type === 'execute_request') {
      executions.submit(request);
      return;
    }
    if (type === 'shutdown_request') {
      this.#shutdown(request, flag(content, 'restart', false));
      return;
    }
    const handler = this.#handlers.get(type);
    line.busy(header, { patient: true });
    try {
      const reply = handler ? await handler(request) : unknownRequest(type);
      if (reply) line.reply(request, replyType(type), reply);
    } catch (error) {
      // A fault of ours must not leave a client waiting.
      const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
      line.reply(request, replyType(type), failedReply(name, message));
    }
    line.idle(header);
  }

  #shutdown(request: Request, restart: boolean): void {
    const { line, shutdown } = this.#options;
    const { header } = request.message;
    line.busy(header);
    line.publish('shutdown_reply', { status: 'ok', restart }, header);
    line.reply(request, 'shutdown_reply', { status: 'ok', restart });
    line.idle(header);
    line.published(shutdown);
  }
}

const replyType = (type: string): string => type.replace(/_request$/, '_reply');

const unknownRequest = (type: string): Json | undefined =>
  type.endsWith('_request') ? failedReply('NotImplemented', `There is no answer to ${type}`) : undefined;

const ports = ({ ports: { shell, control, iopub, stdin, hb } }: Connection): Json => ({
  status: 'ok',
  shell_port: shell,
  control_port: control,
  iopub_port: iopub,
  stdin_port: stdin,
  hb_port: hb,
});

/** The parser is loaded by the first who asks, or by the first cell. */
async function isComplete(code: string): Promise<Json> {
  const { completeness } = await import('./complete-code.ts');
  return { ...completeness(code) };
}
