/**
 * What a notebook asks of the server, for everyone: settings in its own metadata, under `trialroom`. Anyone may have
 * written anything there; what is no setting reads as none.
 */
import { wantedBackend } from '@trialroom/shared/kernel/backends';
import { metadataOf } from '@trialroom/shared/notebook/document';
import { writesOutputs } from '@trialroom/shared/notebook/quiet';
import { type Accessor, createSignal, onCleanup } from 'solid-js';
import type * as Y from 'yjs';
import { STRUCTURE } from './cells.ts';

/** Our part of a notebook's metadata. */
const KEY = 'trialroom';

function settingsOf(doc: Y.Doc): Record<string, unknown> {
  const value = metadataOf(doc).get(KEY);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** Changes one setting, or takes it away; others beside it stay. */
function change(doc: Y.Doc, name: string, value: unknown): void {
  const { [name]: _before, ...others } = settingsOf(doc);
  const settings = value === undefined ? others : { ...others, [name]: value };
  doc.transact(() => {
    if (Object.keys(settings).length > 0) metadataOf(doc).set(KEY, settings);
    else metadataOf(doc).delete(KEY);
  }, STRUCTURE);
}

/** Whether what depends on a cell is run again after it. */
export const isReactive = (doc: Y.Doc): boolean => settingsOf(doc).reactive === true;

/** Lets what depends on a cell run after it, or not; for everyone. */
export const setReactive = (doc: Y.Doc, reactive: boolean): void => change(doc, 'reactive', reactive || undefined);

/** Whether outputs and counts go into the file; where they do not, they are on the server alone. */
export const savesOutputs = (doc: Y.Doc): boolean => writesOutputs({ [KEY]: settingsOf(doc) });

/** Lets outputs be written into the file, or keeps them out of it; for everyone. */
export const setSavesOutputs = (doc: Y.Doc, saves: boolean): void => change(doc, 'outputs', saves ? undefined : false);

/** The tensor engine that the notebook asks for, whether there is one of that name or not; null: the best there is. */
export const backendOf = (doc: Y.Doc): string | null => wantedBackend(metadataOf(doc).toJSON()) ?? null;

/** Asks for a tensor engine by name; null leaves the choice to the machine. For everyone. */
export const setBackend = (doc: Y.Doc, backend: string | null): void => change(doc, 'backend', backend ?? undefined);

/** Something of the settings as a signal, until the owner is disposed. */
export function createSetting<T>(doc: Y.Doc, read: (doc: Y.Doc) => T): Accessor<T> {
  const metadata = metadataOf(doc);
  const [setting, set] = createSignal(read(doc));
  const update = (): void => void set(() => read(doc));
  metadata.observe(update);
  onCleanup(() => metadata.unobserve(update));
  return setting;
}
