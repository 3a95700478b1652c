/** A button that opens a menu: things to do, each with a word on what it does. */
import { createSignal, For, type JSX, Show } from 'solid-js';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';
import type { IconName } from './icons.ts';
import './pop-menu.css';

export interface MenuItem {
  id: string;
  text: string;
  /** What it does, in a sentence, or its key. */
  detail: string;
  icon: IconName;
  /** Set for what is on or off. */
  checked?: boolean;
  /** Set for one of several, of which one is on. */
  choice?: boolean;
  disabled?: boolean;
  act: () => void;
}

const roleOf = ({ checked, choice }: MenuItem): JSX.ButtonHTMLAttributes<HTMLButtonElement> =>
  checked === undefined
    ? { role: 'menuitem' }
    : { role: choice ? 'menuitemradio' : 'menuitemcheckbox', 'aria-checked': checked };

/** Puts what has popped up below its button, or above it where there is no room below. */
export function placeBeside(popup: HTMLElement | undefined, button: HTMLElement | undefined): void {
  const at = button?.getBoundingClientRect();
  if (!at || !popup) return;
  const below = at.bottom + 4;
  const fits = below + popup.offsetHeight <= window.innerHeight - 8;
  popup.style.top = `${fits ? below : Math.max(8, at.top - 4 - popup.offsetHeight)}px`;
  popup.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - popup.offsetWidth - 8))}px`;
}

/** @param props.id unique on the page */
export function PopMenu(props: {
  id: string;
  label: string;
  /** Shown on hover over the button. */
  title: string;
  /** What the button shows; absent: three dots. */
  face?: JSX.Element;
  items: () => readonly MenuItem[];
}): JSX.Element {
  let menu: HTMLDivElement | undefined;
  let button: HTMLSpanElement | undefined;
  const [open, setOpen] = createSignal(false);
  // Read only while it is open: a menu that nobody looks at costs nothing.
  const items = (): readonly MenuItem[] => (open() ? props.items() : []);
  const step = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (by === 0 || !menu) return;
    event.preventDefault();
    const all = [...menu.querySelectorAll('button:not([disabled])')];
    const next = all[(all.indexOf(document.activeElement ?? menu) + by + all.length) % all.length];
    if (next instanceof HTMLElement) next.focus();
  };
  return (
    <>
      <span ref={button} class="menu-at">
        <Show
          when={props.face}
          fallback={
            <Button
              kind="quiet"
              icon="more"
              aria-label={props.title}
              title={props.title}
              aria-haspopup="menu"
              aria-expanded={open()}
              popoverTarget={props.id}
            />
          }
        >
          {(face) => (
            <button
              type="button"
              class="chip"
              title={props.title}
              aria-haspopup="menu"
              aria-expanded={open()}
              popoverTarget={props.id}
            >
              {face()}
            </button>
          )}
        </Show>
      </span>
      <div
        ref={menu}
        id={props.id}
        class="menu"
        popover="auto"
        role="menu"
        tabindex={-1}
        aria-label={props.label}
        onKeyDown={step}
        onToggle={(event) => {
          const isOpen = event.newState === 'open';
          setOpen(isOpen);
          if (!isOpen) return;
          placeBeside(menu, button);
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
                    const { act, checked } = item();
                    if (checked === undefined) menu?.hidePopover();
                    act();
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
    </>
  );
}
