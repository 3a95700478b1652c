/** Who can be mentioned: read once, when someone first writes an `@`, and again when the list may have grown. */
import { people as endpoints } from '@trialroom/shared/api/endpoints';
import { createRoot, createSignal } from 'solid-js';
import { call } from '../data/api.ts';

export interface Someone {
  id: string;
  name: string;
  colour: string;
}

/** How long a list is taken for whole, in ms. */
const FRESH = 30_000;
const [people, setPeople] = createRoot(() => createSignal<readonly Someone[]>([]));
let readAt = 0;

/** Everyone known so far. */
export { people };

/** Reads the list if it is not fresh. Without a connection the known ones stay. */
export async function refreshPeople(): Promise<void> {
  if (Date.now() - readAt < FRESH) return;
  readAt = Date.now();
  try {
    setPeople((await call(endpoints.list)).people);
  } catch {
    readAt = 0;
  }
}

/** The first few whose name, or a part of it, begins with these letters; names that begin so themselves come first. */
export function matching(all: readonly Someone[], wanted: string, most = 6): Someone[] {
  const sought = wanted.toLocaleLowerCase();
  const rank = ({ name }: Someone): number => {
    const known = name.toLocaleLowerCase();
    if (known.startsWith(sought)) return 0;
    return known.split(/[\s-]+/).some((part) => part.startsWith(sought)) ? 1 : 2;
  };
  return all
    .map((one) => ({ one, rank: rank(one) }))
    .filter((found) => found.rank < 2)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, most)
    .map(({ one }) => one);
}

/** The `@` and letters right before the cursor, as far as they may become a mention. */
export function mentionAt(text: string, cursor: number): { from: number; wanted: string } | null {
  const found = /(?:^|[\s([{])@([\p{L}\p{N}.'-]*(?: [\p{L}\p{N}.'-]*)?)$/u.exec(text.slice(0, cursor));
  if (!found) return null;
  const wanted = found[1] ?? '';
  return { from: cursor - wanted.length - 1, wanted };
}
