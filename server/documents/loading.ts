/**
 * How a document comes to be open here: what is stored of it is read, or once in its life its file; its file is kept in
 * step, and what other servers store of it meanwhile is taken in. Who needs it and how long is not asked here.
 */
import { randomUUID } from 'node:crypto';
import type { FileState } from '@trialroom/shared/live/events';
import { foreignDocument, foreignReason } from '@trialroom/shared/notebook/foreign';
import type { Person } from '@trialroom/shared/policy/policy';
import * as Y from 'yjs';
import type { Hub } from '../live/hub.ts';
import type { Notebooks } from '../notebooks/notebooks.ts';
import type { Follower, OutputsForFile } from './documents.ts';
import { Projection } from './projection.ts';
import { joinRelay, type Relay } from './relay.ts';
import { Room, whyNotEdit } from './room.ts';
import { seedDocument } from './seed.ts';
import type { DocumentStore, OnMoved } from './store.ts';

/** A document that is open here, with all that goes with it. */
export interface Loaded {
  room: Room;
  projection: Projection;
  followers: Follower[];
  /** Hears no more of what other servers store. */
  unsubscribe: () => Promise<void>;
}

/** Makes what loads a document by its notebook's id. That throws a `Refusal` when it cannot be read. */
export function createLoader(options: {
  notebooks: Notebooks;
  hub: Pick<Hub, 'publish' | 'subscribe'>;
  store: DocumentStore;
  onError: (error: unknown) => void;
  /** Resolves when the document is not being made anew. */
  renewed: (id: string) => Promise<void> | undefined;
  outputs: OutputsForFile;
  /** Has the document followed; it holds all that is stored, and nobody is in it yet. */
  follow: (id: string, doc: Y.Doc) => Follower[];
  /** Another server has made the document anew. */
  onReplaced: (id: string) => void;
  /** Told of text that went elsewhere, in turn. */
  moveHandlers: readonly OnMoved[];
  onCellChange: (id: string, cell: string, change: 'edited' | 'deleted') => void;
  onState: (id: string, file: FileState) => void;
}): (id: string) => Promise<Loaded> {
  const { notebooks, hub, store, onError, renewed, outputs, follow, onReplaced, moveHandlers, onCellChange, onState } =
    options;
  const server = randomUUID();

  return async (id) => {
    const notebook = await notebooks.get(id);
    const doc = new Y.Doc();
    const relay: Relay = await joinRelay({ hub, server, id, doc, onError });
    try {
      // A document that nobody was in is perhaps being made anew.
      await renewed(id);
      const stored = (await store.load(id)) ?? (await seedDocument(store, notebooks.folder, notebook));
      for (const update of stored.updates) Y.applyUpdate(doc, update);
      const room: Room = new Room({
        notebook: id,
        doc,
        size: stored.size,
        generation: stored.generation,
        store,
        onReplaced: () => onReplaced(id),
        onMoved: async (...parts) => {
          const done: (() => void)[] = [];
          for (const handler of moveHandlers) done.push(await handler(...parts));
          return () => {
            for (const then of done) then();
          };
        },
        onError,
        onEdited: () => projection.touch(),
        onCellChange: (cell, change) => onCellChange(id, cell, change),
        onStored: relay.tell,
        whyNot: (person) => whyNotChange(person, doc),
      });
      const projection = new Projection({
        // The path is asked for each time: the file may be moved while the document is open.
        notebook: { id, path: () => notebooks.pathOf(id) ?? notebook.path },
        notebooks,
        doc,
        outputs: () => outputs(id),
        durable: () => room.persistence.flush(),
        onState: (file) => onState(id, file),
        onError,
      });
      relay.begin();
      const followers = follow(id, doc);
      await projection.look();
      projection.catchUp();
      return { room, projection, followers, unsubscribe: relay.end };
    } catch (error) {
      await relay.end();
      doc.destroy();
      throw error;
    }
  };
}

/** Why this person may not change this notebook; null when they may. */
function whyNotChange(person: Person, doc: Y.Doc): string | null {
  const language = foreignDocument(doc);
  return whyNotEdit(person, 'notebook') ?? (language === null ? null : foreignReason(language));
}
