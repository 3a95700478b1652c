/** Beside a code cell: run or stop it, its number, who ran it, how long, and a word when its state needs one. */
import { createMemo, createSignal, type JSX, onCleanup, Show } from 'solid-js';
import { Icon } from '../../components/icon.tsx';
import type { StatusShape } from '../../components/icons.ts';
import { Initials } from '../../components/people.tsx';
import { StatusGlyph } from '../../components/status-glyph.tsx';
import { me } from '../../data/me.ts';
import { wordsOf } from '../editor/remarks.ts';
import { useNotebook } from '../model.ts';
import { runStory } from './run-story.ts';
import { elapsed, took } from './times.ts';

/** The face of a cell's state. `fresh` has nothing to say. */
export type Face = 'fresh' | 'queued' | 'running' | 'stale' | 'failed' | 'aborted';

const GLYPHS: Readonly<Record<Exclude<Face, 'fresh'>, { status: StatusShape; label: string }>> = {
  queued: { status: 'queued', label: 'Queued' },
  running: { status: 'running', label: 'Running' },
  stale: { status: 'stale', label: 'Stale' },
  failed: { status: 'failed', label: 'Failed' },
  aborted: { status: 'stopped', label: 'Stopped' },
};

/** What stands to the left of a code cell. */
export function Gutter(props: { cell: string; face: Face; position: number }): JSX.Element {
  const notebook = useNotebook();
  const state = () => notebook.stateOf(props.cell);
  const waiting = () => notebook.session()?.queue.find(({ cell }) => cell === props.cell);
  const by = () => (props.face === 'queued' ? (waiting()?.by ?? me() ?? state()?.by) : state()?.by);
  const number = (): string => {
    if (props.face === 'queued') return '–';
    const count = props.face === 'running' ? notebook.session()?.running?.count : state()?.count;
    return count === null || count === undefined || count === 0 ? ' ' : String(count);
  };
  const glyph = () => (props.face === 'fresh' ? undefined : GLYPHS[props.face]);
  const remarks = () => notebook.diagnosticsOf(props.cell);
  const said = (): string =>
    `${remarks().length} ${remarks().length === 1 ? 'remark' : 'remarks'} of TypeScript on cell ${props.position}`;
  /** All that is known of the last run, in a sentence. */
  const story = createMemo((): string => {
    const now = state();
    return now ? runStory(now, Date.now()) : '';
  });
  const summary = (): string => remarks().slice(0, 5).map(wordsOf).join('\n');
  const toFirst = (): void => {
    const first = [...remarks()].sort((a, b) => a.from - b.from)[0];
    if (first) notebook.select(props.cell, { from: first.from, to: first.to });
  };
  return (
    <div class="gut">
      <Show when={notebook.canRun()} fallback={<span class="run" />}>
        <Show
          when={props.face === 'running'}
          fallback={
            <button
              type="button"
              class="run"
              aria-label={`Run cell ${props.position}`}
              title="Run this cell (Ctrl or ⌘ Enter)"
              onClick={() => {
                notebook.select(props.cell, null);
                void notebook.run([props.cell]);
              }}
            >
              <Icon name="play" />
            </button>
          }
        >
          <button
            type="button"
            class="run"
            aria-label={`Stop cell ${props.position}`}
            title="Stop this run (I I)"
            onClick={() => void notebook.interrupt()}
          >
            <Icon name="stop" />
          </button>
        </Show>
      </Show>
      <span class="no num" data-count>
        {number()}
      </span>
      <span class="gb" title={story() || undefined}>
        <Show when={story()}>
          <span class="vh">{story()}</span>
        </Show>
        <Show when={by()}>{(person) => <Initials person={person()} />}</Show>
        <span class="num gt">
          <Show
            when={props.face === 'running' && state()?.startedAt}
            fallback={<Show when={props.face !== 'queued' && state()?.ms != null}>{took(state()?.ms ?? 0)}</Show>}
          >
            {(startedAt) => <Timer since={startedAt()} />}
          </Show>
        </span>
      </span>
      <Show when={glyph()}>
        {(shape) => (
          <span class="gs">
            <StatusGlyph status={shape().status} label={shape().label} text />
          </span>
        )}
      </Show>
      <Show when={remarks().length > 0}>
        <button type="button" class="gr-remarks num" aria-label={said()} title={summary()} onClick={toFirst}>
          {remarks().length}
        </button>
      </Show>
    </div>
  );
}

/** Counts up while it is on the page. `since` is the server's clock; a clock that is behind never shows a negative time. */
function Timer(props: { since: number }): JSX.Element {
  const [now, setNow] = createSignal(Date.now());
  const timer = setInterval(() => {
    if (!document.hidden) setNow(Date.now());
  }, 100);
  onCleanup(() => clearInterval(timer));
  return <>{elapsed(now() - props.since)}</>;
}
