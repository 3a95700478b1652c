/** The sheet of panels: twelve columns where there is room for them, one on a phone. */
import { rowsOf } from '@trialroom/shared/room/layout';
import { COLUMNS, type Panel } from '@trialroom/shared/room/panel';
import { createMemo, createSignal, For, type JSX, onCleanup, onMount, Show } from 'solid-js';
import { useRoom } from '../context.ts';
import { kindOf } from '../panels/kinds.ts';
import { createArranging } from './arranging.ts';
import { PanelFrame } from './panel-frame.tsx';
import './grid.css';

/** Narrower than this, in CSS pixels, panels stand below one another. */
const NARROW = 620;

export function Grid(): JSX.Element {
  const room = useRoom();
  let sheet: HTMLDivElement | undefined;
  const [columns, setColumns] = createSignal(COLUMNS);
  const visible = createMemo(() =>
    room.dashboard.panels().filter((panel) => {
      const only = kindOf(panel.kind)?.only;
      return only === undefined || (only === 'trial') === room.single;
    }),
  );
  const arranging = createArranging(room.dashboard, visible, columns, () => sheet);
  onMount(() => {
    if (!sheet) return;
    const sizes = new ResizeObserver(([entry]) => setColumns((entry?.contentRect.width ?? 0) < NARROW ? 1 : COLUMNS));
    sizes.observe(sheet);
    onCleanup(() => sizes.disconnect());
  });
  /** Panels by id: an element stays while its panel does, whatever is changed of it. */
  const byId = createMemo(() => new Map(arranging.panels().map((panel) => [panel.id, panel] as const)));
  const ids = createMemo(() => arranging.panels().map(({ id }) => id), [], {
    equals: (a, b) => a.join() === b.join(),
  });
  const numbers = createMemo(() => {
    let next = 0;
    return new Map(arranging.panels().map(({ id, kind }) => [id, kindOf(kind)?.unnumbered ? null : ++next] as const));
  });
  const style = (id: string): JSX.CSSProperties => {
    const place = arranging.places().get(id);
    if (!place) return {};
    if (columns() === 1) return { '--rows': String(place.height), order: ids().indexOf(id) };
    return {
      'grid-column': `${place.x + 1} / span ${place.width}`,
      'grid-row': `${place.y + 1} / span ${place.height}`,
    };
  };
  return (
    <>
      <p id="arrange-keys" class="vh">
        Arrow keys move the panel, with Shift they change its size.
      </p>
      <p class="vh" role="status">
        {arranging.said()}
      </p>
      <div
        ref={sheet}
        class="sheet"
        classList={{ one: columns() === 1, moving: arranging.held() !== null }}
        style={{ '--sheet-rows': String(rowsOf([...arranging.places().values()])) }}
      >
        <For each={ids()}>
          {(id) => (
            <Show when={byId().get(id)}>
              {(panel) => (
                <div class="slot" classList={{ 'drop-before': arranging.target() === id }} style={style(id)}>
                  <PanelFrame
                    panel={panel() satisfies Panel}
                    number={numbers().get(id) ?? null}
                    arranging={arranging}
                  />
                </div>
              )}
            </Show>
          )}
        </For>
        <Show when={arranging.target() === ''}>
          <i class="drop-end" aria-hidden="true" />
        </Show>
      </div>
    </>
  );
}
