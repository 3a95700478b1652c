/** The trials of an experiment as a legend: colour, name, how it does; pressed, it is hidden here and nowhere else. */
import { A } from '@solidjs/router';
import { createMemo, createSignal, For, type JSX, Show } from 'solid-js';
import { Button } from '../components/button.tsx';
import { count, figure } from '../components/figures.ts';
import { StatusGlyph } from '../components/status-glyph.tsx';
import { useRoom } from './context.ts';
import { penOf } from './curves/trials.ts';

/** Most rows on the page; a search finds the others. */
const ROWS = 60;

export function Legend(props: { total: number }): JSX.Element {
  const room = useRoom();
  const [search, setSearch] = createSignal('');
  const found = createMemo(() => {
    const words = search().toLowerCase().split(/\s+/).filter(Boolean);
    const text = ({ trial }: ReturnType<typeof room.listed>[number]): string =>
      `${trial.name} ${trial.status} ${trial.tags.join(' ')} ${JSON.stringify(trial.params)}`.toLowerCase();
    return room
      .listed()
      .filter((one) => words.length === 0 || words.every((word) => text(one).includes(word)))
      .toReversed();
  });
  const hidden = room.view.hidden;
  const set = (numbers: readonly number[], gone: boolean): void => {
    const next = new Set(hidden());
    for (const number of numbers) {
      if (gone) next.add(number);
      else next.delete(number);
    }
    room.view.hide(next);
  };
  const all = (): number[] => found().map(({ number }) => number);
  return (
    <section class="legend" aria-label="Trials">
      <div class="sh">
        <h2>Trials</h2>
        <span class="c num">
          {count(room.trials().length)} of {count(props.total)} drawn
        </span>
      </div>
      <input
        type="search"
        class="find-in"
        placeholder="Search name, parameter, tag"
        aria-label="Search the trials"
        value={search()}
        onInput={(event) => setSearch(event.currentTarget.value)}
      />
      <p class="legend-acts">
        <Button kind="quiet" onClick={() => set(all(), false)}>
          Show {search() === '' ? 'all' : 'found'}
        </Button>
        <Button kind="quiet" onClick={() => set(all(), true)}>
          Hide {search() === '' ? 'all' : 'found'}
        </Button>
        <Show when={room.trials().length > 1 && room.trials().length <= 10}>
          <A
            class="tl"
            href={`/compare?trials=${room
              .trials()
              .map(({ id }) => id)
              .join(',')}`}
          >
            Compare
          </A>
        </Show>
      </p>
      <ul>
        <For each={found().slice(0, ROWS)}>
          {({ number, trial }) => (
            <li classList={{ off: hidden().has(number) }}>
              <button
                type="button"
                aria-pressed={!hidden().has(number)}
                aria-label={`${hidden().has(number) ? 'Show' : 'Hide'} ${trial.name}`}
                title={hidden().has(number) ? 'Show its curves here' : 'Hide its curves here; nobody else’s change'}
                onClick={() => set([number], !hidden().has(number))}
              >
                <span class={`key s${penOf(number)}`} classList={{ dash: penOf(number) > 6 }} />
              </button>
              <A href={`/trials/${trial.id}`} title={trial.name}>
                {trial.name}
              </A>
              <StatusGlyph status={trial.status} />
              <b class="num">{best(trial.summary, room.objective()?.key)}</b>
            </li>
          )}
        </For>
      </ul>
      <Show when={found().length > ROWS}>
        <p class="i3 sm">and {count(found().length - ROWS)} more; search to find them</p>
      </Show>
      <Show when={found().length === 0}>
        <p class="empty">No trial here has these words.</p>
      </Show>
    </section>
  );
}

function best(summary: Readonly<Record<string, unknown>>, key: string | undefined): string {
  const value = key === undefined ? undefined : summary[key];
  return typeof value === 'number' ? figure(value) : '';
}
