/** The link to the whole of a long stream, and what it opens: all of its lines, of which only those in sight are drawn. */
import type { Spill } from '@trialroom/shared/notebook/outputs';
import {
  createEffect,
  createMemo,
  createResource,
  createSignal,
  For,
  type JSX,
  Match,
  on,
  onCleanup,
  Show,
  Switch,
} from 'solid-js';
import { Portal } from 'solid-js/web';
import { Button } from '../../../components/button.tsx';
import { count } from '../../../components/figures.ts';
import { Dialog } from '../../dialog.tsx';
import { size } from '../size.ts';
import { type Found, Lines, LONGEST_LINE, MOST_FOUND } from './lines.ts';
import './whole-text.css';

/** More bytes than this are not read into a page: its end is, where errors stand. */
const READ = 64 * 1024 * 1024;
/** Height of a line, in pixels; browsers make nothing higher than some 30 million. */
const LINE = 20;
const HIGHEST = 16_000_000;
/** Lines that are drawn above and below those in sight. */
const MARGIN = 20;
/** After this pause in typing it is searched, in ms. */
const PAUSE = 120;

export function WholeText(props: { spill: Spill; name: string }): JSX.Element {
  const [open, setOpen] = createSignal(false);
  return (
    <>
      <a
        class="tl spill num"
        href={`${props.spill.url}?show`}
        target="_blank"
        rel="noopener"
        onClick={(event) => {
          // With a key held, it is opened where the browser says.
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          setOpen(true);
        }}
      >
        All {count(props.spill.lines)} lines ({size(props.spill.bytes)})
      </a>
      {/* Outside of the sheet, whose keys are not meant here. */}
      <Show when={open()}>
        <Portal>
          <Dialog open class="whole-text" label={`All of ${props.name}`} onClose={() => setOpen(false)}>
            <Reading spill={props.spill} name={props.name} />
          </Dialog>
        </Portal>
      </Show>
    </>
  );
}

async function read({ url, bytes }: Spill, signal: AbortSignal): Promise<Lines> {
  const headers = bytes > READ ? { range: `bytes=-${READ}` } : undefined;
  const response = await fetch(url, { signal, ...(headers ? { headers } : {}) });
  if (!response.ok) {
    const said: unknown = await response.json().catch(() => null);
    const message = typeof said === 'object' && said !== null ? Reflect.get(said, 'message') : undefined;
    throw new Error(typeof message === 'string' ? message : `The server answered ${response.status}`);
  }
  return new Lines(await response.text());
}

function Reading(props: { spill: Spill; name: string }): JSX.Element {
  const stop = new AbortController();
  onCleanup(() => stop.abort());
  // What it was when it was opened: a stream that grows is read again when one asks for it.
  const [lines, { refetch }] = createResource(() => read(props.spill, stop.signal));
  return (
    <>
      <header class="wt-head">
        <h2>All of {props.name}</h2>
        <span class="i3 num">
          {count(props.spill.lines)} lines, {size(props.spill.bytes)}
        </span>
        <a class="tl" href={props.spill.url} download="">
          Download
        </a>
      </header>
      <Switch>
        <Match when={lines.state === 'errored'}>
          <p class="wt-wait" role="alert">
            It cannot be read: {lines.error instanceof Error ? lines.error.message : String(lines.error)}.{' '}
            <Button kind="quiet" onClick={() => void refetch()}>
              Try again
            </Button>
          </p>
        </Match>
        <Match when={lines.state === 'ready' ? lines() : undefined}>
          {(ready) => <Searched lines={ready()} left={props.spill.bytes > READ} />}
        </Match>
        <Match when={lines.loading}>
          <p class="wt-wait i3" role="status">
            Reading {size(Math.min(props.spill.bytes, READ))}…
          </p>
        </Match>
      </Switch>
    </>
  );
}

