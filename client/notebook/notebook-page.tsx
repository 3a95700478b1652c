/** The notebook: opens it, shows it in every state it may be in, and turns keys into what they mean. */

import { useParams } from '@solidjs/router';
import { notebooks } from '@trialroom/shared/api/endpoints';
import { createEffect, createResource, createSignal, For, type JSX, Match, onCleanup, Show, Switch } from 'solid-js';
import { call } from '../data/api.ts';
import { connection } from '../data/live.ts';
import { sameJson } from '../data/same.ts';
import { nameOf } from '../files/tree.ts';
import { ProblemPanel } from '../shell/states.tsx';
import { Banners } from './bar/banners.tsx';
import { NotebookBar } from './bar/bar.tsx';
import { FindPanel } from './find/find-panel.tsx';
import { lookedAt } from './history/look.ts';
import { VersionPage } from './history/version-page.tsx';
import { createClipboard } from './keys/clipboard-events.ts';
import { createKeys } from './keys/commands.ts';
import { KeyList } from './keys/key-list.tsx';
import { LiveNotebookProvider } from './live-context.ts';
import { createNotebook, NotebookProvider } from './model.ts';
import { followCellLinks } from './sheet/cell-link.ts';
import { CellsList } from './sheet/cells-list.tsx';
import { followWishes } from './sheet/in-sight.ts';
import './notebook.css';
import { Outline } from './panels/outline.tsx';
import { PeekDialog } from './peek.tsx';
import { everyone, type Present } from './presence.ts';
import { RenameDialog } from './rename/rename-dialog.tsx';
import { SidePanel } from './side.tsx';

const WIDE = window.matchMedia('(min-width: 1700px)');

export default function NotebookPage(): JSX.Element {
  const params = useParams();
  return (
    <Show keyed when={params.id}>
      {(id) => <Opening id={id} />}
    </Show>
  );
}

/** Asks the server for the document; a file that is no notebook is said to be one. */
function Opening(props: { id: string }): JSX.Element {
  const [opened, { refetch }] = createResource(
    () => props.id,
    (id) => call(notebooks.open, { params: { id } }),
  );
  return (
    <Switch fallback={<Skeleton />}>
      <Match when={opened.state === 'errored'}>
        <ProblemPanel thrown={opened.error} retry={() => void refetch()} />
      </Match>
      <Match when={opened.state === 'ready' ? opened() : undefined}>
        {(listing) => (
          <Sheet id={props.id} document={listing().document} title={listing().title} path={listing().path} />
        )}
      </Match>
    </Switch>
  );
}

function Sheet(props: { id: string; document: string; title: string; path: string }): JSX.Element {
  const notebook = createNotebook(props.id, props.document);
  const onKey = createKeys(notebook);
  createClipboard(notebook);
  followCellLinks(notebook);
  followWishes(notebook);
  // Told with every key of anyone; who is where changes seldom.
  const [people, setPeople] = createSignal<readonly Present[]>([], { equals: sameJson });
  const [wide, setWide] = createSignal(WIDE.matches);
  const { awareness } = notebook.shared;
  const readPeople = (): void => void setPeople(everyone(awareness));
  const readWidth = (): void => void setWide(WIDE.matches);
  awareness.on('change', readPeople);
  WIDE.addEventListener('change', readWidth);
  onCleanup(() => {
    awareness.off('change', readPeople);
    WIDE.removeEventListener('change', readWidth);
  });
  readPeople();
  createEffect(() => {
    document.title = `${title()} · Trialroom`;
    onCleanup(() => {
      document.title = 'Trialroom';
    });
  });
  const path = () => notebook.live.value?.file.path ?? props.path;
  // A notebook without a heading is called after its file, which may get another name.
  const title = () => (props.title === nameOf(props.path) ? nameOf(path()) : props.title);
  const version = lookedAt();
  if (version() !== undefined) notebook.setPanel('history');
  return (
    <NotebookProvider value={notebook}>
      <LiveNotebookProvider value={notebook.answers}>
        <NotebookBar title={title()} path={path()} people={people()} />
        <div class="nb">
          <Show when={wide()}>
            <nav class="out" aria-label="Outline">
              <div class="sh">
                <h2>Outline</h2>
              </div>
              <Show when={notebook.shared.loaded()}>
                <Outline />
              </Show>
            </nav>
          </Show>
          <main
            id="main"
            hidden={version() !== undefined}
            class="cells"
            classList={{ 'full-width': notebook.wide() }}
            ref={onKey.attach}
            data-mode={notebook.mode()}
            data-connection={connection()}
          >
            <Banners />
            <FindPanel />
            <Show when={notebook.shared.loaded()} fallback={<SkeletonCells />}>
              <CellsList people={people()} />
            </Show>
          </main>
          <Show when={version()}>
            <VersionPage />
          </Show>
          <Show when={notebook.shared.loaded()}>
            <SidePanel wide={wide()} />
          </Show>
        </div>
        <PeekDialog />
        <RenameDialog />
        <KeyList />
      </LiveNotebookProvider>
    </NotebookProvider>
  );
}

/** Cells that stand where the real ones will be. */
function SkeletonCells(): JSX.Element {
  return (
    <div class="nb-skeleton" aria-hidden="true">
      <For each={[3, 6, 2, 5]}>
        {(lines) => (
          <div class="cell c-fresh">
            <div class="gut" />
            <div class="edge" />
            <div class="cb">
              <For each={Array.from({ length: lines })}>
                {(_, line) => <i style={{ width: `${78 - ((line() * 29 + lines * 13) % 45)}%` }} />}
              </For>
            </div>
          </div>
        )}
      </For>
    </div>
  );
}

function Skeleton(): JSX.Element {
  return (
    <>
      <div class="nbbar" aria-hidden="true">
        <div class="nb-skeleton ttl">
          <i style={{ width: '14rem' }} />
        </div>
      </div>
      <div class="nb">
        <main id="main" class="cells" aria-busy="true" aria-label="Loading the notebook">
          <SkeletonCells />
        </main>
      </div>
    </>
  );
}
