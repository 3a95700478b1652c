/** A formula, set by KaTeX when that has been fetched; its source until then, and when it is no formula. */
import { createResource, type JSX, Show } from 'solid-js';
import { Markdown } from '../../components/markdown.tsx';
import { textOf } from './choose.ts';
import { formulaIn } from './formula.ts';
import { TextOutput } from './text.tsx';

/** A formula, set. */
export function LatexOutput(props: { data: unknown }): JSX.Element {
  const source = () => textOf(props.data);
  const formula = () => formulaIn(source());
  const [html] = createResource(formula, async (text) => {
    const [{ default: katex }] = await Promise.all([import('katex'), import('katex/dist/katex.min.css')]);
    return katex.renderToString(text, { displayMode: true, throwOnError: false, trust: false, strict: 'ignore' });
  });
  return (
    // Prose with formulas in it, as some libraries put out, is set as such.
    <Show when={formula() !== null} fallback={<Markdown text={source()} />}>
      <Show when={html.state === 'ready' ? html() : undefined} fallback={<TextOutput text={source()} />}>
        {(set) => <div class="md" innerHTML={set()} />}
      </Show>
    </Show>
  );
}
