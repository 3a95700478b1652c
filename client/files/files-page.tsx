/** All notebooks of the workspace: the tree of folders, a search in all of them, what is brought in, and the trash. */
import { useSearchParams } from '@solidjs/router';
import { createSignal, For, type JSX, Match, Show, Switch } from 'solid-js';
import { Button } from '../components/button.tsx';
import { count } from '../components/figures.ts';
import { Icon } from '../components/icon.tsx';
import { PageTitle } from '../components/page-title.ts';
import { problemOf } from '../data/api.ts';
import { watchTopic } from '../data/live.ts';
import { may } from '../data/me.ts';
import { NewNotebook } from '../home/new-notebook.tsx';
import { ProblemNote } from '../shell/states.tsx';
import '../home/home.css';
import '../home/notebook-rows.css';
import '../notebook/dialog.css';
import './files.css';
import { createFiles } from './files.ts';
import { MoveDialog } from './move-dialog.tsx';
import { NewFolder } from './new-folder.tsx';
import { SearchView } from './search-view.tsx';
import { TrashView } from './trash-view.tsx';
import { TreeView } from './tree-view.tsx';
import { createUploads } from './uploads.ts';

export default function FilesPage(): JSX.Element {
  const home = watchTopic('home');
  const [search, setSearch] = useSearchParams<{ new?: string; trash?: string; q?: string }>();
  const files = createFiles(home);
  const uploads = createUploads((path) => {
    files.reveal(path);
    files.setActive(path);
  });
  const [making, setMaking] = createSignal(false);
  const [regex, setRegex] = createSignal(false);
  const [caseSensitive, setCaseSensitive] = createSignal(false);
  let chooser: HTMLInputElement | undefined;
  PageTitle(() => (search.trash ? 'Trash' : 'Notebooks'));
  const sought = (): string => search.q ?? '';
  return (
    <main id="main" class="page files">
      <div class="hd">
        <h1>{search.trash ? 'Trash' : 'Notebooks'}</h1>
        <p class="num">
          <Show when={search.trash ? undefined : home.value}>
            {(value) => <>{count(value().notebooks.length)} in this workspace</>}
          </Show>
        </p>
        <span class="hb">
          <Show when={may('edit') && !search.trash}>
            <Button icon="upload" onClick={() => chooser?.click()}>
              Upload
            </Button>
            <Button icon="folder" onClick={() => setMaking(true)}>
              New folder
            </Button>
            <Show when={!search.new}>
              <Button icon="plus" onClick={() => setSearch({ new: '1' })}>
                New notebook
              </Button>
            </Show>
          </Show>
          <Button
            kind="quiet"
            icon={search.trash ? 'book' : 'trash'}
            onClick={() => setSearch({ trash: search.trash ? null : '1', q: null })}
          >
            {search.trash ? 'Back to notebooks' : 'Trash'}
          </Button>
        </span>
      </div>
      <input
        ref={chooser}
        type="file"
        multiple
        hidden
        accept=".ipynb,.ts,.md,.markdown"
        aria-label="Files to upload"
        onChange={(event) => {
          void uploads.send([...(event.currentTarget.files ?? [])], '');
          event.currentTarget.value = '';
        }}
      />
      <Show when={search.new && may('edit')}>
        <NewNotebook close={() => setSearch({ new: null })} />
      </Show>
      <Show when={making() && may('edit')}>
        <NewFolder files={files} close={() => setMaking(false)} />
      </Show>
      <Show when={home.status === 'refused'}>
        <ProblemNote thrown={new Error(home.error ?? 'The server would not show the notebooks.')} />
      </Show>
      <Show when={files.failure()}>
        {(thrown) => (
          <div class="files-failure">
            <ProblemNote thrown={thrown()} />
            <Button kind="quiet" icon="x" aria-label="Dismiss" onClick={files.dismiss} />
          </div>
        )}
      </Show>
      <Show
        when={!search.trash}
        fallback={
          <TrashView
            changed={home.value?.notebooks}
            onRestored={(path) => {
              files.reveal(path);
              files.setActive(path);
              files.setDone({ text: `Restored as ${path}.`, undo: async () => setSearch({ trash: null }) });
            }}
          />
        }
      >
        <search class="files-find">
          <Icon name="search" />
          <input
            type="search"
            class="field"
            placeholder="Search in all notebooks"
            aria-label="Search in all notebooks"
            value={sought()}
            maxlength={400}
            spellcheck={false}
            onInput={(event) => setSearch({ q: event.currentTarget.value || null }, { replace: true })}
            onKeyDown={(event) => event.key === 'Escape' && setSearch({ q: null }, { replace: true })}
          />
          <button
            type="button"
            class="btn"
            aria-pressed={caseSensitive()}
            title="Match case"
            onClick={() => setCaseSensitive(!caseSensitive())}
          >
            Aa
          </button>
          <button
            type="button"
            class="btn"
            aria-pressed={regex()}
            title="Regular expression"
            onClick={() => setRegex(!regex())}
          >
            .*
          </button>
        </search>
        <Uploads uploads={uploads} />
        <Show
          when={sought() === ''}
          fallback={<SearchView text={sought()} regex={regex()} caseSensitive={caseSensitive()} />}
        >
          <section class="nbs alone" aria-label="All notebooks">
            <TreeView files={files} home={home} onFiles={(chosen, into) => void uploads.send(chosen, into)} />
          </section>
        </Show>
      </Show>
      <MoveDialog files={files} />
      <Show when={files.done()}>
        {(done) => (
          <div class="done" role="status">
            <span>{done().text}</span>
            <Button
              onClick={() => {
                const { undo } = done();
                files.setDone(null);
                void files.attempt(undo);
              }}
            >
              {search.trash ? 'Show' : 'Undo'}
            </Button>
            <Button kind="quiet" icon="x" aria-label="Close" onClick={() => files.setDone(null)} />
          </div>
        )}
      </Show>
    </main>
  );
}

/** Files on their way, and those that were refused. */
function Uploads(props: { uploads: ReturnType<typeof createUploads> }): JSX.Element {
  const all = () => props.uploads.uploads();
  const done = () => all().filter(({ state }) => state === 'done').length;
  return (
    <Show when={all().length > 0}>
      <section class="uploads" aria-label="Uploads">
        <p role="status" class="num">
          <b>
            {props.uploads.left() > 0
              ? `Uploading ${count(all().length - props.uploads.left() + 1)} of ${count(all().length)}`
              : `${count(done())} of ${count(all().length)} uploaded`}
          </b>
          <progress max={all().length} value={all().length - props.uploads.left()} aria-label="Uploaded" />
          <Show when={props.uploads.left() === 0}>
            <Button kind="quiet" icon="x" aria-label="Close the list of uploads" onClick={props.uploads.clear} />
          </Show>
        </p>
        <ul>
          <For each={all().filter(({ state }) => state === 'failed')}>
            {(one) => (
              <li>
                <Icon name="warn" />
                <span role="alert">
                  <b>{one.name}</b>
                  <Switch>
                    <Match when={one.thrown}>
                      {(thrown) => (
                        <>
                          {saidOf(one.name, problemOf(thrown()).message)} {problemOf(thrown()).fix}
                        </>
                      )}
                    </Match>
                  </Switch>
                </span>
              </li>
            )}
          </For>
        </ul>
      </section>
    </Show>
  );
}

/** What was wrong, to stand behind the name of the file, which need not be said twice. */
const saidOf = (name: string, message: string): string =>
  message.startsWith(`${name} `) ? `${message.slice(name.length)}.` : `: ${message.replace(/\.$/, '')}.`;
