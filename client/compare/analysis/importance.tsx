/** How much of the metric's variance each parameter accounts for: asked of a kernel, with progress and an end. */

import type { ImportanceState, ReadBy, Importance as Shares } from '@trialroom/shared/api/comparison';
import { comparison as api } from '@trialroom/shared/api/endpoints';
import { createSignal, For, type JSX, Match, onCleanup, Show, Switch } from 'solid-js';
import { Button } from '../../components/button.tsx';
import { percent } from '../../components/figures.ts';
import { call } from '../../data/api.ts';
import { ProblemNote } from '../../shell/states.tsx';

/** How often a running computation is asked how far it is, in ms. */
const ASK_MS = 400;
/** Pairs that are shown. */
const PAIRS = 6;
/** Below this the forest has not learnt enough for its shares to mean much. */
const POOR_FIT = 0.3;

export function Importance(props: { experiment: string; metric: string; by: ReadBy; canRun: boolean }): JSX.Element {
  const [state, setState] = createSignal<ImportanceState | null>(null);
  const [failure, setFailure] = createSignal<unknown>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  onCleanup(() => {
    ended = true;
    clearTimeout(timer);
  });
  const follow = (next: ImportanceState): void => {
    if (ended) return;
    setState(next);
    if (next.state !== 'running') return;
    timer = setTimeout(() => {
      call(api.importance, { params: { id: next.id } }).then(follow, setFailure);
    }, ASK_MS);
  };
  const begin = (): void => {
    setFailure(null);
    call(api.startImportance, { params: { id: props.experiment }, body: { metric: props.metric, by: props.by } }).then(
      follow,
      setFailure,
    );
  };
  const running = () => {
    const now = state();
    return now?.state === 'running' ? now : null;
  };
  const done = () => {
    const now = state();
    return now?.state === 'done' ? now.importance : null;
  };
  const reason = () => {
    const now = state();
    return now?.state === 'failed' ? now.reason : null;
  };
  return (
    <>
      <Show when={failure()}>
        <ProblemNote thrown={failure()} retry={begin} />
      </Show>
      <Switch
        fallback={
          <p class="empty">
            <b>How much does each parameter matter for {props.metric}?</b> A random forest learns it from these trials,
            in a kernel of its own. <Show when={state()?.state === 'cancelled'}>It was cancelled.</Show>{' '}
            <Button
              onClick={begin}
              disabled={!props.canRun}
              title={props.canRun ? undefined : 'Needs the right to run'}
            >
              Compute importance
            </Button>
          </p>
        }
      >
        <Match when={running()}>
          {(now) => (
            <p class="imp-run" role="status">
              <progress max={now().total} value={now().done} aria-label="Trees grown" />
              <span class="num">
                {now().done} of {now().total} trees
              </span>
              <Button
                onClick={() => call(api.cancelImportance, { params: { id: now().id } }).then(setState, setFailure)}
              >
                Cancel
              </Button>
            </p>
          )}
        </Match>
        <Match when={reason()}>
          {(why) => (
            <p class="empty">
              <b>It could not be computed:</b> {why()}{' '}
              <Button onClick={begin} disabled={!props.canRun}>
                Try again
              </Button>
            </p>
          )}
        </Match>
        <Match when={done()}>
          {(shares) => <SharesView shares={shares()} stale={shares().metric !== props.metric} again={begin} />}
        </Match>
      </Switch>
    </>
  );
}

function SharesView(props: { shares: Shares; stale: boolean; again: () => void }): JSX.Element {
  const pairs = () => props.shares.pairs.filter(({ share }) => share >= 0.005).slice(0, PAIRS);
  const Bar = (bar: { name: string; share: number; std: number }): JSX.Element => (
    <tr>
      <th scope="row">{bar.name}</th>
      <td class="imp-cell">
        <i class="imp-bar" style={{ width: `${Math.min(100, bar.share * 100)}%` }} />
      </td>
      <td class="n num">
        {percent(bar.share)} <span class="i3">± {(bar.std * 100).toFixed(1)}</span>
      </td>
    </tr>
  );
  return (
    <>
      <p class="i3 sm">
        Share of the variance of {props.shares.metric} over {props.shares.n} trials (functional ANOVA of a random
        forest; ± among its trees).{' '}
        {props.shares.fit === null
          ? ''
          : `The forest explains ${percent(Math.max(0, props.shares.fit))} of what it has not seen.`}
      </p>
      <Show when={(props.shares.fit ?? 0) < POOR_FIT}>
        <p class="regression">
          <b>Read with care:</b> the forest has hardly learnt how the parameters lead to the metric. More trials would
          help.
        </p>
      </Show>
      <Show when={props.stale}>
        <p class="sm">
          This is of another metric than the one chosen. <Button onClick={() => props.again()}>Compute again</Button>
        </p>
      </Show>
      <table class="tbl imp">
        <thead>
          <tr>
            <th scope="col">parameter</th>
            <th scope="col">
              <span class="vh">bar</span>
            </th>
            <th scope="col" class="n">
              share
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={props.shares.single}>{(one) => <Bar {...one} />}</For>
          <For each={pairs()}>
            {(one) => <Bar name={`${one.first} with ${one.second}`} share={one.share} std={one.std} />}
          </For>
        </tbody>
      </table>
    </>
  );
}
