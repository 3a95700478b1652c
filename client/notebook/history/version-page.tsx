/** The place of a version over the sheet. Its view comes when it is first asked for: here is what stands there until then, and when it does not come. */
import { createEffect, createSignal, ErrorBoundary, type JSX, lazy, on, onCleanup, Show, Suspense } from 'solid-js';
import { Button } from '../../components/button.tsx';
import { ProblemError } from '../../data/api.ts';
import { connection } from '../../data/live.ts';
import { partOf } from '../../data/part.ts';
import { ProblemNote, SkeletonRows } from '../../shell/states.tsx';
import './history.css';
import { createLook } from './look.ts';

const fetchView = partOf(() => import('./version-view.tsx'));
const load = () =>
  fetchView().catch((cause: unknown) => {
    console.warn(cause);
    throw new ProblemError(0, {
      error: 'view-not-loaded',
      message: 'What shows a version could not be fetched.',
      fix: 'Check that the server is running and that you are connected, then try again. If the server was updated, reload the page: what you wrote is kept.',
    });
  });

/** A view remembers that it failed: each attempt needs another. */
const [view, setView] = createSignal(lazy(load));

/** Shows the version in the address; it may only stand where there is one. */
export function VersionPage(): JSX.Element {
  return (
    <Show keyed when={view()}>
      {(View) => (
        <ErrorBoundary fallback={(error) => <Failed thrown={error} />}>
          <Suspense
            fallback={
              <main class="cells version-view" aria-label="A version of this notebook" aria-busy="true">
                <SkeletonRows rows={8} height="4rem" />
              </main>
            }
          >
            <View />
          </Suspense>
        </ErrorBoundary>
      )}
    </Show>
  );
}

function Failed(props: { thrown: unknown }): JSX.Element {
  const look = createLook();
  const retry = (): void => void setView(() => lazy(load));
  createEffect(
    on(connection, (now, before) => {
      if (before !== undefined && now === 'online') retry();
    }),
  );
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    if (event.target instanceof Element && event.target.closest('input, textarea, select, dialog')) return;
    event.preventDefault();
    look.close();
  };
  document.addEventListener('keydown', onKey);
  onCleanup(() => document.removeEventListener('keydown', onKey));
  return (
    <main class="cells version-view" aria-label="A version of this notebook">
      <ProblemNote thrown={props.thrown} retry={retry} />
      <Button onClick={look.close}>Back to the notebook</Button>
    </main>
  );
}
