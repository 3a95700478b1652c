/** What surrounds every page: the masthead, the banner that says when the connection is broken, and the palette. */
import type { RouteSectionProps } from '@solidjs/router';
import { ErrorBoundary, type JSX, Match, Suspense, Switch } from 'solid-js';
import { ProblemError } from './data/api.ts';
import { meFailed } from './data/me.ts';
import { Palette } from './palette/palette.tsx';
import { ConnectionBanner } from './shell/connection-banner.tsx';
import { Masthead } from './shell/masthead.tsx';
import { SignInPage } from './shell/sign-in.tsx';
import { PageSkeleton, ProblemPanel } from './shell/states.tsx';

const signedOut = (): boolean => {
  const failure = meFailed();
  return failure instanceof ProblemError && (failure.status === 401 || failure.status === 403);
};

export function App(props: RouteSectionProps): JSX.Element {
  return (
    <Switch
      fallback={
        <>
          <button type="button" class="skip" onClick={toMain}>
            Skip to content
          </button>
          <Masthead />
          <ConnectionBanner />
          <ErrorBoundary fallback={(error, reset) => <ProblemPanel thrown={error} retry={reset} />}>
            <Suspense fallback={<PageSkeleton />}>{props.children}</Suspense>
          </ErrorBoundary>
          <Palette />
        </>
      }
    >
      <Match when={signedOut()}>
        <SignInPage />
      </Match>
    </Switch>
  );
}

/** Past the masthead, for the keyboard. */
function toMain(): void {
  const main = document.getElementById('main');
  main?.setAttribute('tabindex', '-1');
  main?.focus();
}
