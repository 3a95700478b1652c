/**
 * Dashboards of rooms as shared documents: each experiment has one, handed to people over `/yjs/room/<experiment id>`.
 * They are kept as the documents of notebooks are, by the same store and the same rooms; they stand for no file.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { EntityManager } from '@mikro-orm/postgresql';
import { newDashboard } from '@trialroom/shared/room/dashboard';
import * as Y from 'yjs';
import type { Database } from '../database/database.ts';
import { Held } from '../documents/held.ts';
import { joinRelay, type Relay } from '../documents/relay.ts';
import { Room, whyNotEdit } from '../documents/room.ts';
import { createDocumentStore, type DocumentStore } from '../documents/store.ts';
import { type Authenticate, createDoor } from '../documents/upgrade.ts';
import type { Hub } from '../live/hub.ts';
import { type ExperimentTrials, findExperiment, trialsOfExperiment } from '../trials/of-experiment.ts';

export interface Rooms {
  /** What the room of an experiment shows. @throws Refusal (404) */
  trials(experiment: string, most: number): Promise<ExperimentTrials>;
  /** Takes an upgrade to `/yjs/room/…`; false when it is for someone else. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, authenticate: Authenticate): boolean;
  /** Takes the dashboards of experiments away, within the transaction that takes these away. */
  erase(em: EntityManager, experiments: readonly string[]): Promise<void>;
  /** Everything that people have arranged is durable. @throws when the store does not take it */
  flush(): Promise<void>;
  close(): Promise<void>;
}

interface Loaded {
  room: Room;
  relay: Relay;
}

/** Pages are reloaded and rooms come back to, in ms. */
const LINGER = 15_000;

export function createRooms(options: {
  database: Database;
  hub: Pick<Hub, 'publish' | 'subscribe'>;
  onError: (error: unknown) => void;
  /** Absent: SQL, in `database`. */
  store?: DocumentStore;
  /** How long a dashboard stays loaded after its last user, in ms. */
  linger?: number;
}): Rooms {
  const { database, hub, onError, store = createDocumentStore(database), linger = LINGER } = options;
  const server = randomUUID();

  async function load(id: string): Promise<Loaded> {
    const doc = new Y.Doc();
    const relay = await joinRelay({ hub, server, id, doc, onError });
    try {
      // Of two servers that begin it at once, one writes; both then read what was written.
      const begun = async () => {
        await store.seed(id, newDashboard(), null);
        return store.load(id);
      };
      const stored = (await store.load(id)) ?? (await begun());
      if (!stored) throw new Error(`the dashboard of ${id} was begun and is not there`);
      for (const update of stored.updates) Y.applyUpdate(doc, update);
      const room = new Room({
        notebook: id,
        doc,
        size: stored.size,
        generation: stored.generation,
        store,
        whyNot: (person) => whyNotEdit(person, 'dashboard'),
        onStored: relay.tell,
        onReplaced: () => onError(new Error(`the dashboard of ${id} was deleted while it was open`)),
        onError,
      });
      relay.begin();
      return { room, relay };
    } catch (error) {
      await relay.end();
      doc.destroy();
      throw error;
    }
  }

  async function shut({ room, relay }: Loaded): Promise<void> {
    await room.persistence.close().catch(onError);
    await relay.end();
    room.destroy();
  }

  const held = new Held<Loaded>({
    load,
    settle: async (_, { room }) => {
      await room.persistence.flush();
      return true;
    },
    unload: (_, loaded) => shut(loaded),
    linger,
    onError,
  });
  const door = createDoor(
    {
      exists: async (id) => {
        await findExperiment(database, id);
      },
      enter: async (id) => {
        const { loaded, release } = await held.enter(id);
        return { room: loaded.room, release };
      },
    },
    onError,
    'room',
  );

  return {
    upgrade: door.upgrade,
    trials: (experiment, most) => trialsOfExperiment(database, experiment, most),
    async erase(em, experiments) {
      for (const id of experiments) await store.forget(em, id);
    },
    async flush() {
      for (const { room } of held.all()) await room.persistence.flush();
    },
    async close() {
      door.close();
      await held.close();
    },
  };
}
