/** What is wanted seldom: runs of many cells, and how the notebook runs as a whole. Also offered in the palette. */
import { createSignal, For, type JSX, Show } from 'solid-js';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import type { IconName } from '../components/icons.ts';
import { offerInPalette } from '../palette/page-offers.ts';
import { type Notebook, useNotebook } from './model.ts';

interface Item {
  id: string;
  text: string;
  /** What it does, in a sentence. */
  detail: string;
  icon: IconName;
  /** Set for what is on or off. */
  checked?: boolean;
  disabled?: boolean;
  act: () => void;
}

function itemsOf(notebook: Notebook): Item[] {
  const stale = notebook.stale().length;
  const none = notebook.cells.ids().length === 0;
  const run: Item[] = [
    {
      id: 'run-stale',
      text: 'Run stale cells',
      detail: stale === 0 ? 'No cell is stale.' : `${stale} of them, from top to bottom.`,
      icon: 'runbelow',
      disabled: stale === 0,
      act: () => void notebook.runStale(),
    },
    {
      id: 'run-all',
      text: 'Run all cells',
      detail: 'From top to bottom.',
      icon: 'play',
      disabled: none,
      act: () => void notebook.runAll(),
    },
  ];
  const set: Item[] = [
    {
      id: 'reactive',
      text: 'Re-run dependents',
      detail: 'After a cell ran, run those that read what it defines. Kept in the notebook, for everyone.',
      icon: 'diff',
      checked: notebook.reactive(),
      act: () => notebook.setReactive(!notebook.reactive()),
    },
  ];
  return [...(notebook.canRun() ? run : []), ...(notebook.canEdit() ? set : [])];
}

const roleOf = ({ checked }: Item): JSX.ButtonHTMLAttributes<HTMLButtonElement> =>
  checked === undefined ? { role: 'menuitem' } : { role: 'menuitemcheckbox', 'aria-checked': checked };

export function NotebookMenu(): JSX.Element {
  const notebook = useNotebook();
  const items = (): Item[] => itemsOf(notebook);
  let menu: HTMLDivElement | undefined;
  let button: HTMLSpanElement | undefined;
  const [open, setOpen] = createSignal(false);
  offerInPalette(() =>
    items()
      .filter(({ disabled }) => disabled !== true)
      .map(({ id, text, icon, checked, act }) => ({
        id: `menu-${id}`,
        text,
        detail: checked === undefined ? 'this notebook' : checked ? 'this notebook · on' : 'this notebook · off',
        icon,
        act,
      })),
  );
  const place = (): void => {
    const at = button?.getBoundingClientRect();
    if (!at || !menu) return;
    menu.style.top = `${at.bottom + 4}px`;
    menu.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - menu.offsetWidth - 8))}px`;
  };
  const step = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (by === 0 || !menu) return;
    event.preventDefault();
    const all = [...menu.querySelectorAll('button:not([disabled])')];
    const next = all[(all.indexOf(document.activeElement ?? menu) + by + all.length) % all.length];
    if (next instanceof HTMLElement) next.focus();
  };
  return (
    <Show when={items().length > 0}>
      <span ref={button} class="menu-at">
        <Button
          kind="quiet"
          icon="more"
          aria-label="More for this notebook"
          aria-haspopup="menu"
          aria-expanded={open()}
          popoverTarget="notebook-menu"
        />
      </span>
      <div
        ref={menu}
        id="notebook-menu"
        class="menu"
        popover="auto"
        role="menu"
        tabindex={-1}
        aria-label="This notebook"
        onKeyDown={step}
        onToggle={(event) => {
          const isOpen = event.newState === 'open';
          setOpen(isOpen);
          if (!isOpen) return;
          place();
          menu?.querySelector<HTMLElement>('button:not([disabled])')?.focus();
        }}
      >
        <For each={items().map(({ id }) => id)}>
          {(id) => (
            <Show when={items().find((item) => item.id === id)}>
              {(item) => (
                <button
                  type="button"
                  {...roleOf(item())}
                  disabled={item().disabled ?? false}
                  onClick={() => {
                    item().act();
                    if (item().checked === undefined) menu?.hidePopover();
                  }}
                >
                  <Icon
                    name={item().checked === undefined ? item().icon : 'check'}
                    class={item().checked === false ? 'off' : ''}
                  />
                  <b>{item().text}</b>
                  <small>{item().detail}</small>
                </button>
              )}
            </Show>
          )}
        </For>
      </div>
    </Show>
  );
}
