/** A Vega-Lite chart. What draws it is fetched when the first one is seen, and is taken anew when the page's colours change. */
import { createEffect, createSignal, type JSX, on, onCleanup, onMount, Show } from 'solid-js';
import { unwrap } from 'solid-js/store';
import { theme } from '../../components/theme.ts';
import { TextOutput } from './text.tsx';
import './vega.css';
import type { Drawn } from './vega-view.ts';

/** A picture that a cell describes in Vega-Lite. */
export function VegaOutput(props: { data: unknown; plain: unknown }): JSX.Element {
  let box: HTMLDivElement | undefined;
  let drawn: Drawn | undefined;
  let turn = 0;
  const [state, setState] = createSignal<'loading' | 'drawn'>('loading');
  const [problem, setProblem] = createSignal<string | null>(null);
  const draw = async (): Promise<void> => {
    const mine = ++turn;
    try {
      const { drawVega } = await import('./vega-view.ts');
      if (mine !== turn || !box) return;
      const next = await drawVega(unwrap(props.data), String(props.plain ?? ''));
      if (mine !== turn || !box) {
        next.end();
        return;
      }
      drawn?.end();
      drawn = next;
      box.replaceChildren(next.element);
      next.fit(box.clientWidth);
      setState('drawn');
      setProblem(null);
    } catch (error) {
      if (mine === turn) setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  onMount(() => {
    createEffect(on([() => props.data, theme], () => void draw()));
    const resized = new ResizeObserver(() => {
      if (box) drawn?.fit(box.clientWidth);
    });
    if (box) resized.observe(box);
    onCleanup(() => {
      turn++;
      resized.disconnect();
      drawn?.end();
    });
  });
  return (
    <>
      <div ref={box} class="vega-out" hidden={problem() !== null} data-vega={state()} />
      <Show when={problem() ?? (state() === 'loading' ? '' : null)} keyed>
        {(why) => (
          <>
            <TextOutput text={props.plain} />
            <Show when={why}>
              <p class="sm wg-bad">This chart cannot be drawn: {why}</p>
            </Show>
          </>
        )}
      </Show>
    </>
  );
}
