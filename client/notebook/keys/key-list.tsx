/** All keys of the notebook, to be looked through. Choosing one does what it says. */
import { createMemo, createSignal, For, type JSX, Show } from 'solid-js';
import { Dialog } from '../dialog.tsx';
import { APPLE, perform } from './commands.ts';
import './key-list.css';
import { useNotebook } from '../model.ts';
import { BINDINGS } from './keys.ts';

const NAMES: Readonly<Record<string, string>> = {
  mod: APPLE ? '⌘' : 'Ctrl',
  alt: APPLE ? '⌥' : 'Alt',
  shift: 'Shift',
  enter: 'Enter',
  escape: 'Esc',
  arrowup: '↑',
  arrowdown: '↓',
  arrowleft: '←',
  arrowright: '→',
  home: 'Home',
  end: 'End',
};

/** The parts of a key as people name them: `mod+shift+enter` is Ctrl, Shift, Enter; `d d` is D, D. */
const capsOf = (key: string): string[] =>
  key.split(/[+ ]/).map((part) => NAMES[part] ?? (part === '' ? '+' : part.toUpperCase()));

const GROUPS = ['Run', 'Choose', 'Change', 'Show'] as const;

/** The list of all keys, while it is open. */
export function KeyList(): JSX.Element {
  const notebook = useNotebook();
  const close = (): void => void notebook.setShowingKeys(false);
  return (
    <Dialog open={notebook.showingKeys()} class="keys" label="Keys" onClose={close}>
      <List close={close} />
    </Dialog>
  );
}

function List(props: { close: () => void }): JSX.Element {
  const notebook = useNotebook();
  const [wanted, setWanted] = createSignal('');
  // The same command may have a key in each mode; people look for what it does.
  const rows = [...Map.groupBy(BINDINGS, ({ text }) => text).values()].flatMap((same) => {
    const [first] = same;
    return first ? [{ ...first, keys: [...new Set(same.flatMap(({ keys }) => [...keys]))] }] : [];
  });
  const found = createMemo(() => {
    const words = wanted().toLowerCase().split(/\s+/).filter(Boolean);
    return rows.filter(({ text, keys }) => {
      const all = `${text} ${keys.map((key) => capsOf(key).join(' ')).join(' ')}`.toLowerCase();
      return words.every((word) => all.includes(word));
    });
  });
  return (
    <>
      <h2>Keys</h2>
      <p class="sm">
        With the cell chosen, letters are commands; Enter goes into its text, Esc comes back. Keys with{' '}
        {APPLE ? '⌘' : 'Ctrl'} hold in both.
      </p>
      <input
        class="field"
        type="search"
        aria-label="Find a key"
        placeholder="Find a key or what it does"
        value={wanted()}
        onInput={(event) => setWanted(event.currentTarget.value)}
        autofocus
      />
      <div class="key-groups">
        <For each={GROUPS}>
          {(group) => (
            <Show when={found().some((row) => row.group === group)}>
              <section aria-label={group}>
                <h3>{group}</h3>
                <ul>
                  <For each={found().filter((row) => row.group === group)}>
                    {({ command, text, keys }) => (
                      <li>
                        <button
                          type="button"
                          onClick={() => {
                            props.close();
                            perform(notebook, command);
                          }}
                        >
                          <span>{text}</span>
                          <span class="caps">
                            <For each={keys.slice(0, 2)}>
                              {(key, index) => (
                                <>
                                  <Show when={index() > 0}>
                                    <i>or</i>
                                  </Show>
                                  <For each={capsOf(key)}>{(cap) => <kbd>{cap}</kbd>}</For>
                                </>
                              )}
                            </For>
                          </span>
                        </button>
                      </li>
                    )}
                  </For>
                </ul>
              </section>
            </Show>
          )}
        </For>
        <Show when={found().length === 0}>
          <p class="i3">No key does that.</p>
        </Show>
      </div>
    </>
  );
}
