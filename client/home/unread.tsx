/** How many threads of a notebook hold something this person has not read, for lists of notebooks. */
import { type JSX, Show } from 'solid-js';
import { Icon } from '../components/icon.tsx';
import { useWaiting } from './waiting.ts';

/** Shows the count when there is any. */
export function Unread(props: { notebook: string }): JSX.Element {
  const inbox = useWaiting();
  const count = () =>
    inbox()?.waiting.find(({ subject }) => subject.kind === 'notebook' && subject.id === props.notebook)?.threads;
  const words = (threads: number): string => `${threads} unread ${threads === 1 ? 'thread' : 'threads'}`;
  return (
    <Show when={count()}>
      {(threads) => (
        <span class="unread-threads num" role="img" aria-label={words(threads())} title={words(threads())}>
          <Icon name="comment" /> {threads()}
        </span>
      )}
    </Show>
  );
}
