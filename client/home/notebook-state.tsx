import type { NotebookListing } from '@trialroom/shared/live/events';
import { type JSX, Match, Switch } from 'solid-js';
import { StatusGlyph } from '../components/status-glyph.tsx';
import { Unread } from './unread.tsx';

/** What is to be known of a notebook in a list: that it cannot be read, its language if not ours, or what its kernel does. */
export function NotebookState(props: { notebook: NotebookListing }): JSX.Element {
  return (
    <>
      <Unread notebook={props.notebook.id} />
      <Switch>
        <Match when={props.notebook.problem}>
          {(problem) => (
            <span title={problem()}>
              <StatusGlyph status="failed" text label="Cannot be read" />
            </span>
          )}
        </Match>
        <Match when={props.notebook.language}>
          {(language) => (
            <span class="i3 sm" title={`A ${language()} notebook: it can be read here, but neither changed nor run.`}>
              {language()}, read only
            </span>
          )}
        </Match>
        <Match when={props.notebook.kernel === 'busy'}>
          <StatusGlyph status="running" text />
        </Match>
        <Match when={props.notebook.kernel === 'starting'}>
          <StatusGlyph status="queued" text label="Starting" />
        </Match>
        <Match when={props.notebook.kernel === 'dead'}>
          <StatusGlyph status="failed" text label="Kernel died" />
        </Match>
        <Match when={props.notebook.kernel === 'idle'}>
          <span class="i3 sm">kernel idle</span>
        </Match>
      </Switch>
    </>
  );
}
