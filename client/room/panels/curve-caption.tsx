/** What curves say at the crosshair, or at their ends, at the right of the caption. */
import { Index, type JSX, Show } from 'solid-js';
import { count, figure } from '../../components/figures.ts';

/** A step in words, and each line there. */
export interface Reading {
  x: string;
  lines: readonly { name: string; colour: number; value: number | undefined; raw: number | undefined }[];
}

/** Of more lines than fit none is singled out: they are counted, and each is named in the tables. */
export function CurveReading(props: { of: Reading | null; most: number }): JSX.Element {
  return (
    <Show when={props.of}>
      {(read) => (
        <>
          <span class="i3">at {read().x}</span>
          <Show
            when={read().lines.length <= props.most}
            fallback={<span class="i3">{count(read().lines.length)} lines</span>}
          >
            <Index each={read().lines}>
              {(line) => (
                <span class={`key s${line().colour}`} classList={{ dash: line().colour > 6 }}>
                  {line().name}{' '}
                  <b
                    class="num i1"
                    title={line().raw === undefined ? undefined : `recorded ${figure(line().raw ?? Number.NaN, 6)}`}
                  >
                    {line().value === undefined ? '—' : figure(line().value ?? Number.NaN)}
                  </b>
                </span>
              )}
            </Index>
          </Show>
        </>
      )}
    </Show>
  );
}
