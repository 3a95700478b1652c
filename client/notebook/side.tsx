/** Beside the sheet: the outline of the notebook, its variables, its console, and the trials that its cells started. */

import { A } from '@solidjs/router';
import { trials as trialEndpoints } from '@trialroom/shared/api/endpoints';
import type { Trial } from '@trialroom/shared/trial/trial';
import {
  createEffect,
  createMemo,
  createResource,
  createSignal,
  For,
  type JSX,
  Match,
  on,
  onCleanup,
  Show,
  Switch,
} from 'solid-js';
import { ago } from '../components/figures.ts';
import { now } from '../components/now.ts';
import { StatusGlyph } from '../components/status-glyph.tsx';
import { call } from '../data/api.ts';
import { watchTopic } from '../data/live.ts';
import { headingsOf } from './markdown.ts';
import { type Notebook, useNotebook } from './model.ts';
import { type CellDigest, outlineOf } from './outline.ts';
import { Console } from './panels/console.tsx';
import { Variables } from './panels/variables.tsx';

/** How long after the last change the outline is read again, in ms. */
const SETTLE = 300;

function createDigests(notebook: Notebook): () => CellDigest[] {
  const [version, setVersion] = createSignal(0);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const touched = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => setVersion((count) => count + 1), SETTLE);
  };
  notebook.shared.doc.on('update', touched);
  onCleanup(() => {
    clearTimeout(timer);
    notebook.shared.doc.off('update', touched);
  });
  const headings = createMemo(() => {
    version();
    return new Map(
      notebook.cells.ids().flatMap((id) => {
        const cell = notebook.cells.get(id);
        return cell?.type() === 'markdown' ? [[id, headingsOf(cell.text.toString())] as const] : [];
      }),
    );
  });
  return () =>
    notebook.cells.ids().map((id) => ({
      id,
      headings: headings().get(id) ?? [],
      code: notebook.cells.get(id)?.type() === 'code',
      status: notebook.statusOf(id),
      validity: notebook.stateOf(id)?.validity ?? 'fresh',
      count: notebook.stateOf(id)?.count ?? null,
    }));
}

export function Outline(): JSX.Element {
  const notebook = useNotebook();
  const digests = createDigests(notebook);
  const entries = createMemo(() => outlineOf(digests()));
  const here = createMemo(() => {
    const ids = notebook.cells.ids();
    const at = ids.indexOf(notebook.selected() ?? '');
    return entries().findLast((entry) => ids.indexOf(entry.cell) <= at)?.key;
  });
  return (
    <Show
      when={entries().length > 0}
      fallback={<p class="i3 sm side-empty">Headings in text cells make the outline.</p>}
    >
      <ol class="outline">
        <For each={entries()}>
          {(entry) => (
            <li
              classList={{ h: entry.level === 1, on: here() === entry.key }}
              style={{ '--depth': Math.max(0, entry.level - 2) }}
            >
              <a
                href={`#cell-${entry.cell}`}
                aria-current={here() === entry.key ? 'true' : undefined}
                onClick={(event) => {
                  event.preventDefault();
                  notebook.select(entry.cell, 'cell');
                  document.getElementById(`cell-${entry.cell}`)?.scrollIntoView({ block: 'start' });
                }}
              >
                <Show when={entry.level > 1 && entry.face}>{(face) => <StatusGlyph status={face()} />}</Show>
                <span>{entry.text}</span>
              </a>
              <Show when={entry.level > 1 && entry.count !== null}>
                <b class="num">{entry.count}</b>
              </Show>
            </li>
          )}
        </For>
      </ol>
    </Show>
  );
}

export function TrialsHere(): JSX.Element {
  const notebook = useNotebook();
  const home = watchTopic('home');
  const [listed, { refetch }] = createResource(async () => {
    const { trials } = await call(trialEndpoints.list, { query: { limit: 200 } });
    return trials.filter((trial) => trial.notebook?.id === notebook.id);
  });
  const live = createMemo(() =>
    (home.value?.trials ?? []).map(({ trial }) => trial).filter((trial) => trial.notebook?.id === notebook.id),
  );
  createEffect(
    on(
      () => live().length,
      () => void refetch(),
      { defer: true },
    ),
  );
  const all = createMemo((): Trial[] => {
    const byId = new Map((listed.latest ?? []).map((trial) => [trial.id, trial]));
    for (const trial of live()) byId.set(trial.id, trial);
    return [...byId.values()].sort((a, b) => b.createdAt - a.createdAt).slice(0, 50);
  });
  return (
    <Show
      when={all().length > 0}
      fallback={<p class="i3 sm side-empty">Trials that this notebook starts are listed here.</p>}
    >
      <ul class="trials-here">
        <For each={all()}>
          {(trial) => (
            <li>
              <A href={`/trials/${trial.id}`}>
                <StatusGlyph status={trial.status} />
                <b>{trial.name}</b>
              </A>
              <span class="sm i3 num">{ago(trial.createdAt, now())}</span>
            </li>
          )}
        </For>
      </ul>
    </Show>
  );
}

const TABS = [
  { id: 'outline', text: 'Outline' },
  { id: 'variables', text: 'Variables' },
  { id: 'console', text: 'Console' },
  { id: 'trials', text: 'Trials' },
] as const;
type Tab = (typeof TABS)[number]['id'];

/** The panel at the right; on a wide screen the outline has a column of its own. */
export function SidePanel(props: { wide: boolean }): JSX.Element {
  const [chosen, setChosen] = createSignal<Tab>('outline');
  const shown = () => TABS.filter(({ id }) => !props.wide || id !== 'outline');
  const tab = (): Tab => (props.wide && chosen() === 'outline' ? 'trials' : chosen());
  const step = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (by === 0) return;
    const ids = shown().map(({ id }) => id);
    const next = ids[(ids.indexOf(tab()) + by + ids.length) % ids.length];
    if (next === undefined) return;
    event.preventDefault();
    setChosen(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <aside class="nb-side" aria-label="About this notebook">
      <div class="tabs" role="tablist" onKeyDown={step}>
        <For each={shown()}>
          {({ id, text }) => (
            <button
              type="button"
              role="tab"
              id={`tab-${id}`}
              aria-selected={tab() === id}
              aria-controls="side-panel"
              tabindex={tab() === id ? 0 : -1}
              onClick={() => setChosen(id)}
            >
              {text}
            </button>
          )}
        </For>
      </div>
      <div role="tabpanel" id="side-panel" aria-labelledby={`tab-${tab()}`}>
        <Switch>
          <Match when={tab() === 'outline'}>
            <Outline />
          </Match>
          <Match when={tab() === 'variables'}>
            <Variables />
          </Match>
          <Match when={tab() === 'console'}>
            <Console />
          </Match>
          <Match when={tab() === 'trials'}>
            <TrialsHere />
          </Match>
        </Switch>
      </div>
    </aside>
  );
}
