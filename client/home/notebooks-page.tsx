/** All notebooks of the workspace, and the place to make a new one. */
import { useSearchParams } from '@solidjs/router';
import { type JSX, Show } from 'solid-js';
import { Button } from '../components/button.tsx';
import { count } from '../components/figures.ts';
import { PageTitle } from '../components/page-title.ts';
import { watchTopic } from '../data/live.ts';
import { may } from '../data/me.ts';
import './home.css';
import { NewNotebook } from './new-notebook.tsx';
import { NotebookList } from './notebook-list.tsx';

export default function NotebooksPage(): JSX.Element {
  const home = watchTopic('home');
  const [search, setSearch] = useSearchParams<{ new?: string }>();
  PageTitle(() => 'Notebooks');
  return (
    <main id="main" class="page">
      <div class="hd">
        <h1>Notebooks</h1>
        <p class="num">
          <Show when={home.value}>{(value) => <>{count(value().notebooks.length)} in this workspace</>}</Show>
        </p>
        <Show when={may('edit') && !search.new}>
          <span class="hb">
            <Button icon="plus" onClick={() => setSearch({ new: '1' })}>
              New notebook
            </Button>
          </span>
        </Show>
      </div>
      <Show when={search.new && may('edit')}>
        <NewNotebook close={() => setSearch({ new: null })} />
      </Show>
      <section class="nbs alone">
        <div class="sh">
          <h2>All</h2>
          <span class="r">latest change first</span>
        </div>
        <NotebookList home={home} />
      </section>
    </main>
  );
}
