/**
 * The shared document of a room's dashboard: how people have arranged an experiment's panels, as a Yjs document.
 *
 * A dashboard is a template, whose panels are computed from the metrics there are, and what people have changed of it.
 * Only the changes are in the document, so that looking writes nothing, new metrics get panels in rooms that were arranged
 * long before, and a reset is a deletion. Layout: `doc.getMap('dashboard')`, flat: `template`, and for each changed field
 * of a panel one entry `<panel id>/<field>` or `<panel id>/set/<setting>`. Two people who change different things of one
 * panel therefore both get what they wanted.
 */
import { generateNKeysBetween } from 'fractional-indexing';
import * as Y from 'yjs';
import { MOST_PANELS, Panel, type PanelSettings } from './panel.ts';

/** Name of the template that is used until another is chosen. */
export const AUTOMATIC = 'auto';

/** Entries of the document. */
export const dashboardOf = (doc: Y.Doc): Y.Map<unknown> => doc.getMap('dashboard');

/** A document as it begins: it says only what it is, so that all copies have a beginning in common. */
export function newDashboard(): Uint8Array {
  const doc = new Y.Doc();
  dashboardOf(doc).set('format', 1);
  const update = Y.encodeStateAsUpdate(doc);
  doc.destroy();
  return update;
}

/** Name of the chosen template. */
export function templateOf(doc: Y.Doc): string {
  const name = dashboardOf(doc).get('template');
  return typeof name === 'string' && name.length <= 40 ? name : AUTOMATIC;
}

/** True when anything was arranged by people. */
export const isArranged = (doc: Y.Doc): boolean =>
  [...dashboardOf(doc).keys()].some((key) => key === 'template' || key.includes('/'));

/** A panel before it has a place. */
export type NewPanel = Omit<Panel, 'order'>;

/** Panels of a template with keys for their order: the same for everyone who computes them from the same. */
export function inOrder(panels: readonly NewPanel[]): Panel[] {
  const orders = generateNKeysBetween(null, null, panels.length);
  return panels.map((panel, index) => ({ ...panel, order: orders[index] ?? 'a0' }));
}

/**
 * All panels in order: those of the template with what was changed of them, without those removed, and those that were
 * added. Anyone may write anything into a document: a field that makes no sense counts as not written.
 */
export function panelsOf(doc: Y.Doc, template: readonly Panel[]): Panel[] {
  const changes = changesOf(doc);
  const computed = template.flatMap((panel) => {
    const change = changes.get(panel.id);
    if (!change) return [panel];
    return change.fields.removed === true ? [] : [changed(panel, change)];
  });
  const known = new Set(template.map(({ id }) => id));
  const added = [...changes].flatMap(([id, change]): Panel[] => {
    if (known.has(id) || change.fields.removed === true) return [];
    const panel = Panel.safeParse({ title: '', width: 6, height: 6, settings: {}, ...clean(change), id });
    return panel.success ? [panel.data] : [];
  });
  return [...computed, ...added]
    .sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : a.id < b.id ? -1 : 1))
    .slice(0, MOST_PANELS);
}

/** Adds a panel before another, or at the end (null). `panels` are those there are now. */
export function addPanel(doc: Y.Doc, panels: readonly Panel[], panel: NewPanel, before: string | null): void {
  doc.transact(() => {
    const { id, kind, title, width, height, settings } = panel;
    write(doc, id, { kind, title, width, height });
    for (const [name, value] of Object.entries(settings)) dashboardOf(doc).set(`${id}/set/${name}`, value);
    place(doc, panels, id, before);
  });
}

/** Puts a panel before another, or at the end (null). `panels` are those there are now. */
export function movePanel(doc: Y.Doc, panels: readonly Panel[], id: string, before: string | null): void {
  if (id === before) return;
  doc.transact(() => place(doc, panels, id, before));
}

/** Gives a panel another size, in columns and rows. @throws ZodError when it is none that a panel can have */
export function resizePanel(doc: Y.Doc, id: string, size: Pick<Panel, 'width' | 'height'>): void {
  doc.transact(() => write(doc, id, Panel.pick({ width: true, height: true }).parse(size)));
}

