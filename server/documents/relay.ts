/** How servers of one workspace tell each other what they stored of a document: each applies it, none stores it twice. */
import * as Y from 'yjs';
import { z } from 'zod';
import type { Hub } from '../live/hub.ts';
import { RELAYED } from './room.ts';

/** What one server tells the others when it has stored a batch of updates. */
const Relayed = z.object({ server: z.string(), update: z.base64() });

export interface Relay {
  /** Tells the others of a batch that was stored here. */
  tell(batch: Uint8Array): void;
  /** Applies what was heard so far, and from now on whatever is heard. The document holds all that was stored before. */
  begin(): void;
  /** Hears no more. */
  end(): Promise<void>;
}

/**
 * Listens to what other servers store of the document with this id. What they store while this one still reads is heard
 * and applied after; applying twice does no harm.
 */
export async function joinRelay(options: {
  hub: Pick<Hub, 'publish' | 'subscribe'>;
  /** Names this server among those of the workspace. */
  server: string;
  id: string;
  doc: Y.Doc;
  onError: (error: unknown) => void;
}): Promise<Relay> {
  const { hub, server, id, doc, onError } = options;
  const channel = `document:${id}`;
  const early: Uint8Array[] = [];
  let take = (update: Uint8Array): void => {
    early.push(update);
  };
  const end = await hub.subscribe(channel, (message) => {
    const heard = Relayed.safeParse(message);
    if (heard.success && heard.data.server !== server) take(Buffer.from(heard.data.update, 'base64'));
  });
  return {
    tell: (batch) => {
      hub.publish(channel, { server, update: Buffer.from(batch).toString('base64') }).catch(onError);
    },
    begin: () => {
      take = (update) => Y.applyUpdate(doc, update, RELAYED);
      for (const update of early.splice(0)) take(update);
    },
    end,
  };
}
