/** A value as plain text. */
import type { JSX } from 'solid-js';
import { terminalHtml } from './ansi.ts';
import { textOf } from './choose.ts';

/** A value as plain text, with the colours of a terminal. */
export function TextOutput(props: { text: unknown }): JSX.Element {
  return <pre class="code plain" innerHTML={terminalHtml(textOf(props.text ?? ''))} />;
}
