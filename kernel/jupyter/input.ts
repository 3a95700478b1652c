/** A cell wants text from a person: asked of the client that ran the cell, which may have said that it cannot. */
import type { JupyterParts } from '@trialroom/shared/jupyter/messages';
import { parentId } from '@trialroom/shared/jupyter/messages';
import type { FromKernel, ToKernel } from '@trialroom/shared/kernel/protocol';
import type { Executions } from './executions.ts';
import { flag, type Line, text } from './line.ts';

type InputCall = Extract<FromKernel, { method: 'input' }>;

/** The questions of cells that wait for a person. */
export class InputCalls {
  readonly #line: Line;
  readonly #executions: Executions;
  readonly #tell: (message: ToKernel) => void;
  /** Calls not yet answered, oldest first: clients show one question at a time. */
  #open: { call: InputCall; ids: string[] }[] = [];

  constructor(line: Line, executions: Executions, tell: (message: ToKernel) => void) {
    this.#line = line;
    this.#executions = executions;
    this.#tell = tell;
  }

  /** A cell asks. Refused at once where the client that ran it takes no questions. */
  asked(call: InputCall): void {
    const { request, execution, params } = call;
    const origin = this.#executions.request(execution);
    if (!origin || !flag(origin.message.content, 'allow_stdin', false)) {
      const error = 'Nobody can be asked for input here: the cell was run with allow_stdin off.';
      this.#tell({ type: 'reply', request, ok: false, error });
      return;
    }
    const question = this.#line.ask(origin, { prompt: params.prompt, password: params.password });
    this.#open.push({ call, ids: [question, origin.message.header.msg_id] });
  }

  /** An `input_reply` came. */
  answered({ parent_header: parent, content }: JupyterParts): void {
    this.#open = this.#open.filter(({ call }) => this.#executions.isRunning(call.execution));
    const id = parentId(parent);
    // Some clients name the question, some the cell's request, many nothing at all.
    const named = this.#open.findIndex(({ ids }) => id !== undefined && ids.includes(id));
    const at = Math.max(0, named);
    const [answered] = this.#open.splice(at, 1);
    if (!answered) return;
    this.#tell({ type: 'reply', request: answered.call.request, ok: true, value: text(content, 'value') });
  }
}
