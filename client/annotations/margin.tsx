/** A margin: the threads of a page under their numbers, by step, and where a new one is written. */
import type { AnnotationTarget } from '@trialroom/shared/annotation/target';
import { createEffect, createMemo, createSignal, For, type JSX, Match, on, Show, Switch } from 'solid-js';
import { Button, Choice } from '../components/button.tsx';
import { count } from '../components/figures.ts';
import { PopMenu } from '../components/pop-menu.tsx';
import { connection } from '../data/live.ts';
import { me } from '../data/me.ts';
import { ProblemNote, SkeletonRows } from '../shell/states.tsx';
import { byStep, FILTERS, type Filter, fits, says } from './filter.ts';
import { NewNote, type Whole } from './new-note.tsx';
import { standingOf } from './standing.ts';
import { Thread } from './thread.tsx';
import type { Pinned, Threads } from './threads.ts';
import './margin.css';

/** This many threads are drawn at first, and this many more each time someone asks. */
const PAGE = 40;
/** From this many threads on, words can be looked for. */
const SEARCHED = 5;

const NONE: Readonly<Record<Filter, string>> = {
  open: 'No open annotations.',
  mine: 'You are in no open thread, and none mentions you.',
  unread: 'You have read everything.',
  resolved: 'Nothing has been resolved yet.',
};

/**
 * @param props.whole the target that is all of the subject
 * @param props.at the target at a step
 * @param props.step where a note goes that nobody has placed; null: on the whole
 * @param props.onPlace brings a place into sight
 */
