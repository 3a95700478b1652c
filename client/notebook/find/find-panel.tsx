/** Find and replace: what is looked for, how many there are, and the ways through them. */
import type { CellType } from '@trialroom/shared/notebook/document';
import { createEffect, createSignal, type JSX, on, Show } from 'solid-js';
import { Button } from '../../components/button.tsx';
import { count } from '../../components/figures.ts';
import { useNotebook } from '../model.ts';
import './find-panel.css';
import { MOST } from './search.ts';

const KINDS: readonly { value: CellType | ''; text: string }[] = [
  { value: '', text: 'All cells' },
  { value: 'code', text: 'Code' },
  { value: 'markdown', text: 'Text' },
  { value: 'raw', text: 'Raw' },
];

/** The panel of find and replace, while it is open. */
export function FindPanel(): JSX.Element {
  const { finding } = useNotebook();
  return <Show when={finding.open()}>{<Panel />}</Show>;
}

function Panel(): JSX.Element {
  const notebook = useNotebook();
  const { finding } = notebook;
  let field: HTMLInputElement | undefined;
  const [replaced, setReplaced] = createSignal<number | null>(null);
  // The focus comes here each time it is asked for, also when it is open already.
  createEffect(
    on(finding.open, () =>
      queueMicrotask(() => {
        field?.focus();
        field?.select();
      }),
    ),
  );
  const query = finding.query;
  const close = (): void => {
    const here = finding.here();
    const cell = here?.cell ?? notebook.selected();
    finding.setOpen(false);
    if (here && cell) notebook.select(cell, { from: here.from, to: here.to });
    else if (cell) notebook.select(cell, 'cell');
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') close();
    else if (event.key === 'Enter' && event.target === field) {
      if (event.shiftKey) finding.previous();
      else finding.next();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const total = () => finding.matches().length;
  const status = (): string => {
    if (finding.problem() !== null) return 'not a regular expression';
    if (query().text === '') return '';
    if (replaced() !== null && total() === 0) return `${count(replaced() ?? 0)} replaced`;
    if (total() === 0) return 'none';
    return `${finding.current() + 1} of ${total() >= MOST ? `${count(MOST)} or more` : count(total())}`;
  };
  const flag = (name: 'caseSensitive' | 'wholeWord' | 'regex', text: string, title: string): JSX.Element => (
    <button
      type="button"
      class="btn"
      aria-pressed={query()[name]}
      title={title}
      aria-label={title}
      onClick={() => finding.setQuery({ [name]: !query()[name] })}
    >
      {text}
    </button>
  );
  return (
    <div class="seek-at">
      <search class="seek" aria-label="Find in this notebook" onKeyDown={onKey}>
        <div class="seek-row">
          <input
            ref={field}
            class="field"
            type="text"
            aria-label="Find"
            placeholder="Find in all cells"
            spellcheck={false}
            value={query().text}
            aria-invalid={finding.problem() !== null}
            title={finding.problem() ?? undefined}
            onInput={(event) => {
              setReplaced(null);
              finding.setQuery({ text: event.currentTarget.value });
            }}
          />
          <fieldset class="seg">
            <legend class="vh">How to compare</legend>
            {flag('caseSensitive', 'Aa', 'Upper and lower case differ')}
            {flag('wholeWord', 'W', 'Whole words')}
            {flag('regex', '.*', 'Regular expression')}
          </fieldset>
          <Button kind="quiet" icon="x" aria-label="Close find" title="Close (Escape)" onClick={close} />
        </div>
        <Show when={notebook.canEdit()}>
          <div class="seek-row">
            <input
              class="field"
              type="text"
              aria-label="Replace by"
              placeholder={query().regex ? 'Replace by; $1 is the first group' : 'Replace by'}
              spellcheck={false}
              value={finding.by()}
              onInput={(event) => finding.setBy(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === 'Enter') finding.replace();
              }}
            />
            <Button
              disabled={!finding.here()}
              onClick={() => {
                finding.replace();
                if (!finding.here()) field?.focus();
              }}
            >
              Replace
            </Button>
            <Button
              disabled={total() === 0}
              onClick={() => {
                // The button has nothing more to do and would drop the focus.
                field?.focus();
                setReplaced(finding.replaceAll());
              }}
            >
              All
            </Button>
          </div>
        </Show>
        <div class="seek-row">
          <label class="kind">
            <span class="vh">Where to look</span>
            <select
              onChange={(event) => {
                const kind = KINDS.find(({ value }) => value === event.currentTarget.value)?.value;
                finding.setQuery({ kind: kind === undefined || kind === '' ? null : kind });
              }}
            >
              {KINDS.map(({ value, text }) => (
                <option value={value} selected={(query().kind ?? '') === value}>
                  {text}
                </option>
              ))}
            </select>
          </label>
          <output class="sm i2" classList={{ bad: finding.problem() !== null }}>
            {status()}
          </output>
          <Button
            kind="quiet"
            icon="higher"
            aria-label="Previous match"
            title="Previous (Shift Enter)"
            disabled={total() === 0}
            onClick={() => finding.previous()}
          />
          <Button
            kind="quiet"
            icon="lower"
            aria-label="Next match"
            title="Next (Enter)"
            disabled={total() === 0}
            onClick={() => finding.next()}
          />
        </div>
      </search>
    </div>
  );
}
