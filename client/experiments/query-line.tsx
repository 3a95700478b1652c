/** The query line: colours what it reads, offers what may follow, and says under the place what it cannot read. */
import type { Catalogue } from '@trialroom/shared/api/experiments';
import { parseFilter } from '@trialroom/shared/trial/filter/parse';
import { tokenAt } from '@trialroom/shared/trial/filter/tokens';
import { createEffect, createMemo, createSignal, For, type JSX, on, Show } from 'solid-js';
import { Icon } from '../components/icon.tsx';
import { completionsAt } from './complete.ts';

/** Pieces of the text with what each is, for colouring. */
function pieces(text: string): { text: string; kind: string }[] {
  const all: { text: string; kind: string }[] = [];
  let at = 0;
  let asValue = false;
  for (;;) {
    const token = tokenAt(text, at, asValue);
    if (token.from > at) all.push({ text: text.slice(at, token.from), kind: '' });
    if (token.type === 'end') return all;
    const next = tokenAt(text, token.to);
    const kind =
      token.type === 'word' && /^(and|or|not|in)$/i.test(token.text)
        ? 'word'
        : token.type === 'quoted' || token.type === 'expression'
          ? 'text'
          : token.type === 'word' && !asValue && (next.type === 'colon' || next.type === 'operator')
            ? 'name'
            : '';
    all.push({ text: text.slice(token.from, token.to), kind });
    asValue = token.type === 'colon' || token.type === 'operator';
    at = token.to;
  }
}

export function QueryLine(props: {
  value: string;
  catalogue: Catalogue | null;
  /** What is said at the right end. */
  said: string;
  onChange: (filter: string) => void;
  ref: (input: HTMLInputElement) => void;
}): JSX.Element {
  let input!: HTMLInputElement;
  let mirror: HTMLDivElement | undefined;
  const [text, setText] = createSignal(props.value);
  const [caret, setCaret] = createSignal(0);
  const [open, setOpen] = createSignal(false);
  const [at, setAt] = createSignal(-1);
  createEffect(
    on(
      () => props.value,
      (value) => {
        if (value !== text()) setText(value);
      },
      { defer: true },
    ),
  );
  const parsed = createMemo(() => parseFilter(text()));
  const problem = () => {
    const result = parsed();
    return result.ok ? null : result.problem;
  };
  const offers = createMemo(() =>
    open() ? completionsAt(text(), caret(), props.catalogue) : { from: 0, to: 0, items: [] },
  );
  let timer: ReturnType<typeof setTimeout> | undefined;
  const apply = (): void => {
    clearTimeout(timer);
    if (parsed().ok && text() !== props.value) props.onChange(text());
  };
  const type = (value: string): void => {
    setText(value);
    setCaret(input.selectionStart ?? value.length);
    setAt(-1);
    setOpen(true);
    clearTimeout(timer);
    timer = setTimeout(apply, 250);
  };
  const take = (index: number): void => {
    const { from, to, items } = offers();
    const item = items[index];
    if (!item) return;
    const value = `${text().slice(0, from)}${item.text}${/[:\s]$|>$/.test(item.text) ? '' : ' '}${text().slice(to)}`;
    type(value);
    const place = from + item.text.length + (/[:\s]$|>$/.test(item.text) ? 0 : 1);
    queueMicrotask(() => {
      input.focus();
      input.setSelectionRange(place, place);
      setCaret(place);
    });
  };
  const onKey = (event: KeyboardEvent): void => {
    const last = offers().items.length - 1;
    if (event.key === 'ArrowDown' && last >= 0) setAt(Math.min(at() + 1, last));
    else if (event.key === 'ArrowUp' && last >= 0) setAt(Math.max(at() - 1, -1));
    else if ((event.key === 'Enter' || event.key === 'Tab') && at() >= 0) take(at());
    else if (event.key === 'Enter') {
      apply();
      setOpen(false);
      return;
    } else if (event.key === 'Escape') {
      if (open() && last >= 0) setOpen(false);
      else input.blur();
      return;
    } else return;
    event.preventDefault();
  };
  return (
    <div class="query">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the line around the field is only more of it to point at. */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: keys reach the field itself. */}
      <div class="query-line mono" classList={{ unreadable: problem() !== null }} onClick={() => input.focus()}>
        <Icon name="search" />
        <span class="query-field">
          <div class="query-mirror" aria-hidden="true" ref={mirror}>
            <For each={pieces(text())}>
              {(piece) => <span class={piece.kind && `q-${piece.kind}`}>{piece.text}</span>}
            </For>
          </div>
          <input
            ref={(element) => {
              input = element;
              props.ref(element);
            }}
            type="text"
            role="combobox"
            aria-label="Filter trials"
            aria-expanded={offers().items.length > 0}
            aria-controls="query-offers"
            aria-activedescendant={at() >= 0 ? `query-offer-${at()}` : undefined}
            aria-invalid={problem() !== null}
            aria-describedby={problem() ? 'query-problem' : undefined}
            autocomplete="off"
            spellcheck={false}
            placeholder="all trials: try status:running, val_acc > 0.9, tag:baseline, or any word"
            value={text()}
            onInput={(event) => type(event.currentTarget.value)}
            onKeyDown={onKey}
            onFocus={() => setOpen(true)}
            onBlur={() => {
              setOpen(false);
              apply();
            }}
            onSelect={() => setCaret(input.selectionStart ?? 0)}
            onScroll={() => mirror?.scrollTo(input.scrollLeft, 0)}
          />
        </span>
        <span class="query-said num">{props.said}</span>
      </div>
      <Show when={problem()}>
        {(wrong) => (
          <p class="query-problem" id="query-problem" role="status">
            <span class="mono query-place" aria-hidden="true">
              {' '.repeat(Math.min(wrong().from, 120))}
              {'^'.repeat(Math.max(1, Math.min(wrong().to - wrong().from, 40)))}
            </span>
            <span>
              <b>{wrong().message.charAt(0).toLocaleUpperCase() + wrong().message.slice(1)}.</b> Expected{' '}
              {wrong().expected}; {wrong().fix}.
            </span>
          </p>
        )}
      </Show>
      <Show when={open() && offers().items.length > 0}>
        <div class="query-offers" id="query-offers" role="listbox" aria-label="What may follow">
          <For each={offers().items}>
            {(item, index) => (
              <div
                id={`query-offer-${index()}`}
                role="option"
                tabIndex={-1}
                aria-selected={index() === at()}
                onPointerDown={(event) => {
                  event.preventDefault();
                  take(index());
                }}
              >
                <span class="mono">{item.text}</span>
                <small>{item.detail}</small>
              </div>
            )}
          </For>
        </div>
      </Show>
    </div>
  );
}