export function Margin<T extends AnnotationTarget>(props: {
  threads: Threads<T>;
  whole: Whole<T>;
  at: (step: number) => T;
  step: number | null;
  empty: string;
  onPlace?: (thread: Pinned<T>) => void;
}): JSX.Element {
  const { threads } = props;
  let list: HTMLDivElement | undefined;
  const [sought, setSought] = createSignal('');
  const [most, setMost] = createSignal(PAGE);
  // What was unread when one began to look stays listed while one reads it.
  const reading = createMemo<{ filter: Filter; ids: ReadonlySet<string> }>(
    (before) => {
      const filter = threads.filter();
      const ids = threads.all.filter(threads.isUnread).map(({ id }) => id);
      return { filter, ids: new Set(before.filter === filter ? [...before.ids, ...ids] : ids) };
    },
    { filter: 'open', ids: new Set() },
  );
  // A thread that was asked for is listed until one looks for something else.
  const [chosen, setChosen] = createSignal<string | null>(null);
  createEffect(on([threads.filter, sought], () => setChosen(null), { defer: true }));
  createEffect(on(sought, () => threads.turn(), { defer: true }));
  createEffect(on(threads.looked, (wanted) => setChosen(wanted?.id ?? null)));
  const isListed = (thread: Pinned<T>): boolean => {
    if (thread.id === chosen()) return true;
    const filter = threads.filter();
    const fitting =
      fits(filter, thread, me()?.id ?? '') ||
      (filter === 'unread' && thread.resolved === null && reading().ids.has(thread.id));
    return fitting && says(thread, sought());
  };
  const listed = createMemo(() => threads.all.filter(isListed).sort(byStep));
  const next = () => Math.max(0, ...threads.all.map(({ number }) => number)) + 1;
  const openCount = () => threads.all.filter(({ resolved }) => resolved === null).length;

  createEffect(
    on(threads.looked, (wanted) => {
      const at = listed().findIndex(({ id }) => id === wanted?.id);
      if (at >= most()) setMost(at + PAGE);
    }),
  );

  const show = (thread: Pinned<T>): void => {
    if (props.onPlace) props.onPlace(thread);
    else if (thread.target.kind === 'panel') flash(`[data-panel="${CSS.escape(thread.target.id)}"]`);
    else flash(`[data-mark="${CSS.escape(thread.id)}"]`);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (!(event.target instanceof HTMLElement) || !event.target.classList.contains('thread')) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const all = [...(list?.querySelectorAll<HTMLElement>('.thread') ?? [])];
    const at = all.indexOf(event.target);
    const act: Partial<Record<string, () => void>> = {
      ArrowDown: () => all[at + 1]?.focus(),
      ArrowUp: () => all[at - 1]?.focus(),
      Home: () => all[0]?.focus(),
      End: () => all.at(-1)?.focus(),
      Enter: () => threads.look(event.target instanceof HTMLElement ? (event.target.dataset.threadId ?? '') : '', true),
      r: () => all[at]?.querySelector<HTMLElement>('[data-act="reply"]')?.click(),
      e: () => all[at]?.querySelector<HTMLElement>('[data-act="settle"]')?.click(),
    };
    const done = act[event.key];
    if (!done) return;
    event.preventDefault();
    event.stopPropagation();
    done();
  };
  const download = (form: 'md' | 'json') => (): void => {
    const { kind, id } = threads.subject;
    window.location.assign(`/api/${kind}s/${encodeURIComponent(id)}/annotations.${form}`);
  };

  return (
    <section class="margin-notes" aria-label="Annotations">
      <div class="sh">
        <h2>Annotations</h2>
        <span class="c num">{count(openCount())}</span>
        <Show when={threads.unread() > 0}>
          <span class="waiting num">{count(threads.unread())} new</span>
        </Show>
        <Show when={threads.all.length > 0}>
          <span class="r">
            <PopMenu
              id="annotations-more"
              label="Annotations"
              title="More for annotations"
              items={() => [
                {
                  id: 'md',
                  text: 'Download as Markdown',
                  detail: 'Every thread, to read.',
                  icon: 'download',
                  act: download('md'),
                },
                {
                  id: 'json',
                  text: 'Download as JSON',
                  detail: 'Every thread with what it is pinned to.',
                  icon: 'download',
                  act: download('json'),
                },
              ]}
            />
          </span>
        </Show>
      </div>
      <Show when={threads.all.length > 0}>
        <div class="margin-filter">
          <Choice label="Which annotations" value={threads.filter()} options={FILTERS} onChange={threads.setFilter} />
          <Show when={threads.all.length >= SEARCHED || sought() !== ''}>
            <input
              type="search"
              aria-label="Find in annotations"
              placeholder="Find in annotations"
              value={sought()}
              onInput={(event) => setSought(event.currentTarget.value)}
            />
          </Show>
        </div>
      </Show>
      <Show when={connection() !== 'online' && threads.status() === 'ready'}>
        <p class="composer-note" role="status">
          Not connected. These are the annotations as last known.
        </p>
      </Show>
      <Switch>
        <Match when={threads.status() === 'loading'}>
          <SkeletonRows rows={3} height="4rem" />
        </Match>
        <Match when={threads.status() === 'failed'}>
          <ProblemNote thrown={threads.failure()} retry={threads.retry} />
        </Match>
        <Match when={threads.all.length === 0}>
          <p class="i3 sm margin-empty">{props.empty}</p>
        </Match>
        <Match when={listed().length === 0}>
          <p class="i3 sm margin-empty">
            {sought() === '' ? NONE[threads.filter()] : `Nothing says “${sought()}” here.`}
          </p>
        </Match>
      </Switch>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys of the threads inside, each of which has the focus itself */}
      <div ref={list} onKeyDown={onKey}>
        <For each={listed().slice(0, most())}>
          {(thread) => (
            <Thread
              threads={threads}
              thread={thread}
              number={thread.number}
              place={standingOf(thread.target)}
              show={() => show(thread)}
            />
          )}
        </For>
      </div>
      <Show when={listed().length > most()}>
        <Button onClick={() => setMost((shown) => shown + PAGE)}>
          {Math.min(PAGE, listed().length - most())} more of {listed().length}
        </Button>
      </Show>
      <Show when={threads.canComment() && threads.status() !== 'loading'}>
        <NewNote threads={threads} number={next()} whole={props.whole} at={props.at} step={props.step} />
      </Show>
    </section>
  );
}

/** Draws the eye to the marks of a thread, or to what it stands on, where the page shows it. */
function flash(selector: string): void {
  const marks = document.querySelectorAll<HTMLElement>(selector);
  marks[0]?.scrollIntoView({ block: 'center' });
  for (const mark of marks) {
    mark.classList.remove('thread-flash');
    // Read, so that the same class starts the animation anew.
    mark.getBoundingClientRect();
    mark.classList.add('thread-flash');
    mark.addEventListener('animationend', () => mark.classList.remove('thread-flash'), { once: true });
  }
}
