import { type JSX, Match, Switch } from 'solid-js';
import { may } from '../data/me.ts';
import { useRoom } from './context.ts';

/** What is to be said of the sheet itself: that it only can be read, is not saved yet, or is closed. Nothing when all is well. */
export function DashboardState(): JSX.Element {
  const { document } = useRoom().dashboard;
  const words = (): string | null => {
    if (document.closed() !== null) return `${document.closed()} What you see stays as it is.`;
    if (document.refused() !== null) return `Not taken: ${document.refused()}`;
    if (document.save().kind === 'offline' && document.unsaved())
      return 'There is no connection. What you arrange is kept on this computer until it is back.';
    return null;
  };
  return (
    <Switch>
      <Match when={words()}>
        {(text) => (
          <p class="sheet-state" role="status">
            {text()}
          </p>
        )}
      </Match>
      <Match when={document.loaded() && !may('edit')}>
        <p class="sheet-state quiet">Read-only: you see this sheet as others arrange it.</p>
      </Match>
    </Switch>
  );
}
