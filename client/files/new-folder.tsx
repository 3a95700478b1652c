import { createSignal, type JSX, onMount, Show } from 'solid-js';
import { Button } from '../components/button.tsx';
import { ProblemNote } from '../shell/states.tsx';
import type { Files } from './files.ts';

/** Asks for a name and makes the folder. A refused name stays in the field. */
export function NewFolder(props: { files: Files; close: () => void }): JSX.Element {
  const [typed, setTyped] = createSignal('');
  const [failure, setFailure] = createSignal<unknown>(null);
  let field: HTMLInputElement | undefined;
  onMount(() => field?.focus());
  const path = () =>
    typed()
      .trim()
      .replace(/^\/+|\/+$/g, '');
  return (
    <form
      class="newnb"
      onSubmit={async (event) => {
        event.preventDefault();
        try {
          await props.files.makeFolder(path());
          props.close();
        } catch (error) {
          setFailure(error);
          field?.focus();
        }
      }}
      onKeyDown={(event) => event.key === 'Escape' && props.close()}
    >
      <label for="new-folder">Name of the new folder; another may stand before it</label>
      <input
        ref={field}
        id="new-folder"
        class="field"
        placeholder="experiments/vision"
        autocomplete="off"
        spellcheck={false}
        maxlength={390}
        value={typed()}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      <Button type="submit" kind="primary" disabled={path() === ''}>
        Make folder
      </Button>
      <Button kind="quiet" onClick={() => props.close()}>
        Cancel
      </Button>
      <Show when={failure()}>{(thrown) => <ProblemNote thrown={thrown()} />}</Show>
    </form>
  );
}
