import { For, type JSX } from 'solid-js';
import { count } from './figures.ts';
import { plainValue } from './plain-value.ts';

/** A heading with how many there are, and each name beside its value in one line. */
export function NamedValues(props: { title: string; rows: [string, unknown][] }): JSX.Element {
  return (
    <>
      <div class="sh">
        <h2>{props.title}</h2>
        <span class="c num">{count(props.rows.length)}</span>
      </div>
      <dl class="kv">
        <For each={props.rows}>
          {([name, value]) => (
            <div>
              <dt class="mono">{name}</dt>
              <dd class="num" title={plainValue(value)}>
                {plainValue(value)}
              </dd>
            </div>
          )}
        </For>
      </dl>
    </>
  );
}
