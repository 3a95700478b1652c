/** A modal dialog in the page's own clothes. It asks or offers; it never appears by itself. */
import { createEffect, type JSX, onCleanup, Show } from 'solid-js';

/** A dialog that is drawn only while it is open; Escape and a click beside it close it. */
export function Dialog(props: {
  open: boolean;
  label: string;
  /** A class beside `dialog`. */
  class?: string;
  onClose: () => void;
  children: JSX.Element;
}): JSX.Element {
  return (
    <Show when={props.open}>
      <OpenDialog label={props.label} class={props.class} onClose={props.onClose}>
        {props.children}
      </OpenDialog>
    </Show>
  );
}

function OpenDialog(props: {
  label: string;
  class: string | undefined;
  onClose: () => void;
  children: JSX.Element;
}): JSX.Element {
  let dialog: HTMLDialogElement | undefined;
  const back = document.activeElement;
  createEffect(() => dialog?.showModal());
  onCleanup(() => {
    if (back instanceof HTMLElement) back.focus();
  });
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a modal dialog by itself
    <dialog
      ref={dialog}
      class={`dialog ${props.class ?? ''}`}
      aria-label={props.label}
      onClose={() => props.onClose()}
      onClick={(event) => {
        if (event.target === dialog) props.onClose();
      }}
    >
      {props.children}
    </dialog>
  );
}
