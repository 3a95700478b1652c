/** Whether this notebook runs what depends on a cell after it: a setting in its own metadata, which the server obeys. */
import { metadataOf } from '@trialroom/shared/notebook/document';
import { type Accessor, createSignal, onCleanup } from 'solid-js';
import type * as Y from 'yjs';
import { STRUCTURE } from './cells.ts';

/** Our part of a notebook's metadata. */
const KEY = 'trialroom';

/** Our settings as they stand; what anyone wrote there that is no settings reads as none. */
function settingsOf(doc: Y.Doc): Record<string, unknown> {
  const value = metadataOf(doc).get(KEY);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** Whether dependents are run again. */
export const isReactive = (doc: Y.Doc): boolean => settingsOf(doc).reactive === true;

/** Changes it for everyone; other settings beside it stay. */
export function setReactive(doc: Y.Doc, reactive: boolean): void {
  const { reactive: _before, ...others } = settingsOf(doc);
  const settings = reactive ? { ...others, reactive } : others;
  doc.transact(() => {
    if (Object.keys(settings).length > 0) metadataOf(doc).set(KEY, settings);
    else metadataOf(doc).delete(KEY);
  }, STRUCTURE);
}

/** The setting as a signal, until the owner is disposed. */
export function createReactive(doc: Y.Doc): Accessor<boolean> {
  const metadata = metadataOf(doc);
  const [reactive, set] = createSignal(isReactive(doc));
  const read = (): void => void set(isReactive(doc));
  metadata.observe(read);
  onCleanup(() => metadata.unobserve(read));
  return reactive;
}
