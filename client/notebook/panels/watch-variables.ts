/**
 * The top-level variables of the notebook's kernel, read again when a run begins or ends and now and then while one goes
 * on. A hidden tab reads nothing, and a question is not asked while the one before it waits for its answer.
 */
import { sessions } from '@trialroom/shared/api/endpoints';
import type { Variable } from '@trialroom/shared/kernel/protocol';
import { type Accessor, createEffect, createSignal, on, onCleanup } from 'solid-js';
import { call } from '../../data/api.ts';
import type { Notebook } from '../model.ts';

/** How long between two readings while a cell runs, in ms. */
const EVERY = 2000;

/** The variables as they were read last, for the panel. */
export interface WatchedVariables {
  /** Null until they were read once. */
  readonly list: Accessor<readonly Variable[] | null>;
  /** The latest reading failed; what is listed is older. */
  readonly failed: Accessor<boolean>;
}

/** Reads them for as long as the owner lives, which is: while the panel is on the screen. */
export function watchVariables(notebook: Notebook): WatchedVariables {
  const [list, setList] = createSignal<readonly Variable[] | null>(null);
  const [failed, setFailed] = createSignal(false);
  const abort = new AbortController();
  let reading = false;
  let again = false;
  const read = async (): Promise<void> => {
    if (reading || document.hidden) {
      again = true;
      return;
    }
    reading = true;
    again = false;
    try {
      const { variables } = await call(sessions.variables, { params: { id: notebook.id }, signal: abort.signal });
      // A kernel that is too busy to answer has not lost what it held.
      const silent = variables.length === 0 && (list()?.length ?? 0) > 0 && notebook.session()?.kernel === 'busy';
      if (!silent) setList(variables);
      setFailed(silent);
    } catch {
      if (!abort.signal.aborted) setFailed(true);
    } finally {
      reading = false;
    }
    if (again && !abort.signal.aborted) void read();
  };
  const shown = (): void => {
    if (!document.hidden && again) void read();
  };
  createEffect(
    on(
      () => {
        const session = notebook.session();
        return [session?.kernel, session?.running?.id ?? null, session?.running?.startedAt ?? null] as const;
      },
      () => void read(),
    ),
  );
  const timer = setInterval(() => {
    if (notebook.session()?.kernel === 'busy') void read();
  }, EVERY);
  document.addEventListener('visibilitychange', shown);
  onCleanup(() => {
    abort.abort();
    clearInterval(timer);
    document.removeEventListener('visibilitychange', shown);
  });
  return { list, failed };
}
