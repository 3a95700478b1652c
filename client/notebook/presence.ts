/** Who else has this notebook open and where their cursors are, read from what they say of themselves. */
import type { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { z } from 'zod';

const Said = z.object({
  user: z.object({ id: z.string(), name: z.string(), colour: z.string().regex(/^[a-f]$/) }),
  cursor: z
    .object({ cell: z.string(), anchor: z.record(z.string(), z.unknown()), head: z.record(z.string(), z.unknown()) })
    .nullish(),
});

/** Where someone else's cursor is in a text, and in whose pen. */
export interface RemoteCursor {
  name: string;
  /** A CSS colour. */
  pen: string;
  anchor: number;
  head: number;
}

/** Someone who has this notebook open; several windows of one person count once. */
export interface Present {
  id: string;
  name: string;
  colour: string;
  /** The cell whose text they are in, in another window than this. */
  cell: string | null;
}

/** The colour of a person's pen, for a style. */
export const penOf = (colour: string): string => `var(--pen-${colour})`;

/** The cursors of others within this text. Sayings that make no sense are passed over. */
export function remoteCursors(awareness: Awareness, text: Y.Text, cell: string): RemoteCursor[] {
  const found: RemoteCursor[] = [];
  const doc = text.doc;
  if (!doc) return found;
  for (const [client, state] of awareness.getStates()) {
    if (client === awareness.clientID) continue;
    const said = Said.safeParse(state);
    if (!said.success || said.data.cursor?.cell !== cell) continue;
    const { user, cursor } = said.data;
    const anchor = absolute(cursor.anchor, doc, text);
    const head = absolute(cursor.head, doc, text);
    if (anchor !== null && head !== null) found.push({ name: user.name, pen: penOf(user.colour), anchor, head });
  }
  return found;
}

function absolute(relative: unknown, doc: Y.Doc, text: Y.Text): number | null {
  const position = Y.createAbsolutePositionFromRelativePosition(Y.createRelativePositionFromJSON(relative), doc);
  return position && position.type === text ? position.index : null;
}

/** Everyone here, this browser's person first, then by name. */
export function everyone(awareness: Awareness): Present[] {
  const people = new Map<string, Present>();
  const add = (state: unknown, elsewhere: boolean): void => {
    const said = Said.safeParse(state);
    if (!said.success) return;
    const { user } = said.data;
    const cursor = elsewhere ? said.data.cursor : null;
    const known = people.get(user.id);
    if (!known) people.set(user.id, { ...user, cell: cursor?.cell ?? null });
    else known.cell ??= cursor?.cell ?? null;
  };
  add(awareness.getLocalState(), false);
  const mine = people.size;
  for (const [client, state] of awareness.getStates()) if (client !== awareness.clientID) add(state, true);
  const all = [...people.values()];
  return [...all.slice(0, mine), ...all.slice(mine).sort((a, b) => a.name.localeCompare(b.name))];
}
