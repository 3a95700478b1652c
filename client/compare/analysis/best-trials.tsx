import { A } from '@solidjs/router';
import { type Analysis, COMPARED } from '@trialroom/shared/api/comparison';
import { For, type JSX, Show } from 'solid-js';
import { count, figure, measured } from '../../components/figures.ts';
import { StatusGlyph } from '../../components/status-glyph.tsx';
import { compareHref } from '../address.ts';
import type { Axis } from './axes.ts';

/** Trials listed. */
const LISTED = 40;

/** The trials that pass, the best first, with what they have on each axis; pointing at one marks its line. */
export function BestTrials(props: {
  best: readonly { trial: Analysis['trials'][number]; at: number }[];
  axes: readonly Axis[];
  onPoint: (at: number | null) => void;
}): JSX.Element {
  return (
    <>
      <div class="cmp-scroll">
        <table class="tbl an-trials">
          <caption class="vh">Trials that pass, the best first</caption>
          <thead>
            <tr>
              <th scope="col">trial</th>
              <For each={props.axes}>
                {({ name, kind }) => (
                  <th scope="col" classList={{ n: kind !== 'category' }}>
                    {name}
                  </th>
                )}
              </For>
            </tr>
          </thead>
          <tbody>
            <For each={props.best.slice(0, LISTED)}>
              {({ trial, at }) => (
                <tr
                  onMouseEnter={() => props.onPoint(at)}
                  onMouseLeave={() => props.onPoint(null)}
                  onFocusIn={() => props.onPoint(at)}
                  onFocusOut={() => props.onPoint(null)}
                >
                  <th scope="row">
                    <StatusGlyph status={trial.status} />{' '}
                    <A class="tl" href={`/trials/${trial.id}`}>
                      {trial.name}
                    </A>
                  </th>
                  <For each={props.axes}>
                    {({ id, values, kind }) => (
                      <td class="num" classList={{ n: kind !== 'category' }}>
                        {values[at] === null
                          ? '—'
                          : typeof values[at] === 'number'
                            ? id.startsWith('m:')
                              ? measured(values[at] as number)
                              : figure(values[at] as number, 6)
                            : String(values[at])}
                      </td>
                    )}
                  </For>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </div>
      <p class="an-bar sm i3">
        <Show when={props.best.length > LISTED}>
          the best {LISTED} of {count(props.best.length)}
        </Show>
        <Show when={props.best.length >= COMPARED.least}>
          <A class="tl" href={compareHref(props.best.slice(0, 5).map(({ trial }) => trial.id))}>
            Compare the best {Math.min(5, props.best.length)}
          </A>
        </Show>
      </p>
    </>
  );
}
