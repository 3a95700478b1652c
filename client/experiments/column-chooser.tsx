/** Which columns stand in the table, and in which order. */
import type { Catalogue } from '@trialroom/shared/api/experiments';
import { createMemo, createSignal, For, type JSX, Show } from 'solid-js';
import { Button } from '../components/button.tsx';
import { placeBeside } from '../components/pop-menu.tsx';
import { titleOf } from './shown-columns.ts';
import { codeOf, type Shown } from './view.ts';

const OWN = [
  'ran',
  'by',
  'started',
  'ended',
  'created',
  'experiment',
  'tags',
  'note',
  'notebook',
  'backend',
  'objective',
] as const;

export function ColumnChooser(props: {
  shown: readonly Shown[];
  catalogue: Catalogue | null;
  onChange: (columns: Shown[] | null) => void;
}): JSX.Element {
  let popup: HTMLDivElement | undefined;
  let button: HTMLSpanElement | undefined;
  const [open, setOpen] = createSignal(false);
  const [typed, setTyped] = createSignal('');
  const possible = createMemo((): Shown[] => {
    const metrics = props.catalogue?.metrics ?? [];
    return [
      ...metrics.map(({ name }): Shown => ({ of: 'metric', key: name, reading: 'last' })),
      ...metrics.map(({ name }): Shown => ({ of: 'metric', key: name, reading: 'best' })),
      ...metrics.map(({ name }): Shown => ({ of: 'spark', key: name })),
      ...metrics.map(({ name }): Shown => ({ of: 'dots', key: name })),
      ...(props.catalogue?.params ?? []).map(({ name }): Shown => ({ of: 'params', key: name })),
      ...(props.catalogue?.summary ?? []).map(({ name }): Shown => ({ of: 'summary', key: name })),
      ...OWN.map((name): Shown => ({ of: 'trial', name })),
    ];
  });
  const codes = createMemo(() => new Set(props.shown.map(codeOf)));
  const offered = createMemo(() =>
    possible()
      .filter(
        (one) => !codes().has(codeOf(one)) && `${one.of} ${titleOf(one)}`.toLowerCase().includes(typed().toLowerCase()),
      )
      .slice(0, 60),
  );
  const move = (index: number, by: number): void => {
    const next = [...props.shown];
    const [one] = next.splice(index, 1);
    if (one) next.splice(Math.max(0, Math.min(next.length, index + by)), 0, one);
    props.onChange(next);
  };
  return (
    <span ref={button}>
      <Button
        kind="quiet"
        icon="table"
        aria-expanded={open()}
        onClick={() => {
          setOpen(!open());
          queueMicrotask(() => {
            popup?.showPopover();
            placeBeside(popup, button);
          });
        }}
      >
        Columns
      </Button>
      <Show when={open()}>
        <div
          ref={popup}
          class="columns-popup"
          popover="auto"
          role="dialog"
          aria-label="Columns"
          onToggle={(event) => event.newState === 'closed' && setOpen(false)}
        >
          <ol>
            <For each={props.shown}>
              {(one, index) => (
                <li>
                  <span>{titleOf(one)}</span>
                  <Button
                    kind="quiet"
                    icon="higher"
                    aria-label={`Move ${titleOf(one)} to the left`}
                    disabled={index() === 0}
                    onClick={() => move(index(), -1)}
                  />
                  <Button
                    kind="quiet"
                    icon="lower"
                    aria-label={`Move ${titleOf(one)} to the right`}
                    disabled={index() === props.shown.length - 1}
                    onClick={() => move(index(), 1)}
                  />
                  <Button
                    kind="quiet"
                    icon="x"
                    aria-label={`Take ${titleOf(one)} away`}
                    onClick={() => props.onChange(props.shown.filter((other) => other !== one))}
                  />
                </li>
              )}
            </For>
          </ol>
          <input
            aria-label="Find a column"
            placeholder="find a column to add"
            value={typed()}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
          <ul>
            <For each={offered()} fallback={<li class="i3">No other column is called that.</li>}>
              {(one) => (
                <li>
                  <button type="button" onClick={() => props.onChange([...props.shown, one])}>
                    {titleOf(one)}{' '}
                    <small>{one.of === 'metric' || one.of === 'spark' || one.of === 'dots' ? 'metric' : one.of}</small>
                  </button>
                </li>
              )}
            </For>
          </ul>
          <Button kind="quiet" onClick={() => props.onChange(null)}>
            As usual
          </Button>
        </div>
      </Show>
    </span>
  );
}
