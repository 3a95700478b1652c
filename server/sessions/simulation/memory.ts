/** For the simulation: stores in memory, for thousands of worlds. The same worlds run on the real ones as well. */
import { foldOutput } from '@trialroom/shared/notebook/outputs';
import * as Y from 'yjs';
import type { Blobs } from '../../blobs/blobs.ts';
import type { DocumentStore } from '../../documents/store.ts';
import type { Beginning, Ending } from '../outputs/batch.ts';
import { SERVER_GONE, type SessionStore, type StoredCell } from '../outputs/store.ts';

/** A store of one document, which is filled already. */
export function documentStore(filled: Uint8Array): DocumentStore {
  let updates = [filled];
  const size = () => ({ snapshot: updates[0]?.byteLength ?? 0, pending: 0, updates: updates.length - 1 });
  return {
    load: async () => ({ updates: [...updates], size: size(), generation: 1 }),
    seed: async () => false,
    append: async (_notebook, update) => void updates.push(update),
    writers: async () => ({ people: new Map(), returned: [], deleted: new Map() }),
    compact: async () => {
      updates = [Y.mergeUpdates(updates)];
      return size();
    },
    renew: async () => false,
    forget: async () => {},
  };
}

/** A store of one notebook's executions. */
export function sessionStore(): SessionStore {
  const begun = new Map<string, Beginning & Pick<StoredCell, 'outputs' | 'seq'> & { ending: Ending | null }>();
  const cells = (): StoredCell[] => {
    const newest = new Map([...begun.values()].map((one) => [one.execution.cell, one]));
    return [...newest.values()].map(({ execution, ordinal, ending, outputs, seq }) => ({
      ...execution,
      execution: execution.id,
      ordinal,
      end: ending?.end ?? null,
      ms: ending?.ms ?? null,
      outputs,
      seq,
    }));
  };
  return {
    write: async ({ beginnings, sayings, foldings, endings }) => {
      for (const beginning of beginnings) {
        begun.set(beginning.execution.id, { ...beginning, outputs: [], seq: 0, ending: null });
      }
      for (const { execution, seq, events } of sayings) {
        const one = begun.get(execution);
        if (one) Object.assign(one, { seq, outputs: events.reduce(foldOutput, one.outputs) });
      }
      for (const { execution, outputs } of foldings) Object.assign(begun.get(execution) ?? {}, { outputs });
      for (const ending of endings) Object.assign(begun.get(ending.execution) ?? {}, { ending });
    },
    load: async () => cells(),
    forget: async (executions) => {
      for (const execution of executions) begun.delete(execution);
    },
    forgetNotebook: async () => begun.clear(),
    closeOrphans: async () => {
      const open = [...begun.values()].filter(({ ending }) => ending === null);
      const shown = new Set(cells().map(({ execution }) => execution));
      for (const one of open) {
        one.ending = { execution: one.execution.id, end: 'aborted', ms: null, at: 0 };
        const error = { type: 'error', error: SERVER_GONE } as const;
        if (shown.has(one.execution.id)) one.outputs = foldOutput(one.outputs, error);
      }
      return open.length;
    },
  };
}

const nothingLarge = async (): Promise<never> => {
  throw new Error('nothing large is said in these worlds');
};

/** Where nothing is kept: what these kernels say is small. */
export const NO_BLOBS: Blobs = {
  put: nothingLarge,
  putStream: nothingLarge,
  spill: nothingLarge,
  find: async () => null,
  findSpill: async () => null,
  dropSpills: async () => {},
};
