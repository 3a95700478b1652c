import { useNavigate } from '@solidjs/router';
import { trials as trialsApi } from '@trialroom/shared/api/endpoints';
import type { Trial } from '@trialroom/shared/trial/trial';
import { createEffect, createMemo, createSignal, For, type JSX, on, onCleanup, onMount, Show } from 'solid-js';
import { Icon } from '../components/icon.tsx';
import type { IconName } from '../components/icons.ts';
import { StatusGlyph } from '../components/status-glyph.tsx';
import { switchTheme, theme } from '../components/theme.ts';
import { call } from '../data/api.ts';
import { watchTopic } from '../data/live.ts';
import { may } from '../data/me.ts';
import { closePalette, openPalette, paletteIsOpen } from './open.ts';
import { pageOffers } from './page-offers.ts';
import { rank } from './rank.ts';

interface Offer {
  id: string;
  text: string;
  detail: string;
  icon?: IconName;
  status?: Trial['status'];
  act: () => void;
}

/** Most offers shown at once. */
const SHOWN = 12;

/** One key finds and opens everything: notebooks, trials, pages and small actions. */
export function Palette(): JSX.Element {
  onMount(() => {
    const key = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        if (paletteIsOpen()) closePalette();
        else openPalette();
      }
    };
    // In the capture phase: an editor that has the focus must not take the key first.
    window.addEventListener('keydown', key, true);
    onCleanup(() => window.removeEventListener('keydown', key, true));
  });
  return (
    <Show when={paletteIsOpen()}>
      <PaletteDialog />
    </Show>
  );
}

function PaletteDialog(): JSX.Element {
  let dialog: HTMLDialogElement | undefined;
  const navigate = useNavigate();
  const home = watchTopic('home');
  const [typed, setTyped] = createSignal('');
  const [at, setAt] = createSignal(0);
  const [older, setOlder] = createSignal<readonly Trial[]>([]);

  onMount(() => {
    dialog?.showModal();
    // The live list is enough to begin with; older trials join it when they have come.
    call(trialsApi.list, { query: { limit: 500 } }).then(
      ({ trials }) => setOlder(trials),
      () => setOlder([]),
    );
  });

  const go = (path: string) => () => navigate(path);
  const actions = (): Offer[] => [
    ...pageOffers(),
    { id: 'home', text: 'Home', detail: 'page', icon: 'home', act: go('/') },
    { id: 'notebooks', text: 'Notebooks', detail: 'page', icon: 'book', act: go('/notebooks') },
    { id: 'experiments', text: 'Experiments', detail: 'page', icon: 'stack', act: go('/experiments') },
    { id: 'trials', text: 'Trials', detail: 'page', icon: 'table', act: go('/trials') },
    ...(may('edit')
      ? [{ id: 'new', text: 'New notebook', detail: 'action', icon: 'plus' as const, act: go('/notebooks?new=1') }]
      : []),
    {
      id: 'theme',
      text: theme() === 'dark' ? 'Use the light theme' : 'Use the dark theme',
      detail: 'action',
      icon: 'theme',
      act: switchTheme,
    },
  ];
  const everything = createMemo((): Offer[] => {
    const live = home.value?.trials.map(({ trial }) => trial) ?? [];
    const known = new Set(live.map(({ id }) => id));
    const trials = [...live, ...older().filter(({ id }) => !known.has(id))];
    return [
      ...(home.value?.notebooks ?? []).map((notebook) => ({
        id: `n${notebook.id}`,
        text: notebook.title,
        detail: notebook.path,
        icon: 'book' as const,
        act: go(`/notebooks/${notebook.id}`),
      })),
      ...trials.map((trial) => ({
        id: `t${trial.id}`,
        text: trial.name,
        detail: trial.experiment,
        status: trial.status,
        act: go(`/trials/${trial.id}`),
      })),
      ...actions(),
    ];
  });
  const offers = createMemo(() =>
    rank(typed(), everything(), ({ text, detail }) => `${text} ${detail}`).slice(0, SHOWN),
  );
  createEffect(on(typed, () => setAt(0)));

  const choose = (offer: Offer | undefined) => {
    if (!offer) return;
    closePalette();
    offer.act();
  };
  const onKey = (event: KeyboardEvent) => {
    const last = offers().length - 1;
    if (event.key === 'ArrowDown') setAt(Math.min(at() + 1, last));
    else if (event.key === 'ArrowUp') setAt(Math.max(at() - 1, 0));
    else if (event.key === 'Home') setAt(0);
    else if (event.key === 'End') setAt(Math.max(last, 0));
    else if (event.key === 'Enter') choose(offers()[at()]);
    else return;
    event.preventDefault();
  };
  return (
    <dialog
      ref={dialog}
      class="palette"
      aria-label="Find"
      onClose={closePalette}
      onClick={(event) => event.target === dialog && closePalette()}
      onKeyDown={onKey}
    >
      <label class="palette-field">
        <Icon name="search" />
        <span class="vh">Find a notebook, a trial or an action</span>
        <input
          placeholder="Find a notebook, a trial, an action"
          autofocus
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-offers"
          aria-activedescendant={offers()[at()] ? `offer-${at()}` : undefined}
          spellcheck={false}
          value={typed()}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <kbd>esc</kbd>
      </label>
      <div id="palette-offers" role="listbox" aria-label="Found">
        <For each={offers()} fallback={<p class="none">Nothing is called that.</p>}>
          {(offer, index) => (
            // The field keeps the focus and the keys (see `aria-activedescendant`); rows only take the pointer.
            <div
              id={`offer-${index()}`}
              class="offer"
              role="option"
              aria-selected={index() === at()}
              tabIndex={-1}
              onPointerMove={() => setAt(index())}
              onClick={() => choose(offer)}
              onKeyDown={onKey}
            >
              <Show when={offer.status} fallback={<Icon name={offer.icon ?? 'right'} />}>
                {(status) => <StatusGlyph status={status()} />}
              </Show>
              <b>{offer.text}</b>
              <small>{offer.detail}</small>
            </div>
          )}
        </For>
      </div>
    </dialog>
  );
}
