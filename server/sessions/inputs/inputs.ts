/**
 * What a session asks people for: keeps its widgets and prompts in step between the kernel, which makes them, and everyone
 * who looks. What people type is passed on and never written down here: it may be a password.
 */
import type { FromKernel, ToKernel } from '@trialroom/shared/kernel/protocol';
import {
  acceptValue,
  type InputPrompt,
  WIDGET_FILE_LIMIT,
  WidgetFile,
  type WidgetState,
} from '@trialroom/shared/notebook/widgets';
import { Refusal } from '../../http/refusal.ts';
import { applyToWidgets, PROMPTS_KEPT, type WidgetOperation, widgetChange, withoutExecution } from './widgets.ts';

type InputCall = Extract<FromKernel, { type: 'call'; method: 'input' }>;
type WidgetMessage = Extract<FromKernel, { type: 'widget.open' | 'widget.set' | 'widget.close' }>;

/** The kernel that inputs belong to, and whoever sees them. */
export interface SessionInputsOptions {
  send(message: ToKernel, payload?: Uint8Array): void;
  /** The cell of the execution; undefined when this kernel ran none of that id. */
  cellOf(execution: string): string | undefined;
  widgetsChanged(change: { changed: WidgetState[]; gone: string[] }): void;
  promptsChanged(prompts: InputPrompt[]): void;
}

/** The widgets and prompts of one session. */
export class SessionInputs {
  readonly #options: SessionInputsOptions;
  #widgets: ReadonlyMap<string, WidgetState> = new Map();
  #prompts: readonly InputPrompt[] = [];

  constructor(options: SessionInputsOptions) {
    this.#options = options;
  }

  /** The widgets there are, in the order in which they were made. */
  get widgets(): WidgetState[] {
    return [...this.#widgets.values()];
  }

  /** The questions that wait for an answer, oldest first. */
  get prompts(): InputPrompt[] {
    return [...this.#prompts];
  }

  /** The kernel made, changed or closed a widget. */
  said(message: WidgetMessage): void {
    const { widget: id } = message;
    if (message.type === 'widget.close') this.#apply({ type: 'closed', id });
    else if (message.type === 'widget.set') this.#apply({ type: 'set', id, value: message.value, by: null });
    else {
      const cell = this.#options.cellOf(message.execution);
      if (cell !== undefined) this.#apply({ type: 'opened', id, cell, spec: message.spec, value: message.value });
    }
  }

  /** A cell asks for text; returns what everyone sees of it, or null when it was refused. */
  ask({ request, execution, params }: InputCall, running: boolean): InputPrompt | null {
    const cell = this.#options.cellOf(execution);
    if (!running || cell === undefined) return this.#refuse(request, 'input() works only while its cell runs');
    if (this.#prompts.length >= PROMPTS_KEPT) {
      return this.#refuse(request, `${PROMPTS_KEPT} questions wait for an answer already`);
    }
    const prompt = { request, cell, execution, ...params };
    this.#prompt([...this.#prompts, prompt]);
    return prompt;
  }

  /** @throws Refusal when there is no such widget, nobody listens to it, or the value does not fit */
  set(id: string, value: unknown, by: { id: string; name: string }, content?: Uint8Array): void {
    const widget = this.#widgets.get(id);
    if (!widget) {
      throw new Refusal(404, {
        error: 'no-such-widget',
        message: 'there is no such widget in this notebook',
        fix: 'its cell was run again or cleared; look at the notebook again',
      });
    }
    if (!widget.live) {
      throw new Refusal(409, {
        error: 'widget-closed',
        message: 'no code listens to this widget any more',
        fix: 'run its cell again',
      });
    }
    const taken = accepted(widget, value, content);
    const person = { id: by.id, name: by.name };
    this.#apply({ type: 'set', id, value: taken, by: person });
    this.#options.send({ type: 'widget.set', widget: id, value: taken, by: person }, content);
  }

  /** @throws Refusal when nobody waits for this answer */
  answer(request: number, value: string): void {
    this.#settle(request);
    this.#options.send({ type: 'reply', request, ok: true, value });
  }

  /** Nobody will answer this: the cell is told why. @throws Refusal when nobody waits for an answer */
  refuse(request: number, why: string): void {
    this.#settle(request);
    this.#refuse(request, why);
  }

  #settle(request: number): void {
    const prompts = this.#prompts.filter((prompt) => prompt.request !== request);
    if (prompts.length === this.#prompts.length) {
      throw new Refusal(409, {
        error: 'not-asked',
        message: 'nothing waits for this answer: someone else gave one, or the cell has ended',
        fix: 'run the cell again if it is to ask again',
      });
    }
    this.#prompt(prompts);
  }

  /** The outputs of these cells are gone, and with them the widgets that stood there. */
  cleared(cells: readonly string[]): void {
    this.#apply({ type: 'cleared', cells });
  }

  /** What an execution asked for is not waited for any more. */
  executionEnded(execution: string): void {
    this.#prompt(withoutExecution(this.#prompts, execution));
  }

  /** Nobody listens to widgets any more, and nothing waits for answers. */
  kernelGone(): void {
    this.#apply({ type: 'kernel-gone' });
    this.#prompt(this.#prompts.length > 0 ? [] : this.#prompts);
  }

  #refuse(request: number, error: string): null {
    this.#options.send({ type: 'reply', request, ok: false, error });
    return null;
  }

  #apply(operation: WidgetOperation): void {
    const before = this.#widgets;
    this.#widgets = applyToWidgets(before, operation);
    if (this.#widgets !== before) this.#options.widgetsChanged(widgetChange(before, this.#widgets));
  }

  #prompt(prompts: readonly InputPrompt[]): void {
    if (prompts === this.#prompts) return;
    this.#prompts = prompts;
    this.#options.promptsChanged([...prompts]);
  }
}

function accepted({ spec }: WidgetState, value: unknown, content: Uint8Array | undefined): unknown {
  if (content !== undefined && content.length > WIDGET_FILE_LIMIT) {
    throw new Refusal(413, {
      error: 'file-too-big',
      message: `a file given to a widget may have ${WIDGET_FILE_LIMIT / 1024 / 1024} MB; this one is bigger`,
      fix: "put it beside the notebook and read it with Node's fs",
    });
  }
  if ((spec.kind === 'file' && value !== null) !== (content !== undefined)) {
    throw new Refusal(422, {
      error: 'bad-widget-value',
      message: spec.kind === 'file' ? 'the bytes of the file are missing' : 'this widget takes no file',
      fix: 'send `content`, base64, with a file widget and only with one',
    });
  }
  try {
    const taken = acceptValue(spec, value);
    return spec.kind === 'file' && content ? { ...WidgetFile.parse(taken), bytes: content.length } : taken;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Refusal(422, { error: 'bad-widget-value', message: error.message, fix: 'give it a value that fits' });
  }
}
