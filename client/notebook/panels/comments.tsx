/** The threads of the notebook, in the order of their places, and the one that is being begun. */
import { createEffect, createMemo, createSignal, For, type JSX, Match, on, Show, Switch } from 'solid-js';
import { Composer } from '../../annotations/composer.tsx';
import { FILTERS, type Filter, fits } from '../../annotations/filter.ts';
import { Thread } from '../../annotations/thread.tsx';
import { Button, Choice } from '../../components/button.tsx';
import { connection } from '../../data/live.ts';
import { me } from '../../data/me.ts';
import { ProblemNote, SkeletonRows } from '../../shell/states.tsx';
import { placeOf, showPlace, type ThreadPlace } from '../comments/places.ts';
import { type Notebook, useNotebook } from '../model.ts';
import { createSettled } from '../running/settled.ts';

/** How long after the last edit places are read again, in ms. */
const SETTLE = 300;
/** This many threads are drawn at first, and this many more each time someone asks. */
const PAGE = 50;

const EMPTY: Readonly<Record<Filter, string>> = {
  open: 'No open comments. Choose some text, a cell or an output, and say something about it.',
  mine: 'You are in no open thread, and none mentions you.',
  unread: 'You have read everything.',
  resolved: 'Nothing has been resolved yet.',
};

/** The places of all threads, read again some time after the document has changed. */
function createPlaces(notebook: Notebook): () => ReadonlyMap<string, ThreadPlace> {
  const version = createSettled(notebook.shared.doc, SETTLE);
  return createMemo(() => {
    version();
    return new Map(notebook.comments.all.map(({ id, target }) => [id, placeOf(notebook, target)]));
  });
}

/** The threads of the notebook, in the order of their places. */
export function CommentsPanel(): JSX.Element {
  const notebook = useNotebook();
  const { comments } = notebook;
  const places = createPlaces(notebook);
  const [most, setMost] = createSignal(PAGE);
  const placed = (id: string): ThreadPlace =>
    places().get(id) ?? { words: '', quote: null, orphaned: false, order: Number.POSITIVE_INFINITY };
  const listed = createMemo(() =>
    comments.all
      .filter((thread) => fits(comments.filter(), thread, me()?.id ?? ''))
      .sort((a, b) => placed(a.id).order - placed(b.id).order || a.createdAt - b.createdAt),
  );
  // The thread that one wants to look at is drawn, however far down it is.
  createEffect(
    on(comments.looked, (wanted) => {
      const at = listed().findIndex(({ id }) => id === wanted?.id);
      if (at >= most()) setMost(at + PAGE);
    }),
  );
  return (
    <div class="comments">
      <Choice label="Which comments" value={comments.filter()} options={FILTERS} onChange={comments.setFilter} />
      <Show when={connection() !== 'online' && comments.status() === 'ready'}>
        <p class="composer-note" role="status">
          Not connected. These are the comments as last known.
        </p>
      </Show>
      <Show keyed when={comments.beginning()}>
        {({ target }) => (
          <section class="note beginning" aria-label="New comment">
            <div class="thread-head">
              <span class="thread-place gone">{placeOf(notebook, target).words}</span>
            </div>
            <Show when={target.kind !== 'cell' && target.quote}>{(quote) => <p class="qt">{quote()}</p>}</Show>
            <Composer
              drafts={comments.drafts}
              place="new"
              label="New comment"
              placeholder="Say something; @ mentions someone"
              send="Comment"
              focus
              onSend={(text, request) => comments.create(target, text, request)}
              onSent={(more) => {
                // Another place may have been chosen meanwhile, for the next one.
                if (!more && comments.beginning()?.target === target) comments.drop();
              }}
              onCancel={comments.drop}
            />
          </section>
        )}
      </Show>
      <Switch>
        <Match when={comments.status() === 'loading'}>
          <SkeletonRows rows={3} height="4rem" />
        </Match>
        <Match when={comments.status() === 'failed'}>
          <ProblemNote thrown={comments.failure()} retry={comments.retry} />
        </Match>
        <Match when={listed().length === 0}>
          <p class="i3 sm side-empty">{EMPTY[comments.filter()]}</p>
        </Match>
      </Switch>
      <For each={listed().slice(0, most())}>
        {(thread) => (
          <Thread
            threads={comments}
            thread={thread}
            place={placed(thread.id)}
            show={() => showPlace(notebook, thread)}
          />
        )}
      </For>
      <Show when={listed().length > most()}>
        <Button onClick={() => setMost((shown) => shown + PAGE)}>
          {Math.min(PAGE, listed().length - most())} more of {listed().length}
        </Button>
      </Show>
    </div>
  );
}
