import { A, useLocation } from '@solidjs/router';
import { type JSX, Show } from 'solid-js';
import { Button } from '../components/button.tsx';
import { count } from '../components/figures.ts';
import { Icon } from '../components/icon.tsx';
import type { IconName } from '../components/icons.ts';
import { Initials } from '../components/people.tsx';
import { StatusGlyph } from '../components/status-glyph.tsx';
import { switchTheme, theme } from '../components/theme.ts';
import { connection, watchTopic } from '../data/live.ts';
import { me } from '../data/me.ts';
import { attention } from '../home/attention.ts';
import { openPalette } from '../palette/open.ts';

const LINK_TEXT = {
  connecting: 'connecting',
  online: 'live',
  reconnecting: 'reconnecting',
  offline: 'offline',
} as const;
const findKey = /Mac|iP(hone|ad)/.test(navigator.platform) ? '⌘K' : 'Ctrl K';

/** The bar on top of every page: where to go, what the room is doing now, how this page is connected, who you are. */
export function Masthead(): JSX.Element {
  const home = watchTopic('home');
  const having = (status: string) => home.value?.trials.filter(({ trial }) => trial.status === status).length ?? 0;
  const troubled = () => attention(home.value?.trials.map(({ trial }) => trial) ?? []).length;
  return (
    <header class="mast">
      <A class="brand" href="/" aria-label="Trialroom, home">
        <svg class="mark" viewBox="0 0 22 16" aria-hidden="true">
          <path d="M1 14.5h20M1.5 14V8.5M5.3 14v-3M9.1 14v-3M16.7 14v-3M20.5 14V8.5" stroke="currentColor" />
          <path d="M12.9 14V1.5" stroke="var(--accent)" stroke-width="2" />
        </svg>
        <span>Trialroom</span>
      </A>
      <nav aria-label="Main">
        <NavLink href="/" icon="home" text="Home" />
        <NavLink href="/notebooks" icon="book" text="Notebooks" />
        <NavLink href="/experiments" icon="stack" text="Experiments" />
        <NavLink href="/trials" icon="table" text="Trials" />
      </nav>
      <button type="button" class="find" onClick={openPalette} aria-keyshortcuts="Control+K Meta+K">
        <Icon name="search" />
        <span>Find a trial, a notebook</span>
        <kbd>{findKey}</kbd>
      </button>
      <A class="pulse num" href="/trials" title="What is running, waiting, and in trouble now">
        <span>
          <StatusGlyph status="running" />
          {count(having('running'))}
        </span>
        <Show when={having('queued') > 0}>
          <span>
            <StatusGlyph status="queued" />
            {count(having('queued'))}
          </span>
        </Show>
        <Show when={troubled() > 0}>
          <span class="att">
            <StatusGlyph status="failed" label="Needs someone" />
            {count(troubled())}
          </span>
        </Show>
      </A>
      <span class="link num" data-connection={connection()} title="Connection to the server">
        <i />
        {LINK_TEXT[connection()]}
      </span>
      <Button class="find-touch" kind="quiet" icon="search" aria-label="Find" onClick={openPalette} />
      <Button
        kind="quiet"
        icon="theme"
        aria-label={theme() === 'dark' ? 'Use the light theme' : 'Use the dark theme'}
        onClick={switchTheme}
      />
      <Show when={me()}>{(person) => <Initials person={person()} />}</Show>
    </header>
  );
}

function NavLink(props: { href: string; icon: IconName; text: string }): JSX.Element {
  const location = useLocation();
  const here = () =>
    props.href === '/' ? location.pathname === '/' : `${location.pathname}/`.startsWith(`${props.href}/`);
  return (
    <A href={props.href} aria-current={here() ? 'page' : undefined}>
      <Icon name={props.icon} />
      <span>{props.text}</span>
    </A>
  );
}