/** Changes a panel's title and single settings; `undefined` takes a setting back to what the template says. */
export function configurePanel(
  doc: Y.Doc,
  id: string,
  { title, settings = {} }: { title?: string; settings?: { [name: string]: PanelSettings[string] | undefined } },
): void {
  doc.transact(() => {
    if (title !== undefined) write(doc, id, { title });
    for (const [name, value] of Object.entries(settings)) {
      if (value === undefined) dashboardOf(doc).delete(`${id}/set/${name}`);
      else dashboardOf(doc).set(`${id}/set/${name}`, value);
    }
  });
}

/** Removes a panel. `template` are the computed ones: such a panel is remembered as removed, another is forgotten. */
export function removePanel(doc: Y.Doc, template: readonly Panel[], id: string): void {
  doc.transact(() => {
    if (template.some((panel) => panel.id === id)) return write(doc, id, { removed: true });
    forget(doc, (key) => key.startsWith(`${id}/`));
  });
}

/** Begins anew with a template: all that was arranged is dropped. */
export function useTemplate(doc: Y.Doc, name: string): void {
  doc.transact(() => {
    forget(doc, (key) => key.includes('/') || key === 'template');
    if (name !== AUTOMATIC) dashboardOf(doc).set('template', name);
  });
}

interface Change {
  fields: Record<string, unknown>;
  settings: Record<string, unknown>;
}

function changesOf(doc: Y.Doc): Map<string, Change> {
  const found = new Map<string, Change>();
  for (const [key, value] of dashboardOf(doc)) {
    const end = key.indexOf('/');
    if (end < 1) continue;
    const id = key.slice(0, end);
    const change = found.get(id) ?? { fields: {}, settings: {} };
    found.set(id, change);
    const field = key.slice(end + 1);
    if (field.startsWith('set/')) change.settings[field.slice(4)] = value;
    else change.fields[field] = value;
  }
  return found;
}

const changed = (panel: Panel, change: Change): Panel => {
  const { settings, ...fields } = clean(change);
  // What a panel of the template is does not change, whatever is written.
  return { ...panel, ...fields, kind: panel.kind, settings: { ...panel.settings, ...settings } };
};

/** The parts of a change that are as they should be. */
function clean({ fields, settings }: Change): Partial<Omit<Panel, 'id'>> {
  const { kind, title, order, width, height } = Panel.shape;
  const parts = Object.entries({ kind, title, order, width, height }).flatMap(([name, schema]) => {
    const read = schema.safeParse(fields[name]);
    return read.success ? [[name, read.data]] : [];
  });
  const set = Object.entries(settings).flatMap(([name, value]) => {
    const read = Panel.shape.settings.valueType.safeParse(value);
    return read.success ? [[name, read.data]] : [];
  });
  return { ...Object.fromEntries(parts), settings: Object.fromEntries(set) };
}

function write(doc: Y.Doc, id: string, fields: Record<string, unknown>): void {
  const map = dashboardOf(doc);
  for (const [name, value] of Object.entries(fields)) {
    // What one does not change is left to who does.
    if (map.get(`${id}/${name}`) !== value) map.set(`${id}/${name}`, value);
  }
}

function forget(doc: Y.Doc, which: (key: string) => boolean): void {
  const map = dashboardOf(doc);
  for (const key of [...map.keys()]) if (which(key)) map.delete(key);
}

/** Writes an order between two neighbours. Neighbours that got one key by two people's moves get keys of their own first. */
function place(doc: Y.Doc, panels: readonly Panel[], id: string, before: string | null): void {
  const others = panels.filter((panel) => panel.id !== id);
  const at = others.findIndex((panel) => panel.id === before);
  const index = at < 0 ? others.length : at;
  const low = others[index - 1]?.order ?? null;
  let end = index;
  while (low !== null && others[end]?.order === low) end++;
  const keys = generateNKeysBetween(low, others[end]?.order ?? null, end - index + 1);
  write(doc, id, { order: keys[0] });
  others.slice(index, end).forEach((panel, offset) => {
    write(doc, panel.id, { order: keys[offset + 1] });
  });
}