function Searched(props: { lines: Lines; left: boolean }): JSX.Element {
  let box: HTMLDivElement | undefined;
  let field: HTMLInputElement | undefined;
  const [wanted, setWanted] = createSignal('');
  const [at, setAt] = createSignal(0);
  const [top, setTop] = createSignal(0);
  const [height, setHeight] = createSignal(600);
  const found = createMemo(() => props.lines.find(wanted()));
  const total = () => props.lines.count;
  const whole = () => Math.min(total() * LINE, HIGHEST);
  /** Pixels of scrolling for each line: less than its height where there are more lines than a page can be high. */
  const pitch = () => (whole() - height()) / Math.max(1, total() - Math.floor(height() / LINE));
  const exact = () => whole() === total() * LINE;
  const first = () => (exact() ? Math.floor(top() / LINE) : Math.round(top() / pitch()));
  const shown = createMemo((): number[] => {
    const from = Math.max(0, first() - (exact() ? MARGIN : 0));
    const to = Math.min(total(), first() + Math.ceil(height() / LINE) + MARGIN);
    return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
  });
  const offset = () => (exact() ? (shown()[0] ?? 0) * LINE : top());
  const byLine = createMemo(() => Map.groupBy(found(), ({ line }) => line));

  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));
  const go = (index: number): void => {
    const list = found();
    const place = list[(index + list.length) % Math.max(1, list.length)];
    if (!place || !box) return;
    setAt((index + list.length) % list.length);
    const line = Math.max(0, place.line - Math.floor(height() / LINE / 2));
    box.scrollTop = exact() ? line * LINE : line * pitch();
    box.scrollLeft = 0;
  };
  createEffect(on(found, () => go(0), { defer: true }));
  createEffect(
    on([], () => {
      const observer = new ResizeObserver(() => setHeight(box?.clientHeight ?? 600));
      if (box) observer.observe(box);
      onCleanup(() => observer.disconnect());
      // The newest is what one comes for, as in the page.
      if (box) box.scrollTop = box.scrollHeight;
      field?.focus();
    }),
  );
  const status = (): string => {
    if (wanted() === '') return '';
    if (found().length === 0) return 'none';
    const many = found().length >= MOST_FOUND;
    return `${count(at() + 1)} of ${count(found().length)}${many ? ' or more' : ''}`;
  };
  return (
    <>
      <div class="wt-search">
        <input
          ref={field}
          class="field"
          type="text"
          aria-label="Find in this output"
          placeholder="Find in this output"
          spellcheck={false}
          onInput={(event) => {
            const { value } = event.currentTarget;
            clearTimeout(timer);
            timer = setTimeout(() => setWanted(value), PAUSE);
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            go(at() + (event.shiftKey ? -1 : 1));
          }}
        />
        <output class="num">{status()}</output>
        <Button kind="quiet" icon="higher" aria-label="Previous" onClick={() => go(at() - 1)} />
        <Button kind="quiet" icon="lower" aria-label="Next" onClick={() => go(at() + 1)} />
      </div>
      <Show when={props.left}>
        <p class="i3 sm">
          Only its last {size(READ)} are shown here, and lines are counted from there. The download has all.
        </p>
      </Show>
      <section
        class="wt-lines code"
        tabindex="0"
        ref={box}
        aria-label="Lines"
        onScroll={() => setTop(box?.scrollTop ?? 0)}
      >
        <div style={{ height: `${whole()}px` }}>
          <div class="wt-window" style={{ transform: `translateY(${offset()}px)` }}>
            <For each={shown()}>
              {(line) => (
                <Line number={line} text={props.lines.at(line)} found={byLine().get(line)} here={found()[at()]} />
              )}
            </For>
          </div>
        </div>
      </section>
    </>
  );
}

function Line(props: {
  number: number;
  text: string;
  found: Found[] | undefined;
  here: Found | undefined;
}): JSX.Element {
  const parts = (): { text: string; found?: Found }[] => {
    const text = props.text.slice(0, LONGEST_LINE);
    const list: { text: string; found?: Found }[] = [];
    let at = 0;
    for (const found of props.found ?? []) {
      list.push({ text: text.slice(at, found.from) }, { text: text.slice(found.from, found.to), found });
      at = found.to;
    }
    list.push({ text: text.slice(at) + (props.text.length > LONGEST_LINE ? '…' : '') });
    return list;
  };
  return (
    <div class="wt-line" data-line={props.number + 1}>
      <span class="num" aria-hidden="true">
        {props.number + 1}
      </span>
      <span>
        <For each={parts()}>
          {(part) =>
            part.found ? <mark classList={{ here: part.found === props.here }}>{part.text}</mark> : part.text
          }
        </For>
      </span>
    </div>
  );
}
