/**
 * Comms: lines of their own between code and a page. Ours are the widgets, spoken of as ipywidgets does; a page that
 * opens any other target is told that nobody is there.
 */
import { isJson, type Json, type JupyterHeader } from '@trialroom/shared/jupyter/messages';
import {
  WIDGET_CONTROL_TARGET,
  WIDGET_MESSAGES,
  WIDGET_TARGET,
  type WidgetModel,
  widgetChange,
  widgetModels,
  widgetState,
} from '@trialroom/shared/jupyter/widgets';
import type { FromKernel, ToKernel } from '@trialroom/shared/kernel/protocol';
import type { WidgetSpec } from '@trialroom/shared/notebook/widgets';
import { type Line, type Request, text } from './line.ts';

interface Widget {
  spec: WidgetSpec;
  value: unknown;
  parent: JupyterHeader | undefined;
}

type Told = Extract<FromKernel, { type: 'widget.open' | 'widget.set' | 'widget.close' }>;

/** The widgets of one kernel, as clients know them. */
export class Comms {
  readonly #line: Line;
  readonly #tell: (message: ToKernel, payload?: Uint8Array) => void;
  readonly #widgets = new Map<string, Widget>();
  /** Comms that pages opened to ask for all widgets. */
  readonly #controls = new Set<string>();

  constructor(line: Line, tell: (message: ToKernel, payload?: Uint8Array) => void) {
    this.#line = line;
    this.#tell = tell;
  }

  /** The code made, changed or closed a widget. */
  heard(message: Told, parent: JupyterHeader | undefined): void {
    if (message.type === 'widget.open') {
      const { widget, spec, value } = message;
      this.#widgets.set(widget, { spec, value, parent });
      for (const { id, state } of widgetModels(widget, spec, value)) {
        const data = { state, buffer_paths: [] };
        const content = { comm_id: id, target_name: WIDGET_TARGET, data };
        this.#line.publish('comm_open', content, parent, { metadata: WIDGET_MESSAGES });
      }
      return;
    }
    const known = this.#widgets.get(message.widget);
    if (!known) return;
    if (message.type === 'widget.set') {
      known.value = message.value;
      this.#update(message.widget, widgetState(known.spec, message.value), known.parent);
    } else {
      // The view stays, greyed out, as it does in our own pages.
      this.#update(message.widget, { disabled: true }, known.parent);
    }
  }

  /** Content of a `comm_info_reply`. */
  info(target: string): Json {
    const comms: Json = {};
    if (target === '' || target === WIDGET_TARGET) {
      for (const { id } of this.#models()) comms[id] = { target_name: WIDGET_TARGET };
    }
    return { status: 'ok', comms };
  }

  /** A page opened a comm. */
  opened({ message: { header, content } }: Request): void {
    const id = text(content, 'comm_id');
    if (content.target_name === WIDGET_CONTROL_TARGET) this.#controls.add(id);
    else this.#line.publish('comm_close', { comm_id: id, data: {} }, header);
  }

  /** A page said something on a comm: a person's change, or a question about what there is. */
  said({ message: { header, content, buffers } }: Request): void {
    const id = text(content, 'comm_id');
    const data = isJson(content.data) ? content.data : {};
    if (this.#controls.has(id)) {
      if (data.method === 'request_states') this.#tellAll(id, header);
      return;
    }
    const widget = this.#widgets.get(id);
    if (!widget) {
      this.#restate(id, data, header);
      return;
    }
    if (data.method === 'request_state') {
      this.#restate(id, data, header);
      return;
    }
    const change = widgetChange(widget.spec, widget.value, data, buffers);
    if (!change) return;
    widget.value = change.value;
    this.#tell({ type: 'widget.set', widget: id, value: change.value }, change.bytes);
    // Other pages that show it follow.
    if (widget.spec.kind !== 'file') this.#update(id, widgetState(widget.spec, change.value), header);
  }

  /** A page closed a comm. */
  closed({ message: { content } }: Request): void {
    const id = text(content, 'comm_id');
    this.#controls.delete(id);
    this.#widgets.delete(id);
  }

  #update(id: string, state: Json, parent: JupyterHeader | undefined): void {
    this.#line.publish('comm_msg', { comm_id: id, data: { method: 'update', state, buffer_paths: [] } }, parent);
  }

  #models(): WidgetModel[] {
    return Array.from(this.#widgets, ([id, { spec, value }]) => widgetModels(id, spec, value)).flat();
  }

  #restate(id: string, { method }: Json, header: JupyterHeader): void {
    const model = method === 'request_state' ? this.#models().find((one) => one.id === id) : undefined;
    if (model) this.#update(id, model.state, header);
  }

  #tellAll(control: string, header: JupyterHeader): void {
    const states: Json = {};
    for (const { id, state } of this.#models()) {
      const { _model_name: name, _model_module: module, _model_module_version: version } = state;
      states[id] = { model_name: name, model_module: module, model_module_version: version, state };
    }
    const data = { method: 'update_states', states, buffer_paths: [] };
    this.#line.publish('comm_msg', { comm_id: control, data }, header);
  }
}
