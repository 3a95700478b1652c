/** What people said last, and first of all what mentions whoever looks: each leads to its thread. */
import { A } from '@solidjs/router';
import type { Notice } from '@trialroom/shared/annotation/annotation';
import { For, type JSX, Show } from 'solid-js';
import { ago, count } from '../components/figures.ts';
import { now } from '../components/now.ts';
import { Initials } from '../components/people.tsx';
import { useWaiting } from './waiting.ts';
import './recent-annotations.css';

/** The page that a thread is on, at the thread. */
function addressOf({ subject, thread }: Notice): string {
  const link = subject.kind === 'notebook' ? `comment-${thread}` : `thread=${thread}`;
  return `/${subject.kind}s/${encodeURIComponent(subject.id)}#${link}`;
}

function placeOf({ name, place, replies }: Notice): string {
  const answered = replies === 0 ? '' : `, ${count(replies)} ${replies === 1 ? 'reply' : 'replies'}`;
  return `${name}${place === '' ? '' : ` ${place.startsWith('at ') ? '' : '· '}${place}`}${answered}`;
}

export function RecentAnnotations(): JSX.Element {
  const inbox = useWaiting();
  const recent = () => inbox()?.recent ?? [];
  const mentions = () => (inbox()?.waiting ?? []).reduce((sum, one) => sum + one.mentions, 0);
  return (
    <Show when={recent().length > 0}>
      <section class="recent-notes" aria-label="Recent annotations">
        <div class="sh">
          <h2>Recent annotations</h2>
          <Show when={mentions() > 0}>
            <span class="mentions num">{mentions() === 1 ? '1 mentions you' : `${count(mentions())} mention you`}</span>
          </Show>
        </div>
        <For each={recent()}>
          {(notice) => (
            <A class="note" classList={{ unread: notice.unread, mention: notice.mention }} href={addressOf(notice)}>
              <span class="by">
                <Initials person={notice.author} full />
                <Show when={notice.mention}>
                  <b>mentions you</b>
                </Show>
                <Show when={notice.unread && !notice.mention}>
                  <b>New</b>
                </Show>
                <time>{ago(notice.at, now())}</time>
              </span>
              <span class="said">{notice.text}</span>
              <span class="on">{placeOf(notice)}</span>
            </A>
          )}
        </For>
      </section>
    </Show>
  );
}
