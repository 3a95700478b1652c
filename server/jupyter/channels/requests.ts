/** Requests of Jupyter's clients other than to run code: each gets busy, its reply, and idle. */
import { failedReply, type KernelAbout, kernelInfo } from '@trialroom/shared/jupyter/convert';
import type { Json, JupyterMessage } from '@trialroom/shared/jupyter/messages';
import { may } from '@trialroom/shared/policy/policy';
import { Refusal } from '../../http/refusal.ts';
import { type AssistPorts, complete, inspect, isComplete } from './assist.ts';
import type { Client } from './client.ts';
import type { Comms } from './comms.ts';
import type { Executions } from './executions.ts';

export interface RequestsPorts extends AssistPorts {
  about: KernelAbout;
  executions: Executions;
  comms: Comms;
  interrupt(): Promise<void>;
  restart(): Promise<void>;
  shutdown(): Promise<void>;
  fault(error: unknown): void;
}

type Answer = (message: JupyterMessage, ports: RequestsPorts) => Json | Promise<Json>;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const number = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** By type, which a client may choose as it likes. */
function answers(byType: Record<string, Answer>): ReadonlyMap<string, Answer> {
  return new Map(Object.entries(byType));
}

/** Cells that no notebook has, for what is typed into a console. */
const cellOf = ({ metadata }: JupyterMessage): string => text(metadata.cellId) || 'console';

const READING = answers({
  kernel_info_request: (_, { about }) => kernelInfo(about),
  is_complete_request: ({ content }) => isComplete(text(content.code)),
  complete_request: (message, ports) =>
    complete(ports, text(message.content.code), number(message.content.cursor_pos), cellOf(message)),
  inspect_request: (message, ports) =>
    inspect(ports, text(message.content.code), number(message.content.cursor_pos), cellOf(message)),
  history_request: ({ content }, { executions }) => ({ status: 'ok', history: history(content, executions) }),
  comm_info_request: ({ content }, { comms }) => comms.info(text(content.target_name)),
  debug_request: ({ content: { seq, command } }) => ({
    type: 'response',
    seq: 0,
    request_seq: number(seq),
    command,
    success: false,
    message: 'This kernel has no debugger.',
    body: {},
  }),
});

const CHANGING = answers({
  interrupt_request: async (_, { interrupt }) => {
    await interrupt();
    return { status: 'ok' };
  },
  shutdown_request: async ({ content }, { restart, shutdown }) => {
    await (content.restart === true ? restart() : shutdown());
    return { status: 'ok', restart: content.restart === true };
  },
});

/** Answers one request; a message that is none, or that nobody here knows, is only acknowledged by busy and idle. */
export async function answer(client: Client, message: JupyterMessage, ports: RequestsPorts): Promise<void> {
  const { header: parent, channel } = message;
  const type = parent.msg_type;
  client.send('iopub', 'status', { execution_state: 'busy' }, { parent });
  const reply = await replyTo(client, message, ports);
  if (reply) {
    const to = channel === 'control' ? 'control' : 'shell';
    client.send(to, type.replace(/_request$/, '_reply'), reply, { parent });
  }
  if (type.startsWith('comm_')) await ports.comms.take(client, message);
  client.send('iopub', 'status', { execution_state: 'idle' }, { parent });
  const { running } = ports.executions;
  // The idle was about this request; whoever shows it as the kernel's state is put right.
  if (running) client.send('iopub', 'status', { execution_state: 'busy' }, { parent: running });
}

async function replyTo(client: Client, message: JupyterMessage, ports: RequestsPorts): Promise<Json | null> {
  const { msg_type: type } = message.header;
  const changing = CHANGING.get(type);
  const known = READING.get(type) ?? changing;
  if (!known) {
    return type.endsWith('_request') ? failedReply('NotImplemented', `There is no answer to ${type}`) : null;
  }
  if (changing && !may(client.person.role, 'run')) {
    return failedReply('NotAllowed', `As ${client.person.role} you may not do this here.`);
  }
  try {
    return await known(message, ports);
  } catch (error) {
    if (!(error instanceof Refusal)) ports.fault(error);
    return failedReply('Refused', error instanceof Refusal ? error.problem.message : 'the server failed; see its log');
  }
}

/** `[session, line, input]` or, with outputs asked for, `[session, line, [input, null]]`. */
function history(content: Json, executions: Executions): unknown[] {
  const { hist_access_type: how, n, pattern, start, stop, output, unique } = content;
  let lines = [...executions.history];
  if (how === 'range') {
    const from = number(start) || 1;
    const to = typeof stop === 'number' ? stop : Number.POSITIVE_INFINITY;
    lines = lines.filter(({ line }) => line >= from && line < to);
  } else {
    if (how === 'search') lines = lines.filter(({ source }) => fits(source, text(pattern) || '*'));
    if (unique === true)
      lines = lines.filter(({ source }, at) => lines.findLastIndex((other) => other.source === source) === at);
    if (typeof n === 'number' && n > 0) lines = lines.slice(-n);
  }
  return lines.map(({ line, source }) => [0, line, output === true ? [source, null] : source]);
}

/** Shell patterns: `*` is anything, `?` is any one character. Takes no longer than the two are long, multiplied. */
function fits(source: string, pattern: string): boolean {
  let [at, want, star, from] = [0, 0, -1, 0];
  while (at < source.length) {
    if (pattern[want] === '*') [star, from] = [want++, at];
    else if (want < pattern.length && (pattern[want] === '?' || pattern[want] === source[at]))
      [at, want] = [at + 1, want + 1];
    else if (star >= 0) [at, want] = [++from, star + 1];
    else return false;
  }
  while (pattern[want] === '*') want++;
  return want === pattern.length;
}
