/** The dashboard of a room as this browser holds it: the shared document, read as panels, with undo. */
import { rooms } from '@trialroom/shared/api/endpoints';
import {
  addPanel,
  useTemplate as beginWith,
  configurePanel,
  dashboardOf,
  isArranged,
  movePanel,
  type NewPanel,
  panelsOf,
  removePanel,
  resizePanel,
  templateOf,
} from '@trialroom/shared/room/dashboard';
import type { Panel, PanelSettings } from '@trialroom/shared/room/panel';
import { type Accessor, createEffect, createMemo, createSignal, onCleanup } from 'solid-js';
import * as Y from 'yjs';
import { call } from '../../data/api.ts';
import { openDocument, type SharedDocument } from '../../data/document.ts';
import { may, me } from '../../data/me.ts';
import { sameJson } from '../../data/same.ts';

export interface Dashboard {
  readonly document: SharedDocument;
  /** In order. */
  readonly panels: Accessor<readonly Panel[]>;
  readonly template: Accessor<string>;
  /** True when people have changed anything of the template. */
  readonly arranged: Accessor<boolean>;
  /** True when this person may arrange, and the document is here. */
  readonly mayArrange: Accessor<boolean>;
  add(panel: Omit<NewPanel, 'id'>, before?: string | null): string;
  /** Puts a panel before another, or at the end. */
  move(id: string, before: string | null): void;
  resize(id: string, size: Pick<Panel, 'width' | 'height'>): void;
  configure(
    id: string,
    change: { title?: string; settings?: { [name: string]: PanelSettings[string] | undefined } },
  ): void;
  remove(id: string): void;
  useTemplate(name: string): void;
  /** What undo and redo would do; null where there is nothing. */
  readonly undo: Accessor<(() => void) | null>;
  readonly redo: Accessor<(() => void) | null>;
}

/** Opens the dashboard of an experiment for as long as the calling component lives. `computed` makes a template's panels. */
export function openDashboard(experiment: string, computed: (template: string) => readonly Panel[]): Dashboard {
  const shared = openDocument(`/yjs/room/${encodeURIComponent(experiment)}`, 'room', (id) =>
    call(rooms.open, { params: { id } }),
  );
  const { doc } = shared;
  const [version, setVersion] = createSignal(0);
  const undoing = new Y.UndoManager(dashboardOf(doc), { captureTimeout: 0 });
  const bump = (): void => void setVersion((count) => count + 1);
  dashboardOf(doc).observe(bump);
  for (const event of ['stack-item-added', 'stack-item-popped', 'stack-cleared'] as const) undoing.on(event, bump);
  onCleanup(() => {
    undoing.destroy();
    shared.destroy();
  });
  createEffect(() => {
    const person = me();
    if (person) shared.introduce(person);
  });
  const template = createMemo(() => {
    version();
    return templateOf(doc);
  });
  const base = createMemo(() => computed(template()), [], { equals: sameJson });
  const panels = createMemo(
    () => {
      version();
      return panelsOf(doc, base());
    },
    [],
    { equals: sameJson },
  );
  const step = (does: 'undo' | 'redo') => (): (() => void) | null => {
    version();
    const able = does === 'undo' ? undoing.canUndo() : undoing.canRedo();
    return able ? () => void undoing[does]() : null;
  };
  return {
    document: shared,
    panels,
    template,
    arranged: () => {
      version();
      return isArranged(doc);
    },
    mayArrange: () => may('edit') && shared.loaded() && shared.closed() === null,
    add: (panel, before = null) => {
      const id = `p-${crypto.randomUUID()}`;
      addPanel(doc, panels(), { ...panel, id }, before);
      return id;
    },
    move: (id, before) => movePanel(doc, panels(), id, before),
    resize: (id, size) => resizePanel(doc, id, size),
    configure: (id, change) => configurePanel(doc, id, change),
    remove: (id) => removePanel(doc, base(), id),
    useTemplate: (name) => beginWith(doc, name),
    undo: step('undo'),
    redo: step('redo'),
  };
}
