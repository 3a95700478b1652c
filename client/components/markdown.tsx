/** Markdown, from a person or from a cell, as prose. */
import type { Attachment } from '@trialroom/shared/notebook/cell-edits';
import { createMemo, createSignal, type JSX } from 'solid-js';
import { markdownHtml, mayHoldFormula, useFormulas } from './markdown-html.ts';
import './markdown.css';

const [formulas, setFormulas] = createSignal(false);
let fetching = false;

/** Fetches KaTeX once, when the first formula is seen; what is shown as source until then is drawn again. */
function fetchFormulas(): void {
  if (fetching) return;
  fetching = true;
  Promise.all([import('katex'), import('katex/dist/katex.min.css')]).then(
    ([{ default: katex }]) => {
      useFormulas(katex);
      setFormulas(true);
    },
    () => {
      // Without it formulas stay readable as their source; the next one tries again.
      fetching = false;
    },
  );
}

/**
 * @param props.attachments images that belong to the text
 * @param props.me id of who reads, where people can be mentioned
 */
export function Markdown(props: {
  text: string;
  attachments?: Readonly<Record<string, Attachment>>;
  me?: string | undefined;
}): JSX.Element {
  const html = createMemo(() => {
    formulas();
    if (mayHoldFormula(props.text)) fetchFormulas();
    return markdownHtml(props.text, props.attachments, props.me);
  });
  return <div class="md" innerHTML={html()} />;
}
