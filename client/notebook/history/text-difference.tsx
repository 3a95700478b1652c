/** Two texts as one picture: lines that came and went, words within them, and what stayed folded away. */
import { createMemo, createSignal, For, type JSX, Show } from 'solid-js';
import { type DiffLine, diffText, foldLines } from './text-diff.ts';

/** Two texts as one; null where there is no such text. */
export function TextDifference(props: { before: string | null; after: string | null }): JSX.Element {
  const lines = createMemo((): DiffLine[] => {
    const { before, after } = props;
    if (before !== null && after !== null) return diffText(before, after);
    const text = (before ?? after ?? '').split('\n');
    return text.map((line, index) => {
      const parts = [{ text: line, marked: false }];
      return before === null
        ? { kind: 'added', before: null, after: index + 1, parts }
        : { kind: 'removed', before: index + 1, after: null, parts };
    });
  });
  return (
    <div class="vd-text code">
      <For each={foldLines(lines())}>
        {(run) => {
          const [open, setOpen] = createSignal(!run.folded);
          return (
            <Show
              when={open()}
              fallback={
                <button type="button" class="vd-fold" onClick={() => setOpen(true)}>
                  {run.lines.length} unchanged lines
                </button>
              }
            >
              <For each={run.lines}>{(line) => <DiffLineView line={line} />}</For>
            </Show>
          );
        }}
      </For>
    </div>
  );
}

const SIGNS = { same: ' ', added: '+', removed: '−' } as const;

/** One line of a difference: its number, its sign, and its text with what differs marked. */
export function DiffLineView(props: { line: DiffLine }): JSX.Element {
  return (
    <div class={`vl l-${props.line.kind}`}>
      <span class="vl-no num" aria-hidden="true">
        {props.line.after ?? props.line.before}
      </span>
      <span class="vl-sign">{SIGNS[props.line.kind]}</span>
      <span class="vl-text">
        <For each={props.line.parts}>{(part) => (part.marked ? <mark>{part.text}</mark> : part.text)}</For>
        {props.line.parts.length === 0 ? '\n' : ''}
      </span>
    </div>
  );
}
