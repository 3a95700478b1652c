import { A } from '@solidjs/router';
import type { HomeSnapshot, NotebookListing } from '@trialroom/shared/live/events';
import { createMemo, For, type JSX, Match, Show, Switch } from 'solid-js';
import { ago } from '../components/figures.ts';
import { Icon } from '../components/icon.tsx';
import { now } from '../components/now.ts';
import { People } from '../components/people.tsx';
import { may } from '../data/me.ts';
import type { Watched } from '../data/watched.ts';
import { SkeletonRows } from '../shell/states.tsx';
import { lookingAt } from './here-now.tsx';
import { NotebookState } from './notebook-state.tsx';
import './notebook-rows.css';

/** Notebooks, most recently changed first. */
export function NotebookList(props: { home: Watched<HomeSnapshot>; most?: number }): JSX.Element {
  const sorted = createMemo(() =>
    [...(props.home.value?.notebooks ?? [])]
      .sort((a, b) => b.changedAt - a.changedAt)
      .slice(0, props.most ?? Number.POSITIVE_INFINITY),
  );
  return (
    <Switch fallback={<For each={sorted()}>{(notebook) => <Row notebook={notebook} home={props.home} />}</For>}>
      <Match when={props.home.status === 'loading'}>
        <SkeletonRows rows={4} height="2.625rem" />
      </Match>
      <Match when={sorted().length === 0}>
        <p class="empty">
          <b>No notebooks yet.</b> <Show when={may('edit')}>Make one with New notebook, or put</Show>
          <Show when={!may('edit')}>Put</Show> an <code>.ipynb</code> file into the notebooks folder: it appears here.
        </p>
      </Match>
    </Switch>
  );
}

function Row(props: { notebook: NotebookListing; home: Watched<HomeSnapshot> }): JSX.Element {
  const folder = () => props.notebook.path.split('/').slice(0, -1).join('/');
  return (
    <A class="nr" href={`/notebooks/${props.notebook.id}`}>
      <Icon name="book" />
      <span class="nm">
        <b>{props.notebook.title}</b>
        <small>{folder() || props.notebook.path}</small>
      </span>
      <span class="ns">
        <NotebookState notebook={props.notebook} />
      </span>
      <span class="np">
        <Show when={props.home.value}>
          {(value) => <People people={lookingAt(value().present, `notebook:${props.notebook.id}`)} most={3} />}
        </Show>
      </span>
      <time class="num">{ago(props.notebook.changedAt, now())}</time>
    </A>
  );
}
