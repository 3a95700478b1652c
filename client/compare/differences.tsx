/** The code of two trials, cell by cell, and what their notebooks printed. */

import type { Comparison } from '@trialroom/shared/api/comparison';
import { trials as trialsApi } from '@trialroom/shared/api/endpoints';
import { compareCells, nameOf } from '@trialroom/shared/history/compare';
import type { VersionCell } from '@trialroom/shared/history/history';
import { type NotebookFile, parseNotebook } from '@trialroom/shared/notebook/format';
import type { CodeCell } from '@trialroom/shared/trial/code';
import { createMemo, createResource, For, type JSX, Match, Show, Switch } from 'solid-js';
import { call, ProblemError } from '../data/api.ts';
import { TextDifference } from '../notebook/history/text-difference.tsx';
import { ProblemNote, SkeletonRows } from '../shell/states.tsx';
import '../notebook/history/history.css';

const KINDS = { code: 'Code', markdown: 'Text', raw: 'Raw' } as const;

const asVersion = ({ id, type, source }: CodeCell): VersionCell => ({
  ...{ id, type, source, metadata: {}, extra: {}, outputs: [], count: null },
});

export function CodeDifference(props: { comparison: Comparison; base: number; other: number }): JSX.Element {
  const side = (place: number) => {
    const ran = props.comparison.ran[place];
    const code = ran ? props.comparison.code[ran.code] : undefined;
    return ran && code ? { ...ran, cells: code.cells } : null;
  };
  const both = () => {
    const [base, other] = [side(props.base), side(props.other)];
    return base && other ? { base, other } : null;
  };
  const cells = createMemo(() => {
    const pair = both();
    if (!pair) return [];
    return compareCells(pair.base.cells.map(asVersion), pair.other.cells.map(asVersion)).filter(
      (one) => nameOf(one) !== 'same',
    );
  });
  const unknown = () =>
    [props.base, props.other].filter((place) => !side(place)).map((at) => props.comparison.names[at]);
  return (
    <Switch>
      <Match when={unknown().length > 0}>
        <p class="empty">
          <b>The code of {unknown().join(' and ')} is not known.</b> It is kept since trials are opened by this version.
        </p>
      </Match>
      <Match when={cells().length === 0}>
        <p class="empty">
          <b>The code is the same</b>, {counted(both()?.base.cells.length ?? 0)}.
        </p>
      </Match>
      <Match when={true}>
        <For each={cells()}>
          {(one) => (
            <section
              class={`vd d-${nameOf(one)}`}
              aria-label={`${KINDS[(one.after ?? one.before)?.type ?? 'code']} cell, ${nameOf(one)}`}
            >
              <header>
                <span class="vd-word">{nameOf(one)}</span>
                <span class="i3 sm">
                  {KINDS[(one.after ?? one.before)?.type ?? 'code']}
                  {[both()?.base.cell, both()?.other.cell].includes(one.id) ? ' · opened the trial' : ''}
                </span>
              </header>
              <TextDifference before={one.before?.source ?? null} after={one.after?.source ?? null} />
            </section>
          )}
        </For>
      </Match>
    </Switch>
  );
}

const counted = (cells: number): string => (cells === 1 ? 'one cell' : `all ${cells} cells`);

type FileCells = NotebookFile['cells'];

/** What the cells of a trial's executed notebook printed and gave, by cell; null: it was not launched, or has not ended. */
async function printed(trial: string): Promise<Map<string, string> | null> {
  try {
    const file = await call(trialsApi.executed, { params: { id: trial } });
    return new Map(parseNotebook(JSON.stringify(file)).cells.map((cell) => [cell.id, textOf(cell)]));
  } catch (error) {
    if (error instanceof ProblemError && error.status === 404) return null;
    throw error;
  }
}

function textOf(cell: FileCells[number]): string {
  if (cell.cell_type !== 'code') return '';
  return cell.outputs
    .map((output) => {
      if (output.output_type === 'stream') return joined(output.text);
      if (output.output_type === 'error') return `${output.ename}: ${output.evalue}\n`;
      const plain = output.data['text/plain'];
      return typeof plain === 'string' || Array.isArray(plain) ? `${joined(plain)}\n` : '';
    })
    .join('');
}

const joined = (text: unknown): string => (Array.isArray(text) ? text.join('') : String(text));

export function OutputDifference(props: { comparison: Comparison; base: number; other: number }): JSX.Element {
  const idAt = (place: number) => props.comparison.trials[place]?.id ?? '';
  const [both, { refetch }] = createResource(
    () => [idAt(props.base), idAt(props.other)] as const,
    async ([base, other]) => Promise.all([printed(base), printed(other)]),
  );
  const missing = () =>
    [props.base, props.other].filter((_, at) => both()?.[at] === null).map((place) => props.comparison.names[place]);
  const cells = createMemo(() => {
    if (both.state !== 'ready') return [];
    const [before, after] = both();
    if (!before || !after) return [];
    return [...new Set([...before.keys(), ...after.keys()])].flatMap((id) => {
      const [old, now] = [before.get(id) ?? '', after.get(id) ?? ''];
      return old === now ? [] : [{ id, old, now }];
    });
  });
  return (
    <Switch>
      <Match when={both.state === 'errored'}>
        <ProblemNote thrown={both.error} retry={() => void refetch()} />
      </Match>
      <Match when={both.loading}>
        <SkeletonRows rows={3} />
      </Match>
      <Match when={missing().length > 0}>
        <p class="empty">
          <b>The outputs of {missing().join(' and ')} are not kept.</b> A launched trial keeps its executed notebook
          when it has ended; one that ran in an open notebook does not.{' '}
          <Show when={props.comparison.summary.length > 0}>Its summary is above.</Show>
        </p>
      </Match>
      <Match when={cells().length === 0}>
        <p class="empty">
          <b>The outputs are the same.</b>
        </p>
      </Match>
      <Match when={true}>
        <For each={cells()}>
          {(one) => (
            <section class="vd d-changed" aria-label="Output that differs">
              <TextDifference before={one.old} after={one.now} />
            </section>
          )}
        </For>
      </Match>
    </Switch>
  );
}
