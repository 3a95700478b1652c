/** What a cell printed, as a terminal would show it: colours, the newest line in view, the whole of it a link away. */
import type { Output } from '@trialroom/shared/notebook/outputs';
import { createEffect, type JSX, on, onCleanup, onMount, Show } from 'solid-js';
import { oncePerFrame } from '../sheet/frames.ts';
import { TerminalText } from './ansi.ts';
import { WholeText } from './whole/whole-text.tsx';

/** Texts longer than this, in characters, are drawn anew at most every {@link SLOW} ms when they were rewritten. */
const LONG = 32 * 1024;
const SLOW = 150;

/** What a cell printed, with a way to the whole of it where that is long. */
export function StreamOutput(props: { output: Extract<Output, { type: 'stream' }> }): JSX.Element {
  let pre: HTMLPreElement | undefined;
  const terminal = new TerminalText();
  let drawnAt = 0;
  let later: ReturnType<typeof setTimeout> | undefined;

  const draw = (): void => {
    if (!pre) return;
    const { text } = props.output;
    const grew = text.startsWith(drawn);
    const wait = drawnAt + SLOW - performance.now();
    if (!grew && text.length > LONG && wait > 0) {
      later ??= setTimeout(() => {
        later = undefined;
        draw();
      }, wait);
      return;
    }
    const box = pre.closest<HTMLElement>('[data-outputs]') ?? pre;
    const following = box.scrollHeight - box.scrollTop - box.clientHeight < 24;
    const { how, html } = terminal.show(text);
    if (how === 'append') pre.insertAdjacentHTML('beforeend', html);
    else pre.innerHTML = html;
    drawn = text;
    drawnAt = performance.now();
    if (following) box.scrollTop = box.scrollHeight;
  };
  let drawn = '';
  const drawer = oncePerFrame(draw);
  onCleanup(() => {
    drawer.stop();
    clearTimeout(later);
  });
  onMount(() => createEffect(on(() => props.output.text, drawer.changed)));

  return (
    <div class="stream" classList={{ 'is-err': props.output.name === 'stderr' }}>
      <pre ref={pre} class="code" data-stream={props.output.name} />
      <Show when={props.output.spill}>{(spill) => <WholeText spill={spill()} name={props.output.name} />}</Show>
    </div>
  );
}
