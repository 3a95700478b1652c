/** Requests of Jupyter's clients other than to run code: each gets busy, its reply, and idle. */
import { failedReply, type KernelAbout, kernelInfo } from '@trialroom/shared/jupyter/convert';
import { debugReply } from '@trialroom/shared/jupyter/debug';
import { historyReply } from '@trialroom/shared/jupyter/history';
import type { Json, JupyterMessage } from '@trialroom/shared/jupyter/messages';
import { may } from '@trialroom/shared/policy/policy';
import { Refusal } from '../../http/refusal.ts';
import { type AssistPorts, complete, inspect, isComplete } from './assist.ts';
import type { Client } from './client.ts';
import type { Comms } from './comms.ts';
import type { Executions } from './executions.ts';

/** What answers need of the kernel that is asked. */
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
  history_request: ({ content }, { executions }) => historyReply(executions.history, content),
  comm_info_request: ({ content }, { comms }) => comms.info(text(content.target_name)),
  debug_request: ({ content }) => debugReply(content),
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
