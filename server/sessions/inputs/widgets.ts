/**
 * Input widgets and prompts of a session, as pure functions: what exists after something happened. Who is told, and what
 * the kernel hears, is the session's business.
 */
import type { InputPrompt, WidgetSpec, WidgetState } from '@trialroom/shared/notebook/widgets';
import { acceptValue } from '@trialroom/shared/notebook/widgets';

/** Widgets by id, in the order in which they were made. */
export type Widgets = ReadonlyMap<string, WidgetState>;

/** Most widgets of one session; a loop that makes more gets no more of them shown. */
export const WIDGETS_KEPT = 2000;

/** What can happen to the widgets of a session. */
export type WidgetOperation =
  | { type: 'opened'; id: string; cell: string; spec: WidgetSpec; value: unknown }
  /** `by` null: the code changed it. */
  | { type: 'set'; id: string; value: unknown; by: WidgetState['by'] }
  | { type: 'closed'; id: string }
  /** The outputs of these cells are gone. */
  | { type: 'cleared'; cells: readonly string[] }
  | { type: 'kernel-gone' };

/** The widgets after an operation; the same object when it changed nothing. Values that do not fit are not taken. */
export function applyToWidgets(widgets: Widgets, operation: WidgetOperation): Widgets {
  switch (operation.type) {
    case 'opened': {
      const { id, cell, spec, value } = operation;
      if (!widgets.has(id) && widgets.size >= WIDGETS_KEPT) return widgets;
      const fits = fitting(spec, value) ?? { value: neutral(spec) };
      return new Map(widgets).set(id, { id, cell, spec, value: fits.value, by: null, live: true });
    }
    case 'set': {
      const widget = widgets.get(operation.id);
      const fits = widget?.live ? fitting(widget.spec, operation.value) : null;
      if (!widget || !fits) return widgets;
      return new Map(widgets).set(widget.id, { ...widget, value: fits.value, by: operation.by });
    }
    case 'closed': {
      const widget = widgets.get(operation.id);
      return widget?.live ? new Map(widgets).set(widget.id, { ...widget, live: false }) : widgets;
    }
    case 'cleared': {
      const kept = [...widgets].filter(([, { cell }]) => !operation.cells.includes(cell));
      return kept.length === widgets.size ? widgets : new Map(kept);
    }
    case 'kernel-gone': {
      const all = [...widgets];
      if (all.every(([, { live }]) => !live)) return widgets;
      return new Map(all.map(([id, widget]) => [id, widget.live ? { ...widget, live: false } : widget]));
    }
  }
}

/** What must be told so that whoever knows `before` knows `after`. */
export function widgetChange(before: Widgets, after: Widgets): { changed: WidgetState[]; gone: string[] } {
  return {
    changed: [...after.values()].filter((widget) => before.get(widget.id) !== widget),
    gone: [...before.keys()].filter((id) => !after.has(id)),
  };
}

function fitting(spec: WidgetSpec, value: unknown): { value: unknown } | null {
  try {
    return { value: acceptValue(spec, value) };
  } catch {
    return null;
  }
}

/** What a widget shows that was made with a value which does not fit it. */
function neutral(spec: WidgetSpec): unknown {
  switch (spec.kind) {
    case 'slider':
      return spec.min;
    case 'select':
      return spec.multiple ? [] : spec.options[0];
    case 'checkbox':
      return false;
    case 'text':
      return '';
    case 'button':
      return 0;
    case 'file':
      return null;
  }
}

/** Most prompts that wait at a time; a loop that asks on gets no answer. */
export const PROMPTS_KEPT = 100;

/** The prompts without those of an execution that is over. */
export function withoutExecution(prompts: readonly InputPrompt[], execution: string): readonly InputPrompt[] {
  return prompts.some((prompt) => prompt.execution === execution)
    ? prompts.filter((prompt) => prompt.execution !== execution)
    : prompts;
}
