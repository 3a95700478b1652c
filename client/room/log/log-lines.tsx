/** Lines of a log, of which only those in sight are on the page; it follows the end until someone scrolls up to read. */
import type { LogLine } from '@trialroom/shared/trial/trial';
import { createEffect, createMemo, createSignal, For, type JSX, on, onCleanup, onMount, Show } from 'solid-js';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { visibleRows } from '../../components/visible-rows.ts';
import './log-lines.css';

export function LogLines(props: {
  log: readonly LogLine[];
  follows: boolean;
  /** Someone wants to say something about a line; absent: nobody may. */
  onNote?: ((line: LogLine) => void) | undefined;
}): JSX.Element {
  let box: HTMLDivElement | undefined;
  let probe: HTMLElement | undefined;
  const [following, setFollowing] = createSignal(true);
  const [scroll, setScroll] = createSignal({ top: 0, height: 300, row: 21 });
  const rows = createMemo(() => visibleRows(scroll().top, scroll().height, scroll().row, props.log.length));
  const measure = (): void => {
    if (!box) return;
    setScroll({ top: box.scrollTop, height: box.clientHeight, row: probe?.offsetHeight || 21 });
  };
  const toEnd = (): void => {
    if (!box) return;
    box.scrollTop = box.scrollHeight;
    measure();
  };
  onMount(() => {
    if (!box) return;
    const sizes = new ResizeObserver(() => (following() && props.follows ? toEnd() : measure()));
    sizes.observe(box);
    onCleanup(() => sizes.disconnect());
  });
  let frame = 0;
  createEffect(
    on(
      () => [props.log.length, props.log.at(-1)?.seq],
      () => {
        if (!following() || !props.follows) return;
        cancelAnimationFrame(frame);
        frame = requestAnimationFrame(toEnd);
      },
    ),
  );
  onCleanup(() => cancelAnimationFrame(frame));
  const onScroll = (): void => {
    if (!box) return;
    setFollowing(box.scrollHeight - box.scrollTop - box.clientHeight < scroll().row * 1.5);
    measure();
  };
  return (
    <div class="lg-at">
      {/* The log is scrolled with the keyboard, so it can hold the focus. */}
      <div ref={box} class="lg mono" role="log" aria-label="Log lines" aria-live="off" tabindex={0} onScroll={onScroll}>
        <span ref={probe} class="lg-probe" aria-hidden="true">
          0
        </span>
        <div style={{ height: `${rows().first * scroll().row}px` }} />
        <For each={props.log.slice(rows().first, rows().end)}>
          {(line) => (
            <div class={`l l-${line.stream}`}>
              <time>{stamp(line.at)}</time>
              <span>{line.text.replace(/\r?\n$/, '') || ' '}</span>
              <Show when={props.onNote}>
                {(note) => (
                  <button
                    type="button"
                    class="l-note"
                    title="Pin a note to this line"
                    aria-label={`Pin a note to line ${line.seq}`}
                    onClick={() => note()(line)}
                  >
                    <Icon name="comment" />
                  </button>
                )}
              </Show>
            </div>
          )}
        </For>
        <div style={{ height: `${(props.log.length - rows().end) * scroll().row}px` }} />
      </div>
      <Show when={!following() && props.follows}>
        <Button
          class="lg-follow"
          icon="down"
          onClick={() => {
            setFollowing(true);
            toEnd();
          }}
        >
          Follow
        </Button>
      </Show>
    </div>
  );
}

/** `14:52:07.118` */
function stamp(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
