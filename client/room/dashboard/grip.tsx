import type { Panel } from '@trialroom/shared/room/panel';
import type { JSX } from 'solid-js';
import type { Arranging } from './arranging.ts';

/** What a panel is held by. Arrow keys move it, with Shift they change its size, Delete is in the menu. */
export function Grip(props: { panel: Panel; name: string; arranging: Arranging }): JSX.Element {
  const onKey = (event: KeyboardEvent): void => {
    const { id } = props.panel;
    const across = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const down = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (across === 0 && down === 0 && event.key !== 'Home' && event.key !== 'End') return;
    event.preventDefault();
    if (event.key === 'Home') props.arranging.shift(id, -1e6);
    else if (event.key === 'End') props.arranging.shift(id, 1e6);
    else if (event.shiftKey) props.arranging.grow(id, across, down);
    else props.arranging.shift(id, across || down);
    // The element was moved in the page, and with it went the focus.
    const handle = event.currentTarget;
    if (handle instanceof HTMLElement) requestAnimationFrame(() => handle.focus());
  };
  return (
    <button
      type="button"
      class="panel-grip"
      aria-label={`Move ${props.name}`}
      aria-describedby="arrange-keys"
      title="Drag to move. Arrow keys move it, with Shift they change its size."
      onPointerDown={(event) => props.arranging.beginMove(event, props.panel)}
      onKeyDown={onKey}
    >
      <svg viewBox="0 0 8 16" width="8" height="16" aria-hidden="true">
        <path d="M1.5 4h1M5.5 4h1M1.5 8h1M5.5 8h1M1.5 12h1M5.5 12h1" stroke="currentColor" stroke-width="1.5" />
      </svg>
    </button>
  );
}
