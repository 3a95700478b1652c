import { createSignal, type JSX, Show } from 'solid-js';
import { Button } from '../components/button.tsx';
import { tokenIn } from './token.ts';

/** For someone who is not signed in: the link from the terminal, or its token, opens the door. */
export function SignInPage(): JSX.Element {
  const [typed, setTyped] = createSignal('');
  const [wrong, setWrong] = createSignal(false);
  const enter = (event: SubmitEvent) => {
    event.preventDefault();
    const token = tokenIn(typed());
    setWrong(token === null);
    if (token === null) return;
    const back = window.location.pathname;
    window.location.assign(`${back}?token=${encodeURIComponent(token)}`);
  };
  return (
    <main id="main" class="page signin">
      <h1 class="title">Sign in to this room</h1>
      <p class="lead">
        Open the address that <code>trialroom start</code> printed, or the invitation someone sent you. You can also
        paste it, or only its token, here.
      </p>
      <form onSubmit={enter}>
        <label for="token">Address or token</label>
        <input
          id="token"
          autocomplete="off"
          spellcheck={false}
          value={typed()}
          onInput={(event) => setTyped(event.currentTarget.value)}
          aria-invalid={wrong()}
          aria-describedby={wrong() ? 'token-wrong' : undefined}
        />
        <Button type="submit" kind="primary">
          Sign in
        </Button>
      </form>
      <Show when={wrong()}>
        <p id="token-wrong" class="wrong" role="alert">
          That is neither an address with <code>?token=</code> in it nor a token of letters and digits. Copy the whole
          line from the terminal.
        </p>
      </Show>
    </main>
  );
}
