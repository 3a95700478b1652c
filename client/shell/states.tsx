import { For, type JSX, Show } from 'solid-js';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { problemOf } from '../data/api.ts';
import { MissingWords, missingOf } from './missing.tsx';

/** What was wrong, where, and what to do. */
export function ProblemNote(props: { thrown: unknown; retry?: (() => void) | undefined }): JSX.Element {
  const problem = () => problemOf(props.thrown);
  return (
    <div class="problem" role="alert">
      <Icon name="warn" />
      <p>
        <b>{problem().message}</b>
        <Show when={problem().where}>{(where) => <span class="mono where">{where()}</span>}</Show>
        <Show when={problem().fix}>{(fix) => <span class="fix">{fix()}</span>}</Show>
      </p>
      <Show when={props.retry}>{(retry) => <Button onClick={() => retry()()}>Try again</Button>}</Show>
    </div>
  );
}

/** Why a page, or what it is about, is not shown; `children`: a further way onward where something is missing. */
export function ProblemWords(props: {
  thrown: unknown;
  retry?: (() => void) | undefined;
  children?: JSX.Element;
}): JSX.Element {
  return (
    <Show when={missingOf(props.thrown)} fallback={<ProblemNote thrown={props.thrown} retry={props.retry} />}>
      <MissingWords thrown={props.thrown}>{props.children}</MissingWords>
    </Show>
  );
}

/** A page that could not be shown. */
export function ProblemPanel(props: { thrown: unknown; retry?: () => void }): JSX.Element {
  return (
    <main id="main" class="page">
      <ProblemWords thrown={props.thrown} retry={props.retry} />
    </main>
  );
}

/** Rows that stand where the real ones will be: nothing jumps when they come. */
export function SkeletonRows(props: { rows: number; height?: string }): JSX.Element {
  return (
    <div class="skeleton" aria-hidden="true">
      <For each={Array.from({ length: props.rows })}>
        {(_, index) => (
          <div class="skeleton-row" style={{ height: props.height ?? 'var(--row)' }}>
            <i style={{ width: `${46 - ((index() * 17) % 22)}%` }} />
            <i style={{ width: '12%' }} />
          </div>
        )}
      </For>
    </div>
  );
}

/** A page on its way. */
export function PageSkeleton(): JSX.Element {
  return (
    <main id="main" class="page" aria-busy="true" aria-label="Loading">
      <div class="skeleton-title" aria-hidden="true">
        <i />
      </div>
      <SkeletonRows rows={6} height="3.25rem" />
    </main>
  );
}
