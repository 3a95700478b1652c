/** Who is in the room, what they look at, and going along with one of them until one acts oneself. */
import { useLocation, useNavigate } from '@solidjs/router';
import { createEffect, createMemo, createSignal, For, type JSX, on, Show } from 'solid-js';
import { count } from '../../components/figures.ts';
import { Icon } from '../../components/icon.tsx';
import { untilOwnAct } from '../../components/own-acts.ts';
import { Initials } from '../../components/people.tsx';
import { me } from '../../data/me.ts';
import { useRoom } from '../context.ts';
import { kindOf } from '../panels/kinds.ts';
import type { Watcher } from './watching.ts';

export function WatchingList(): JSX.Element {
  const room = useRoom();
  const go = useNavigate();
  const location = useLocation();
  const [followed, setFollowed] = createSignal<number | null>(null);
  const others = createMemo(() => room.watchers().filter(({ own }) => !own));
  const leader = (): Watcher | undefined => others().find(({ client }) => client === followed());
  untilOwnAct(
    () => followed() !== null,
    '.watching',
    () => setFollowed(null),
  );
  createEffect(
    on([followed, () => leader()?.sight], ([client, sight]) => {
      if (client === null) return;
      if (!leader()) return void setFollowed(null);
      if (!sight) return;
      if (sight.page !== location.pathname) return go(`${sight.page}${sight.search}`, { replace: true });
      if (sight.search !== room.view.search()) room.view.adopt(sight.search);
      if (sight.panel !== null)
        document.querySelector(`[data-panel="${CSS.escape(sight.panel)}"]`)?.scrollIntoView({ block: 'nearest' });
    }),
  );
  const where = ({ sight }: Watcher): string => {
    if (!sight) return '';
    if (sight.wall) return 'wall';
    if (sight.page !== location.pathname)
      return sight.page.startsWith('/experiments/') ? 'the experiment' : 'another trial';
    const numbered = room.dashboard.panels().filter(({ kind }) => !kindOf(kind)?.unnumbered);
    const index = numbered.findIndex(({ id }) => id === sight.panel);
    const panel = room.dashboard.panels().find(({ id }) => id === sight.panel);
    const name = index >= 0 ? `Fig. ${index + 1}` : panel ? (kindOf(panel.kind)?.name.toLowerCase() ?? '') : '';
    return [name, sight.at ?? ''].filter((part) => part !== '').join(', ');
  };
  return (
    <Show when={room.watchers().length > 0}>
      <section class="watching" aria-label="Watching">
        <div class="sh">
          <h2>Watching</h2>
          <span class="c num">{count(room.watchers().length)}</span>
        </div>
        <ul class="wl">
          <For each={room.watchers()}>
            {(watcher) => (
              <li>
                <Show
                  when={!watcher.own}
                  fallback={
                    <>
                      <Initials person={watcher.person} full />
                      <span>you</span>
                    </>
                  }
                >
                  <button
                    type="button"
                    aria-pressed={followed() === watcher.client}
                    title={
                      followed() === watcher.client
                        ? `Stop following ${watcher.person.name}`
                        : `See what ${watcher.person.name} sees`
                    }
                    onClick={() => setFollowed((before) => (before === watcher.client ? null : watcher.client))}
                  >
                    <Initials person={watcher.person} full />
                    <span>{watcher.person.id === me()?.id ? 'you, elsewhere' : where(watcher)}</span>
                  </button>
                </Show>
              </li>
            )}
          </For>
        </ul>
        <Show when={leader()}>
          {(person) => (
            <p class="sm following-note" role="status" style={{ '--pen': `var(--pen-${person().person.colour})` }}>
              <Icon name="eye" /> Following {person().person.name}; act yourself to stop
            </p>
          )}
        </Show>
      </section>
    </Show>
  );
}
