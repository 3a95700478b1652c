/** A notebook's topic as pages see it: the session, the outputs of each cell, the file behind it. */
import type { NotebookSnapshot, ServerToClient } from '@trialroom/shared/live/events';
import { foldOutput, type Output, type OutputEvent } from '@trialroom/shared/notebook/outputs';
import { changeConsole } from '@trialroom/shared/notebook/session';
import type { WidgetState } from '@trialroom/shared/notebook/widgets';
import { produce, reconcile, type SetStoreFunction, unwrap } from 'solid-js/store';
import type { Watched } from './watched.ts';

type Payload<E extends keyof ServerToClient> = Parameters<ServerToClient[E]>[0];

export interface NotebookView extends NotebookSnapshot {
  /** What the kernel uses now; null until it said so. */
  gauge: Payload<'gauge'> | null;
}

export type NotebookEvent =
  | { type: 'session'; payload: Payload<'session'> }
  | { type: 'output'; payload: Payload<'output'> }
  | { type: 'file'; payload: Payload<'file'> }
  | { type: 'widgets'; payload: Payload<'widgets'> }
  | { type: 'prompts'; payload: Payload<'prompts'> }
  | { type: 'diagnostics'; payload: Payload<'diagnostics'> }
  | { type: 'gauge'; payload: Payload<'gauge'> };

/** Applies one event to the shown state. */
export function applyToNotebook(
  view: NotebookView,
  set: SetStoreFunction<Watched<NotebookView>>,
  { type, payload }: NotebookEvent,
): void {
  switch (type) {
    case 'session':
      set(
        'value',
        produce((value) => {
          if (!value) return;
          Object.assign(value.session, payload.state);
          if (payload.console) value.session.console = changeConsole(value.session.console, payload.console);
          for (const [id, cell] of Object.entries(payload.cells)) {
            if (cell !== null) value.session.cells[id] = cell;
            // Its outputs stay, as they do on the server: a cell that was deleted may be brought back.
            else delete value.session.cells[id];
          }
        }),
      );
      return;
    case 'output': {
      const before = unwrap(view).outputs[payload.cell] ?? [];
      const after = foldAll(payload.begin ? [] : before, payload.events);
      set(
        'value',
        'outputs',
        produce((outputs) => {
          const shown = outputs[payload.cell];
          if (shown) patchOutputs(shown, before, after);
          else outputs[payload.cell] = after;
        }),
      );
      return;
    }
    case 'widgets':
      set('value', 'widgets', reconcile(foldWidgets(unwrap(view).widgets, payload), { key: 'id' }));
      return;
    case 'prompts':
      set('value', 'prompts', reconcile(payload.prompts, { key: 'request' }));
      return;
    case 'diagnostics':
      set('value', 'diagnostics', reconcile(payload.cells));
      return;
    case 'file':
      set('value', 'file', payload.file);
      return;
    case 'gauge':
      set('value', 'gauge', payload);
      return;
  }
}

/** The widgets after a change: the changed ones keep their place, new ones come last, gone ones are gone. */
export function foldWidgets(
  widgets: readonly WidgetState[],
  { changed, gone }: Pick<Payload<'widgets'>, 'changed' | 'gone'>,
): WidgetState[] {
  const byId = new Map(widgets.map((widget) => [widget.id, widget]));
  for (const widget of changed) byId.set(widget.id, widget);
  for (const id of gone) byId.delete(id);
  return [...byId.values()];
}

/** Folds events one after another. */
export function foldAll(outputs: readonly Output[], events: readonly OutputEvent[]): Output[] {
  return events.reduce<Output[]>((list, event) => foldOutput(list, event), [...outputs]);
}

/**
 * Changes the shown list into `after` with as little as possible replaced: an output that only grew keeps its identity,
 * so that its chart or text node is updated in place instead of being built again at every event.
 */
export function patchOutputs(shown: Output[], before: readonly Output[], after: readonly Output[]): void {
  if (shown.length > after.length) shown.length = after.length;
  after.forEach((next, index) => {
    const old = before[index];
    const current = shown[index];
    if (old === next && current) return;
    if (current && sameKind(current, next)) Object.assign(current, next);
    else shown[index] = next;
  });
}

function sameKind(a: Output, b: Output): boolean {
  if (a.type === 'stream') return b.type === 'stream' && a.name === b.name;
  if (a.type === 'display') return b.type === 'display' && a.id !== undefined && a.id === b.id;
  return false;
}
