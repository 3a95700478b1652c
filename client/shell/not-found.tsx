import { A } from '@solidjs/router';
import type { JSX } from 'solid-js';

/** An address that leads nowhere. */
export function NotFoundPage(): JSX.Element {
  return (
    <main id="main" class="page">
      <h1 class="title">There is no such page</h1>
      <p class="lead">
        The address may be old or mistyped. <A href="/">Home</A> shows what is alive now, and Find (Ctrl or ⌘ K) knows
        every notebook and trial.
      </p>
    </main>
  );
}
