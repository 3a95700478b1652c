/** Who is here, and going along with one of them: the sheet scrolls to the cell they work in until one acts oneself. */
import { createEffect, createSignal, For, type JSX, on, Show } from 'solid-js';
import { Icon } from '../../components/icon.tsx';
import { untilOwnAct } from '../../components/own-acts.ts';
import { Initials } from '../../components/people.tsx';
import { me } from '../../data/me.ts';
import './following.css';
import { useNotebook } from '../model.ts';
import type { Present } from '../presence.ts';

/** So many are shown by themselves; the others are in the list. */
const SHOWN = 4;
/** The people here; pressing one of them follows them. */
export function Following(props: { people: readonly Present[] }): JSX.Element {
  const notebook = useNotebook();
  const [followed, setFollowed] = createSignal<string | null>(null);
  const leader = (): Present | undefined => props.people.find(({ id }) => id === followed());
  untilOwnAct(
    () => followed() !== null,
    '.following',
    () => setFollowed(null),
  );
  createEffect(
    on([followed, () => leader()?.cell], ([id, cell]) => {
      if (id === null) return;
      if (!leader()) setFollowed(null);
      else if (cell) notebook.mounting.reveal(cell, 'center');
    }),
  );
  const others = (): readonly Present[] => props.people.filter(({ id }) => id !== me()?.id);
  const mine = (): Present | undefined => props.people.find(({ id }) => id === me()?.id);
  return (
    <section class="following people" aria-label="People here">
      <Show when={mine()}>{(person) => <Initials person={person()} />}</Show>
      <For each={others().slice(0, SHOWN - 1)}>
        {(person) => (
          <button
            type="button"
            aria-pressed={followed() === person.id}
            aria-label={followed() === person.id ? `Stop following ${person.name}` : `Follow ${person.name}`}
            title={followed() === person.id ? `Stop following ${person.name}` : `Follow ${person.name}`}
            onClick={() => setFollowed((before) => (before === person.id ? null : person.id))}
          >
            <Initials person={person} />
          </button>
        )}
      </For>
      <Show when={others().length > SHOWN - 1}>
        <span class="menu-at">
          <button type="button" class="more-p num" popoverTarget="people-list" aria-haspopup="dialog">
            +{others().length - SHOWN + 1}
          </button>
        </span>
        <div id="people-list" class="menu people-list" popover="auto" role="dialog" aria-label="Everyone here">
          <For each={others()}>
            {(person) => (
              <button
                type="button"
                aria-pressed={followed() === person.id}
                popoverTarget="people-list"
                onClick={() => setFollowed(person.id)}
              >
                <Initials person={person} full />
              </button>
            )}
          </For>
        </div>
      </Show>
      <Show when={leader()}>
        {(person) => (
          <span class="sm following-note" role="status" style={{ '--pen': `var(--pen-${person().colour})` }}>
            <Icon name="eye" /> Following {person().name}
          </span>
        )}
      </Show>
    </section>
  );
}
