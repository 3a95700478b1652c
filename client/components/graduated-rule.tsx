import type { TrialStatus } from '@trialroom/shared/trial/trial';
import { createMemo, For, type JSX, Show } from 'solid-js';
import { count } from './figures.ts';
import { type Flag, flagText, groupFlags } from './flags.ts';
import { graduations } from './graduations.ts';
import { createWidth } from './width.ts';

/** Least distance from one flag to the next, in CSS pixels: of a word with two figures, and of what a thumb can tell apart. */
const FLAG_GAP = 36;
const FLAG_GAP_TOUCH = 44;

/** A hairline that carries a value: progress with round graduations, its two ends and the point reached written below. */
export function GraduatedRule(props: {
  done: number;
  /** Unknown totals leave the rule open: graduations grow with what is done, and no end is claimed. */
  total?: number | undefined;
  status: TrialStatus;
  label: string;
  /** Marks below the rule, e.g. the best step. */
  marks?: readonly { at: number; title: string; kind?: 'best' | 'checkpoint' }[];
  /** Flags above the rule: what people said, and where. */
  notes?: readonly Flag[];
  onNote?: (id: string) => void;
}): JSX.Element {
  const span = () => Math.max(props.total ?? props.done, 1);
  const known = () => props.total !== undefined || props.done > 0;
  const at = (value: number) => `${Math.min(100, Math.max(0, (value / span()) * 100)).toFixed(3)}%`;
  const ticks = () => (known() ? graduations(span()) : { major: [0], minor: [] });
  const share = () => Math.min(1, props.done / span());
  let rule: HTMLDivElement | undefined;
  const width = createWidth(() => rule);
  const flags = createMemo(() => {
    const gap = window.matchMedia('(pointer: coarse)').matches ? FLAG_GAP_TOUCH : FLAG_GAP;
    return groupFlags(props.notes ?? [], width() > 0 ? (gap / width()) * span() : 0);
  });
  /** Of several in one flag, each press tells the next. */
  const pressed = new Map<string, number>();
  const press = (group: readonly Flag[]): void => {
    const first = group[0];
    if (!first) return;
    const turn = pressed.get(first.id) ?? 0;
    pressed.set(first.id, turn + 1);
    props.onNote?.((group[turn % group.length] ?? first).id);
  };
  const labelled = () =>
    ticks().major.filter((value) => {
      const place = value / span();
      return value > 0 && place < 0.93 && Math.abs(place - share()) > 0.07;
    });
  return (
    <div
      ref={rule}
      class={`grad big g-${props.status}`}
      role="progressbar"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={props.total}
      aria-valuenow={props.total === undefined ? undefined : Math.min(props.done, props.total)}
      aria-valuetext={
        props.total === undefined ? `${count(props.done)} steps` : `${count(props.done)} of ${count(props.total)}`
      }
    >
      <svg viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">
        <path
          d={ticks()
            .minor.map((value) => `M${((value / span()) * 1000).toFixed(1)} 0V4`)
            .join('')}
        />
        <path
          class="maj"
          d={ticks()
            .major.map((value) => `M${((value / span()) * 1000).toFixed(1)} 0V8`)
            .join('')}
        />
      </svg>
      <i class="done" style={{ width: at(props.done) }} />
      <Show when={props.status === 'running'}>
        <i class="tip" style={{ left: at(props.done) }} />
      </Show>
      <For each={props.marks ?? []}>
        {(mark) => (
          <span
            class={`gm ${mark.kind === 'checkpoint' ? 'gm-ckpt' : 'gm-best'}`}
            style={{ left: at(mark.at) }}
            title={mark.title}
          />
        )}
      </For>
      <For each={flags()}>
        {(group) => (
          <button
            type="button"
            class="gm gm-note num"
            style={{ left: at(group.at) }}
            title={group.flags.map(({ label, title }) => `${label}: ${title}`).join('\n')}
            aria-label={group.flags.map(({ label, title }) => `Note ${label}: ${title}`).join('; ')}
            onClick={() => press(group.flags)}
          >
            {flagText(group)}
          </button>
        )}
      </For>
      <div class="gl num" aria-hidden="true">
        <Show when={share() > 0.04}>
          <span class="l" style={{ left: '0%' }}>
            0
          </span>
        </Show>
        <For each={labelled()}>{(value) => <span style={{ left: at(value) }}>{count(value)}</span>}</For>
        <span
          class="now"
          classList={{ l: share() <= 0.04, rr: share() > 0.96 }}
          style={{ left: share() <= 0.04 ? '0%' : share() > 0.96 ? '100%' : at(props.done) }}
        >
          {count(props.done)}
        </span>
        <Show when={props.total !== undefined && share() < 0.93}>
          <span class="rr" style={{ left: '100%' }}>
            {count(props.total ?? 0)}
          </span>
        </Show>
      </div>
    </div>
  );
}

/** The rule without its graduations: progress within a row. */
export function MiniRule(props: { done: number; total?: number | undefined; status: TrialStatus }): JSX.Element {
  const share = () => (props.total === undefined ? 0 : Math.min(1, props.done / Math.max(props.total, 1)));
  return (
    <span class={`mini g-${props.status}`} aria-hidden="true">
      <i class="done" style={{ width: `${(share() * 100).toFixed(2)}%` }} />
    </span>
  );
}
