import { useNavigate } from '@solidjs/router';
import { notebooks } from '@trialroom/shared/api/endpoints';
import { createSignal, type JSX, onMount, Show } from 'solid-js';
import { Button } from '../components/button.tsx';
import { call } from '../data/api.ts';
import { ProblemNote } from '../shell/states.tsx';
import { notebookPath } from './notebook-path.ts';
import './notebook-rows.css';

/** Asks for a name, makes the file, opens it. A refused name stays in the field. */
export function NewNotebook(props: { close: () => void }): JSX.Element {
  const navigate = useNavigate();
  const [typed, setTyped] = createSignal('');
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<unknown>(null);
  let field: HTMLInputElement | undefined;
  onMount(() => field?.focus());

  const make = async (event: SubmitEvent) => {
    event.preventDefault();
    const path = notebookPath(typed());
    if (path === null || busy()) return;
    setBusy(true);
    setFailure(null);
    try {
      const made = await call(notebooks.create, { body: { path } });
      navigate(`/notebooks/${made.id}`, { replace: true });
    } catch (error) {
      setFailure(error);
      field?.focus();
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="newnb" onSubmit={make} onKeyDown={(event) => event.key === 'Escape' && props.close()}>
      <label for="new-notebook">Name of the new notebook; a folder may stand before it</label>
      <input
        ref={field}
        id="new-notebook"
        class="field"
        placeholder="experiments/first-look"
        autocomplete="off"
        spellcheck={false}
        maxlength={390}
        value={typed()}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      <Button type="submit" kind="primary" disabled={notebookPath(typed()) === null || busy()}>
        {busy() ? 'Making…' : 'Make and open'}
      </Button>
      <Button kind="quiet" onClick={() => props.close()}>
        Cancel
      </Button>
      <Show when={failure()}>{(thrown) => <ProblemNote thrown={thrown()} />}</Show>
    </form>
  );
}
