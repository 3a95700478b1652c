/** What was logged as a file, read: each content once, since what a hash names never changes. */
import { type Media, Table } from '@trialroom/shared/trial/media';
import { ProblemError } from '../../data/api.ts';
import { blobUrl } from './media.ts';

/** Contents that are held, the least lately used given up first. */
const HELD = 24;
const held = new Map<string, Promise<unknown>>();

async function textOf(blob: { sha256: string; type: string }): Promise<string> {
  const response = await fetch(blobUrl(blob), { credentials: 'same-origin' }).catch(() => null);
  if (response?.ok) return response.text();
  throw new ProblemError(response?.status ?? 0, {
    error: 'unreadable',
    message: response ? 'What was logged here is gone from the server’s files.' : 'The server cannot be reached.',
    ...(response ? {} : { fix: 'Check that it is running and that you are connected, then try again.' }),
  });
}

function once<T>(name: string, read: () => Promise<T>): Promise<T> {
  // One name always holds what the same reading gave.
  const known = held.get(name) as Promise<T> | undefined;
  const found = known ?? read();
  held.delete(name);
  held.set(name, found);
  if (!known) found.catch(() => held.delete(name));
  for (const old of held.keys()) {
    if (held.size <= HELD) break;
    held.delete(old);
  }
  return found;
}

/** @throws ProblemError */
export const readTable = (media: Extract<Media, { media: 'table' }>): Promise<Table> =>
  once(`table ${media.sha256}`, async () => Table.parse(JSON.parse(await textOf(media))));

/** @throws ProblemError */
export const readText = (media: Extract<Media, { media: 'text' }>): Promise<string> =>
  once(`text ${media.sha256}`, () => textOf(media));
