import type { LogLine } from '@trialroom/shared/trial/trial';
import { createEffect, createMemo, createSignal, For, type JSX, on, onCleanup, onMount, Show } from 'solid-js';
import { Button } from '../components/button.tsx';
import { count } from '../components/figures.ts';
import { visibleRows } from './visible-rows.ts';
import './log-section.css';

/** What the trial printed, newest at the end; it follows until someone scrolls up to read. */
export function LogSection(props: { log: readonly LogLine[]; over: boolean }): JSX.Element {
  let box: HTMLDivElement | undefined;
  let probe: HTMLElement | undefined;
  const [following, setFollowing] = createSignal(true);
  const [scroll, setScroll] = createSignal({ top: 0, height: 300, row: 21 });
  const rows = createMemo(() => visibleRows(scroll().top, scroll().height, scroll().row, props.log.length));
  const total = () => props.log.at(-1)?.seq ?? 0;

  const measure = () => {
    if (!box) return;
    setScroll({ top: box.scrollTop, height: box.clientHeight, row: probe?.offsetHeight || 21 });
  };
  const toEnd = () => {
    if (!box) return;
    box.scrollTop = box.scrollHeight;
    measure();
  };
  onMount(() => {
    if (!box) return;
    const sizes = new ResizeObserver(() => (following() ? toEnd() : measure()));
    sizes.observe(box);
    onCleanup(() => sizes.disconnect());
  });
  createEffect(
    on(
      () => props.log.length + total(),
      () => {
        if (following()) requestAnimationFrame(toEnd);
      },
    ),
  );
  const onScroll = () => {
    if (!box) return;
    setFollowing(box.scrollHeight - box.scrollTop - box.clientHeight < scroll().row * 1.5);
    measure();
  };
  return (
    <section class="log" aria-label="Log">
      <div class="sh">
        <h2>Log</h2>
        <span class="c">{following() ? (props.over ? 'to its end' : 'following') : 'standing still'}</span>
        <Show when={!following()}>
          <Button
            kind="quiet"
            icon="down"
            onClick={() => {
              setFollowing(true);
              toEnd();
            }}
          >
            Follow
          </Button>
        </Show>
        <span class="r num">
          {props.log.length < total()
            ? `last ${count(props.log.length)} of ${count(total())} lines`
            : `${count(total())} lines`}
        </span>
      </div>
      {/* The log is scrolled with the keyboard, so it can hold the focus. */}
      <div
        ref={box}
        class="lg mono"
        classList={{ short: props.over && props.log.length < 12 }}
        role="log"
        aria-label="Log lines"
        aria-live="off"
        tabindex={0}
        onScroll={onScroll}
      >
        <span ref={probe} class="lg-probe" aria-hidden="true">
          0
        </span>
        <Show when={props.log.length > 0} fallback={<p class="i3">Nothing was printed yet.</p>}>
          <div style={{ height: `${rows().first * scroll().row}px` }} />
          <For each={props.log.slice(rows().first, rows().end)}>
            {(line) => (
              <div class={`l l-${line.stream}`}>
                <time>{stamp(line.at)}</time>
                <span>{line.text.replace(/\r?\n$/, '') || ' '}</span>
              </div>
            )}
          </For>
          <div style={{ height: `${(props.log.length - rows().end) * scroll().row}px` }} />
        </Show>
      </div>
    </section>
  );
}

/** `14:52:07.118` */
function stamp(at: number): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
