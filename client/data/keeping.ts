/**
 * Decides when what was written in this page is kept on this computer: while there is no connection, or when the server
 * takes long to confirm. It forgets it as soon as the server has said that it is durable.
 */
import { type Accessor, createSignal } from 'solid-js';
import * as Y from 'yjs';
import { adoptDraft, draftsOf, dropDraft, keepDraft } from './drafts.ts';

/** How long after an edit it is kept, in ms: without a connection, and with one that does not answer. */
const PAUSE = { offline: 250, online: 2_000 };

/** Origin of edits that come from a draft. */
export const DRAFT = Symbol('draft');

export interface Keeping {
  /** How many edits are not known to be durable. */
  readonly count: Accessor<number>;
  /** True when all of them are on this computer's disk. */
  readonly onDisk: Accessor<boolean>;
  /** Something was written here. */
  edited(): void;
  /** All that was written here is durable. */
  settled(): void;
  /** The document was read from the server, or the connection broke: what it holds is worth remembering if all is durable. */
  mark(): void;
  /** The person is known and the document was read: takes over what earlier pages left. */
  adopt(key: string): Promise<void>;
  /** Keeps what there is now. Rejects when this browser keeps nothing. */
  keep(): Promise<void>;
  /** Forgets all that was kept, on the person's word. */
  discard(): Promise<void>;
  destroy(): void;
}

export function createKeeping(doc: Y.Doc, state: { unsaved(): boolean; connected(): boolean }): Keeping {
  const id = crypto.randomUUID();
  const [count, setCount] = createSignal(0);
  const [onDisk, setOnDisk] = createSignal(false);
  let key: string | null = null;
  let base: { update: Uint8Array; vector: Uint8Array } | null = null;
  let due: ReturnType<typeof setTimeout> | undefined;
  let kept = false;
  let adopted: string[] = [];

  const forget = async (): Promise<void> => {
    const gone = kept ? [id, ...adopted] : adopted;
    kept = false;
    adopted = [];
    setOnDisk(false);
    await Promise.all(gone.map(dropDraft));
  };

  const keep = async (): Promise<void> => {
    clearTimeout(due);
    due = undefined;
    if (key === null || base === null || !state.unsaved()) return;
    kept = true;
    const now = count();
    await keepDraft({ id, key, base: base.update, edits: Y.encodeStateAsUpdate(doc, base.vector), count: now });
    if (state.unsaved()) setOnDisk(count() === now);
    else await forget();
  };
  // A browser that keeps nothing is said to be so by `onDisk`; there is nothing else to do about it.
  const tryToKeep = (): void => void keep().catch(() => setOnDisk(false));

  return {
    count,
    onDisk,
    edited() {
      setCount((before) => before + 1);
      setOnDisk(false);
      if (due === undefined || !state.connected()) {
        clearTimeout(due);
        due = setTimeout(tryToKeep, state.connected() ? PAUSE.online : PAUSE.offline);
      }
    },
    settled() {
      clearTimeout(due);
      due = undefined;
      setCount(0);
      void forget().catch(() => {});
    },
    mark() {
      if (!state.unsaved()) base = { update: Y.encodeStateAsUpdate(doc), vector: Y.encodeStateVector(doc) };
      else if (!state.connected()) tryToKeep();
    },
    async adopt(name) {
      key = name;
      const left = (await draftsOf(name).catch(() => [])).filter((draft) => draft.id !== id);
      for (const draft of left) {
        adoptDraft(doc, draft, DRAFT);
        adopted.push(draft.id);
        if (state.unsaved()) setCount((before) => Math.max(before, draft.count));
      }
      if (!state.unsaved()) await forget().catch(() => {});
    },
    keep,
    async discard() {
      clearTimeout(due);
      setCount(0);
      await forget();
    },
    destroy() {
      tryToKeep();
      clearTimeout(due);
    },
  };
}
