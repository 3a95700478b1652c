/** How many threads of a notebook hold something this person has not read, for lists of notebooks. */
import { annotations } from '@trialroom/shared/api/endpoints';
import { createRoot, createSignal, type JSX, onCleanup, onMount, Show } from 'solid-js';
import { Icon } from '../components/icon.tsx';
import { call } from '../data/api.ts';

const [counts, setCounts] = createRoot(() => createSignal<ReadonlyMap<string, number>>(new Map()));
let lists = 0;

/** Reads the counts. Without a connection the known ones stay. */
function refresh(): void {
  call(annotations.unread).then(
    ({ notebooks }) => void setCounts(new Map(notebooks.map(({ notebook, threads }) => [notebook, threads]))),
    () => {},
  );
}
const returned = (): void => {
  if (!document.hidden) refresh();
};

/** Shows the count when there is any. Counts are read when a list appears, and when one comes back to its window. */
export function Unread(props: { notebook: string }): JSX.Element {
  onMount(() => {
    if (lists++ === 0) {
      refresh();
      document.addEventListener('visibilitychange', returned);
    }
    onCleanup(() => {
      if (--lists === 0) document.removeEventListener('visibilitychange', returned);
    });
  });
  const words = (count: number): string => `${count} unread ${count === 1 ? 'thread' : 'threads'}`;
  return (
    <Show when={counts().get(props.notebook)}>
      {(count) => (
        <span class="unread-threads num" role="img" aria-label={words(count())} title={words(count())}>
          <Icon name="comment" /> {count()}
        </span>
      )}
    </Show>
  );
}
