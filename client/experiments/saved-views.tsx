/** Saved filters as tabs beside the title: what is usual, your own, and those of all. */
import { A, useLocation } from '@solidjs/router';
import { experiments as api } from '@trialroom/shared/api/endpoints';
import { createMemo, createResource, createSignal, For, type JSX, Show } from 'solid-js';
import { Button } from '../components/button.tsx';
import { call, problemOf } from '../data/api.ts';
import { may, me } from '../data/me.ts';
import { writeView } from './view.ts';

const viewOf = (filter: string): string => writeView({ filter, sort: null, group: [], columns: null });

const USUAL = [
  { name: 'All', view: '' },
  { name: 'Mine, this week', view: viewOf('is:mine started:>7d') },
  { name: 'Live', view: viewOf('is:live') },
  { name: 'Needs someone', view: viewOf('status in (failed, lost, paused) started:>7d') },
] as const;

export function SavedViews(props: { view: string }): JSX.Element {
  const location = useLocation();
  const [saved, { refetch }] = createResource(async () => (await call(api.filters)).filters);
  const [naming, setNaming] = createSignal(false);
  const [name, setName] = createSignal('');
  const [shared, setShared] = createSignal(false);
  const [wrong, setWrong] = createSignal<string | null>(null);
  const known = () => (saved.state === 'ready' || saved.state === 'refreshing' ? (saved.latest ?? []) : []);
  const all = createMemo(() => [
    ...USUAL.map((one) => ({ ...one, saved: null })),
    ...known().map((one) => ({ name: one.name, view: one.view, saved: one })),
  ]);
  const current = () => all().find(({ view }) => view === props.view);
  const save = async (): Promise<void> => {
    setWrong(null);
    try {
      await call(api.saveFilter, { body: { name: name(), view: props.view, shared: shared() } });
      setNaming(false);
      setName('');
      await refetch();
    } catch (error) {
      // What was typed stays where it is.
      setWrong(problemOf(error).message);
    }
  };
  const remove = async (id: string): Promise<void> => {
    try {
      await call(api.removeFilter, { params: { id }, body: {} });
      await refetch();
    } catch (error) {
      setWrong(problemOf(error).message);
    }
  };
  return (
    <>
      <nav class="views" aria-label="Saved filters">
        <For each={all()}>
          {(one) => (
            <A
              href={`${location.pathname}${one.view === '' ? '' : `?${one.view}`}`}
              aria-current={current() === one ? 'true' : undefined}
              title={one.saved ? `${one.saved.shared ? 'For all' : 'Your own'}, by ${one.saved.by.name}` : undefined}
            >
              {one.name}
            </A>
          )}
        </For>
      </nav>
      <Show when={wrong()}>
        <span class="views-wrong" role="alert">
          {wrong()}
        </span>
      </Show>
      <Show when={!current() && !naming()}>
        <Button kind="quiet" icon="plus" onClick={() => setNaming(true)}>
          Save this
        </Button>
      </Show>
      <Show when={current()?.saved}>
        {(own) => (
          <Show when={own().by.id === me()?.id || may('edit')}>
            <Button
              kind="quiet"
              icon="x"
              aria-label={`Forget the filter ${own().name}`}
              title="Forget this filter"
              onClick={() => void remove(own().id)}
            />
          </Show>
        )}
      </Show>
      <Show when={naming()}>
        <form
          class="views-save"
          onSubmit={(event) => {
            event.preventDefault();
            void save();
          }}
          onKeyDown={(event) => event.key === 'Escape' && setNaming(false)}
        >
          <input
            aria-label="Name of the filter"
            placeholder="name"
            required
            maxlength={80}
            value={name()}
            ref={(input) => queueMicrotask(() => input.focus())}
            onInput={(event) => setName(event.currentTarget.value)}
          />
          <Show when={may('edit')}>
            <label>
              <input type="checkbox" checked={shared()} onChange={(event) => setShared(event.currentTarget.checked)} />{' '}
              for all
            </label>
          </Show>
          <Button kind="primary" type="submit">
            Save
          </Button>
        </form>
      </Show>
    </>
  );
}
