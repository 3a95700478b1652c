/** A cell's HTML, in a frame that has no origin and is as tall as what it holds. */
import { createEffect, createSignal, type JSX, on, onCleanup } from 'solid-js';
import { theme } from '../../components/theme.ts';
import { frameStyle, INHERITED, readFromFrame } from './frame-messages.ts';

/** Taller content scrolls inside, in px. */
const TALLEST = 2400;

/** HTML of a cell, which can reach nothing of this page. */
export function HtmlOutput(props: { html: string }): JSX.Element {
  let frame: HTMLIFrameElement | undefined;
  const [height, setHeight] = createSignal(24);
  const listen = (event: MessageEvent<unknown>): void => {
    // A frame without an origin cannot be told by its origin; the window it speaks from is proof enough.
    if (!frame?.contentWindow || event.source !== frame.contentWindow) return;
    const said = readFromFrame(event.data);
    if (said?.type === 'trialroom:height') setHeight(Math.min(Math.ceil(said.height), TALLEST));
    if (said?.type !== 'trialroom:ready') return;
    const style = getComputedStyle(document.documentElement);
    const values = Object.fromEntries(INHERITED.map((name) => [name, style.getPropertyValue(name).trim()]));
    frame.contentWindow.postMessage(
      { type: 'trialroom:html', html: props.html, css: frameStyle(theme(), values) },
      '*',
    );
  };
  window.addEventListener('message', listen);
  onCleanup(() => window.removeEventListener('message', listen));
  // New content, or other colours: the frame starts anew and asks for them.
  createEffect(
    on(
      () => [props.html, theme()],
      () => {
        if (frame) frame.src = '/output-frame';
      },
      { defer: true },
    ),
  );
  return (
    <iframe
      ref={(element) => {
        frame = element;
      }}
      class="html-out"
      title="Output of this cell"
      sandbox="allow-scripts"
      src="/output-frame"
      style={{ height: `${height()}px` }}
    />
  );
}
