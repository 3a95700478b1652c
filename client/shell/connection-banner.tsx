import { createEffect, createSignal, type JSX, onCleanup, Show } from 'solid-js';
import { clock } from '../components/figures.ts';
import { brokenSince, connection } from '../data/live.ts';

/** Breaks shorter than this, in ms, mend themselves before anyone could read about them. */
const PATIENCE = 1500;

/** Says that what is shown may be old, since when, and that it mends itself. Nothing is claimed about what was not sent. */
export function ConnectionBanner(): JSX.Element {
  const [shown, setShown] = createSignal(false);
  createEffect(() => {
    const since = brokenSince();
    if (since === null) return setShown(false);
    const timer = setTimeout(() => setShown(true), Math.max(0, since + PATIENCE - Date.now()));
    onCleanup(() => clearTimeout(timer));
  });
  // Nothing may look alive whose news cannot arrive: see `shell.css`.
  createEffect(() => document.documentElement.toggleAttribute('data-cut-off', shown()));
  const text = () => {
    const since = brokenSince();
    const when = since === null ? '' : ` since ${clock(since, Date.now())}`;
    if (connection() === 'offline')
      return `This computer is offline${when}. Curves stand still; what you type is kept here and sent when the connection is back.`;
    if (connection() === 'connecting') return 'The server has not answered yet. Trying again…';
    return `No connection to the server${when}. Curves stand still; trials go on without this page. Trying again…`;
  };
  return (
    <div role="status" aria-live="polite">
      <Show when={shown()}>
        <p class="banner">{text()}</p>
      </Show>
    </div>
  );
}
