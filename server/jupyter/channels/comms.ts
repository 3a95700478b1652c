/**
 * Comms: lines of their own between code and a page. Ours are the session's widgets, spoken of as ipywidgets does, so that
 * a slider in JupyterLab is the one that everyone in a browser sees. A page that opens any other target is told that
 * nobody is there.
 */
import { isJson, type Json, type JupyterHeader, type JupyterMessage } from '@trialroom/shared/jupyter/messages';
import {
  WIDGET_CONTROL_TARGET,
  WIDGET_MESSAGES,
  WIDGET_TARGET,
  type WidgetModel,
  widgetChange,
  widgetModels,
  widgetState,
} from '@trialroom/shared/jupyter/widgets';
import type { WidgetState } from '@trialroom/shared/notebook/widgets';
import { may } from '@trialroom/shared/policy/policy';
import { Refusal } from '../../http/refusal.ts';
import type { SessionNews } from '../../sessions/news.ts';
import type { Client } from './client.ts';

/** The widgets of the session behind the comms. */
export interface CommsPorts {
  widgets(): WidgetState[];
  setWidget(widget: string, value: unknown, by: { id: string; name: string }, bytes?: Uint8Array): Promise<void>;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The widgets of one kernel, as its clients know them. */
export class Comms {
  readonly #ports: CommsPorts;
  /** Widgets that the clients were told of, or could ask for when they came. */
  readonly #told = new Set<string>();
  /** Comms that pages opened to ask for all widgets. */
  readonly #controls = new WeakMap<Client, Set<string>>();

  constructor(ports: CommsPorts) {
    this.#ports = ports;
  }

  /** Someone listens from now on. */
  begin(): void {
    this.#told.clear();
    for (const { id } of this.#ports.widgets()) this.#told.add(id);
  }

  /** Widgets changed, whoever did it. */
  heard(
    { changed, gone }: Extract<SessionNews, { type: 'widgets' }>,
    clients: Iterable<Client>,
    running: JupyterHeader | null,
  ): void {
    const options = { parent: running ?? undefined, metadata: WIDGET_MESSAGES };
    for (const client of clients) {
      for (const widget of changed) {
        if (this.#told.has(widget.id)) update(client, widget.id, stateOf(widget), running ?? undefined);
        else {
          for (const { id, state } of modelsOf(widget)) {
            const content = { comm_id: id, target_name: WIDGET_TARGET, data: { state, buffer_paths: [] } };
            client.send('iopub', 'comm_open', content, options);
          }
        }
      }
      for (const id of gone) client.send('iopub', 'comm_close', { comm_id: id, data: {} }, options);
    }
    for (const { id } of changed) this.#told.add(id);
    for (const id of gone) this.#told.delete(id);
  }

  /** Content of a `comm_info_reply`. */
  info(target: string): Json {
    const asked = target === '' || target === WIDGET_TARGET;
    const models = asked ? this.#ports.widgets().flatMap(modelsOf) : [];
    return { status: 'ok', comms: Object.fromEntries(models.map(({ id }) => [id, { target_name: WIDGET_TARGET }])) };
  }

  /** A client opened, used or closed a comm. @throws Refusal when the session refuses the value */
  async take(client: Client, { header, content, buffers }: JupyterMessage): Promise<void> {
    const id = text(content.comm_id);
    const controls = this.#controls.get(client) ?? new Set();
    if (header.msg_type === 'comm_open') {
      if (content.target_name !== WIDGET_CONTROL_TARGET) {
        client.send('iopub', 'comm_close', { comm_id: id, data: {} }, { parent: header });
      } else this.#controls.set(client, controls.add(id));
    } else if (header.msg_type === 'comm_close') controls.delete(id);
    else if (header.msg_type === 'comm_msg') {
      const data = isJson(content.data) ? content.data : {};
      if (controls.has(id)) this.#tellAll(client, id, data, header);
      else if (data.method === 'request_state') this.#restate(client, id, header);
      else await this.#change(client, id, data, buffers, header);
    }
  }

  async #change(client: Client, id: string, data: Json, buffers: Uint8Array[], parent: JupyterHeader): Promise<void> {
    const widget = this.#ports.widgets().find((one) => one.id === id);
    const change = widget && widgetChange(widget.spec, widget.value, data, buffers);
    if (!widget || !change) return;
    try {
      if (!may(client.person.role, 'run')) throw new Refusal(403, { error: 'not-allowed', message: 'viewers look on' });
      await this.#ports.setWidget(id, change.value, client.person, change.bytes);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // The page goes back to what everyone else sees.
      update(client, id, stateOf(widget), parent);
    }
  }

  #restate(client: Client, id: string, parent: JupyterHeader): void {
    const model = this.#ports
      .widgets()
      .flatMap(modelsOf)
      .find((one) => one.id === id);
    if (model) update(client, id, model.state, parent);
  }

  #tellAll(client: Client, control: string, { method }: Json, parent: JupyterHeader): void {
    if (method !== 'request_states') return;
    const states = Object.fromEntries(
      this.#ports
        .widgets()
        .flatMap(modelsOf)
        .map(({ id, state }) => {
          const { _model_name: name, _model_module: module, _model_module_version: version } = state;
          return [id, { model_name: name, model_module: module, model_module_version: version, state }];
        }),
    );
    const data = { method: 'update_states', states, buffer_paths: [] };
    client.send('iopub', 'comm_msg', { comm_id: control, data }, { parent });
  }
}

/** A widget whose code no longer listens is there, but greyed out. */
const stateOf = ({ spec, value, live }: WidgetState): Json => ({ ...widgetState(spec, value), disabled: !live });

const modelsOf = (widget: WidgetState): WidgetModel[] =>
  widgetModels(widget.id, widget.spec, widget.value).map((model) =>
    model.id === widget.id && !widget.live ? { ...model, state: { ...model.state, disabled: true } } : model,
  );

function update(client: Client, id: string, state: Json, parent: JupyterHeader | undefined): void {
  const data = { method: 'update', state, buffer_paths: [] };
  client.send('iopub', 'comm_msg', { comm_id: id, data }, { parent });
}
