/**
 * Our input widgets as the models of ipywidgets 8 (message version 2.1.0), which JupyterLab, VS Code and nbviewer draw:
 * a widget is one model with a layout and a style. Pure: the comm messages are made by whoever speaks to the client.
 */
import type { WidgetFile, WidgetSpec } from '../notebook/widgets.ts';
import { isJson, type Json } from './messages.ts';

/** Target of the comms of ipywidgets. */
export const WIDGET_TARGET = 'jupyter.widget';
/** Target by which a page asks for all widgets at once. */
export const WIDGET_CONTROL_TARGET = 'jupyter.widget.control';
/** Goes into the metadata of `comm_open`. */
export const WIDGET_MESSAGES = { version: '2.1.0' };

const CONTROLS = { _model_module: '@jupyter-widgets/controls', _model_module_version: '2.0.0' };
const BASE = { _model_module: '@jupyter-widgets/base', _model_module_version: '2.0.0' };
const BASE_VIEW = { _view_module: '@jupyter-widgets/base', _view_module_version: '2.0.0' };

/** A model with its id, to be opened in this order. */
export interface WidgetModel {
  id: string;
  state: Json;
}

/** The models that draw a widget; the last is the widget itself and has its id. */
export function widgetModels(id: string, spec: WidgetSpec, value: unknown): WidgetModel[] {
  const { name, style, state } = own(spec);
  const layout = `${id}-layout`;
  return [
    { id: layout, state: { ...BASE, _model_name: 'LayoutModel', ...BASE_VIEW, _view_name: 'LayoutView' } },
    { id: `${id}-style`, state: { ...CONTROLS, _model_name: style, ...BASE_VIEW, _view_name: 'StyleView' } },
    {
      id,
      state: {
        ...CONTROLS,
        _model_name: `${name}Model`,
        _view_module: CONTROLS._model_module,
        _view_module_version: CONTROLS._model_module_version,
        _view_name: `${name}View`,
        description: spec.label,
        disabled: false,
        layout: `IPY_MODEL_${layout}`,
        style: `IPY_MODEL_${id}-style`,
        ...state,
        ...widgetState(spec, value),
      },
    },
  ];
}

function own(spec: WidgetSpec): { name: string; style: string; state: Json } {
  switch (spec.kind) {
    case 'slider': {
      const whole = [spec.min, spec.max, spec.step].every(Number.isInteger);
      const { min, max, step } = spec;
      const state = { min, max, step, orientation: 'horizontal', readout: true, continuous_update: true };
      return whole
        ? { name: 'IntSlider', style: 'SliderStyleModel', state: { ...state, readout_format: 'd' } }
        : { name: 'FloatSlider', style: 'SliderStyleModel', state: { ...state, readout_format: readout(step) } };
    }
    case 'select':
      return {
        name: spec.multiple ? 'SelectMultiple' : 'Dropdown',
        style: 'DescriptionStyleModel',
        state: { _options_labels: spec.options, ...(spec.multiple ? { rows: Math.min(8, spec.options.length) } : {}) },
      };
    case 'checkbox':
      return { name: 'Checkbox', style: 'CheckboxStyleModel', state: { indent: false } };
    case 'text':
      return {
        name: spec.multiline ? 'Textarea' : 'Text',
        style: 'TextStyleModel',
        state: { placeholder: spec.placeholder, continuous_update: false },
      };
    case 'button':
      return { name: 'Button', style: 'ButtonStyleModel', state: { button_style: '', icon: '', tooltip: null } };
    case 'file':
      return {
        name: 'FileUpload',
        style: 'ButtonStyleModel',
        state: { accept: spec.accept, multiple: false, button_style: '', icon: 'upload', error: '' },
      };
  }
}

const readout = (step: number): string => `.${Math.min(6, Math.max(1, Math.ceil(-Math.log10(step))))}f`;

/** The part of a model's state that says its value. */
export function widgetState(spec: WidgetSpec, value: unknown): Json {
  switch (spec.kind) {
    case 'select': {
      if (!spec.multiple) {
        const at = typeof value === 'string' ? spec.options.indexOf(value) : -1;
        return { index: at < 0 ? null : at };
      }
      const chosen: unknown[] = Array.isArray(value) ? value : [];
      return { index: spec.options.flatMap((option, at) => (chosen.includes(option) ? [at] : [])) };
    }
    // How often it was pressed is not shown, and a file is never sent back.
    case 'button':
      return {};
    case 'file':
      return { value: [] };
    default:
      return { value };
  }
}

/** A person's change: the new value, and the bytes of a file. */
export interface WidgetChange {
  value: unknown;
  bytes?: Uint8Array;
}

/**
 * What the `data` of a `comm_msg` changes; undefined for one that changes nothing (a view's own state, say).
 * @param before the value so far
 */
export function widgetChange(
  spec: WidgetSpec,
  before: unknown,
  data: Json,
  buffers: readonly Uint8Array[] = [],
): WidgetChange | undefined {
  if (spec.kind === 'button') {
    const pressed = data.method === 'custom' && isJson(data.content) && data.content.event === 'click';
    return pressed ? { value: (typeof before === 'number' ? before : 0) + 1 } : undefined;
  }
  if (data.method !== 'update' || !isJson(data.state)) return undefined;
  const { index, value } = data.state;
  switch (spec.kind) {
    case 'select':
      if (index === undefined) return undefined;
      if (!spec.multiple) return typeof index === 'number' ? { value: spec.options[index] } : undefined;
      return Array.isArray(index) ? { value: index.flatMap((at: unknown) => optionAt(spec.options, at)) } : undefined;
    case 'file': {
      if (!Array.isArray(value)) return undefined;
      const file: unknown = value[0];
      if (!isJson(file)) return { value: null };
      const bytes = buffers[0] ?? new Uint8Array(0);
      const about: WidgetFile = { name: String(file.name ?? ''), mime: String(file.type ?? ''), bytes: bytes.length };
      return { value: about, bytes };
    }
    default:
      return value === undefined ? undefined : { value };
  }
}

const optionAt = (options: readonly string[], at: unknown): string[] =>
  typeof at === 'number' && options[at] !== undefined ? [options[at]] : [];
