/** What a search over all notebooks found: by notebook, each line a way to its cell. */
import { A } from '@solidjs/router';
import { files } from '@trialroom/shared/api/endpoints';
import { batch, createEffect, createSignal, For, type JSX, Match, on, onCleanup, Show, Switch } from 'solid-js';
import { count } from '../components/figures.ts';
import { Icon } from '../components/icon.tsx';
import { call } from '../data/api.ts';
import { ProblemNote, SkeletonRows } from '../shell/states.tsx';

/** How long typing rests before it is looked for, in ms. */
const REST = 90;
/** Notebooks drawn at once, a screen of them. */
const FIRST = 12;

type Answer = Awaited<ReturnType<typeof call<typeof files.search>>>;

export function SearchView(props: { text: string; regex: boolean; caseSensitive: boolean }): JSX.Element {
  const [answer, setAnswer] = createSignal<Answer | null>(null);
  const [failure, setFailure] = createSignal<unknown>(null);
  const [looking, setLooking] = createSignal(true);
  const [drawn, setDrawn] = createSignal(FIRST);
  createEffect(
    on(
      () => [props.text, props.regex, props.caseSensitive] as const,
      ([text, regex, caseSensitive]) => {
        const stop = new AbortController();
        setLooking(true);
        const rest = setTimeout(async () => {
          try {
            const query = { text, regex: String(regex) as 'true', case: String(caseSensitive) as 'true' };
            const found = await call(files.search, { query, signal: stop.signal });
            batch(() => {
              setDrawn(FIRST);
              setAnswer(found);
            });
            // The first are read while the others are drawn.
            requestAnimationFrame(() => requestAnimationFrame(() => setDrawn(Number.POSITIVE_INFINITY)));
            setFailure(null);
          } catch (error) {
            if (stop.signal.aborted) return;
            setFailure(error);
          }
          setLooking(false);
        }, REST);
        onCleanup(() => {
          clearTimeout(rest);
          stop.abort();
        });
      },
    ),
  );
  const total = () => answer()?.found.reduce((sum, one) => sum + one.total, 0) ?? 0;
  return (
    <section class="hits" aria-label="Found" aria-busy={looking()}>
      <p class="i3 sm num" role="status">
        <Show when={!looking() && failure() === null} fallback={looking() ? 'Looking…' : ''}>
          {total() === 0
            ? 'Found nowhere.'
            : `${count(total())}${answer()?.more ? ' and more' : ''} in ${count(answer()?.found.length ?? 0)} ${answer()?.found.length === 1 ? 'notebook' : 'notebooks'}`}
        </Show>
      </p>
      <Switch>
        <Match when={failure()}>{(thrown) => <ProblemNote thrown={thrown()} />}</Match>
        <Match when={answer() === null}>
          <SkeletonRows rows={4} />
        </Match>
        <Match when={answer()}>
          {(given) => (
            <For each={given().found.slice(0, drawn())}>
              {(one) => (
                <div class="hit">
                  <A class="hit-nb" href={`/notebooks/${one.id}`}>
                    <Icon name="book" />
                    <b>{one.title}</b>
                    <small class="i3">{one.path}</small>
                    <span class="i3 num">{count(one.total)}</span>
                  </A>
                  <ol>
                    <For each={one.lines}>
                      {(line) => (
                        <li>
                          <A href={`/notebooks/${one.id}#cell-${line.cell}`} class="mono">
                            {line.text.slice(0, line.from)}
                            <mark>{line.text.slice(line.from, line.to)}</mark>
                            {line.text.slice(line.to)}
                          </A>
                        </li>
                      )}
                    </For>
                  </ol>
                </div>
              )}
            </For>
          )}
        </Match>
      </Switch>
    </section>
  );
}
