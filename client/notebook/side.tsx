/** Beside the sheet: one panel at a time, chosen by its tab. What a panel shows is in `panels/`. */

import { type Component, For, type JSX, Show, Suspense } from 'solid-js';
import { Dynamic } from 'solid-js/web';
import { type Notebook, useNotebook } from './model.ts';
import { CommentsPanel } from './panels/comments.tsx';
import { Console } from './panels/console.tsx';
import { HistoryPanel } from './panels/history.tsx';
import { Outline } from './panels/outline.tsx';
import { TrialsHere } from './panels/trials-here.tsx';
import { Variables } from './panels/variables.tsx';

/** One panel and its tab; another panel is another line in `TABS`. */
interface Tab {
  id: string;
  text: string;
  Panel: Component;
  /** What of it waits for this person; shown when there is any. */
  waiting?: (notebook: Notebook) => number;
}

const OUTLINE: Tab = { id: 'outline', text: 'Outline', Panel: Outline };
const TRIALS: Tab = { id: 'trials', text: 'Trials', Panel: TrialsHere };
const TABS: readonly Tab[] = [
  OUTLINE,
  { id: 'variables', text: 'Variables', Panel: Variables },
  { id: 'history', text: 'History', Panel: HistoryPanel },
  { id: 'comments', text: 'Comments', Panel: CommentsPanel, waiting: ({ comments }) => comments.unread() },
  { id: 'console', text: 'Console', Panel: Console },
  TRIALS,
];

/** The panel at the right; on a wide screen the outline has a column of its own. */
export function SidePanel(props: { wide: boolean }): JSX.Element {
  const notebook = useNotebook();
  const shown = () => TABS.filter((tab) => !props.wide || tab !== OUTLINE);
  const fallback = (): Tab => (props.wide ? TRIALS : OUTLINE);
  const tab = (): Tab => shown().find(({ id }) => id === notebook.panel()) ?? fallback();
  const step = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (by === 0) return;
    const tabs = shown();
    const next = tabs[(tabs.indexOf(tab()) + by + tabs.length) % tabs.length];
    if (next === undefined) return;
    event.preventDefault();
    notebook.setPanel(next.id);
    document.getElementById(`tab-${next.id}`)?.focus();
  };
  return (
    <aside class="nb-side" aria-label="About this notebook">
      <div class="tabs" role="tablist" onKeyDown={step}>
        <For each={shown()}>
          {(one) => (
            <button
              type="button"
              role="tab"
              id={`tab-${one.id}`}
              aria-selected={tab() === one}
              aria-controls="side-panel"
              tabindex={tab() === one ? 0 : -1}
              onClick={() => notebook.setPanel(one.id)}
            >
              {one.text}
              <Show when={one.waiting?.(notebook)}>
                {(waiting) => (
                  <b class="num waiting">
                    {waiting()}
                    <span class="vh"> unread</span>
                  </b>
                )}
              </Show>
            </button>
          )}
        </For>
      </div>
      <div role="tabpanel" id="side-panel" aria-labelledby={`tab-${tab().id}`}>
        {/* What a panel waits for must not take the page, and the focus with it. */}
        <Suspense>
          <Dynamic component={tab().Panel} />
        </Suspense>
      </div>
    </aside>
  );
}
