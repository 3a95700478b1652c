/**
 * What a session without a notebook stands on: no document, no file, no store. Programs start such kernels to compute
 * something and go; all that is left of them is gone with them.
 */

import type { SessionStore } from './outputs/store.ts';
import type { SessionPorts } from './ports.ts';

const PREFIX = 'kernel:';

/** The id of a session without a notebook. */
export const detachedId = (id: string): string => PREFIX + id;

const keepsNothing: SessionStore = {
  write: async () => {},
  load: async () => [],
  forget: async () => {},
  forgetNotebook: async () => {},
  closeOrphans: async () => 0,
};

/** The ports of a session without a notebook, whose cells run in `folder`. */
export const detachedPorts = (ports: SessionPorts, name: string, folder: string): SessionPorts => ({
  ...ports,
  store: keepsNothing,
  detached: true,
  folderOf: async () => folder,
  backendOf: async () => undefined,
  documents: {
    open: async () => {
      throw new Error('a kernel without a notebook has no document');
    },
    touch: () => {},
    fileState: () => ({ path: name, state: 'synced', message: null, savedAt: null }),
  },
});
