/** The versions of a notebook as a list that grows: at its end when older ones are asked for, at its head by what is told live. */
import { history } from '@trialroom/shared/api/endpoints';
import type { Version } from '@trialroom/shared/history/history';
import { createEffect, createSignal, on, onCleanup } from 'solid-js';
import { call } from '../../data/api.ts';
import { connection, listenTo } from '../../data/live.ts';
import type { Notebook } from '../model.ts';
import { withVersion } from './days.ts';

/** Versions read at once. */
const PAGE = 50;

/** Follows the versions of the notebook until the owner is disposed. */
export function createTimeline(notebook: Notebook) {
  const [versions, setVersions] = createSignal<readonly Version[] | null>(null);
  const [more, setMore] = createSignal(false);
  const [failure, setFailure] = createSignal<unknown>(null);
  const ending = new AbortController();
  onCleanup(() => ending.abort());

  /** Reads the newest, or those behind `before`. */
  async function read(before?: string): Promise<void> {
    const query = { limit: PAGE, ...(before === undefined ? {} : { before }) };
    try {
      const page = await call(history.list, { params: { id: notebook.id }, query, signal: ending.signal });
      setFailure(null);
      setMore(page.more);
      setVersions((known) => (before === undefined ? page.versions : [...(known ?? []), ...page.versions]));
    } catch (error) {
      if (!ending.signal.aborted) setFailure(error);
    }
  }

  const add = (version: Version): void => void setVersions((known) => known && withVersion(known, version));
  // After a broken connection some may have been missed.
  createEffect(
    on(connection, (now) => {
      if (now === 'online' || versions() === null) void read();
    }),
  );
  listenTo('version', (told) => {
    if (told.notebook === notebook.id) add(told.version);
  });

  return {
    /** Newest first; null while they are read for the first time. */
    versions,
    more,
    failure,
    retry: () => void read(),
    readMore: () => void read(versions()?.at(-1)?.id),
    add,
  };
}
