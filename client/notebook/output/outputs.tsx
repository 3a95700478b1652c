/** The outputs of one cell, in order. Long ones scroll inside until someone asks for all of it. */
import type { Output } from '@trialroom/shared/notebook/outputs';
import { createEffect, createSignal, Index, type JSX, Match, onCleanup, onMount, Show, Switch } from 'solid-js';
import { Markdown } from '../../components/markdown.tsx';
import { OutputTool } from '../comments/marks.tsx';
import { WidgetOutput } from '../widgets/widget.tsx';
import { BlobOutput } from './blob.tsx';
import { wholeTable } from './blob-data.ts';
import { ChartOutput, TrialOutput } from './chart.tsx';
import { chooseMime, textOf } from './choose.ts';
import { ErrorOutput } from './error.tsx';
import { HtmlOutput } from './html.tsx';
import { ImageOutput } from './image.tsx';
import { JsonOutput } from './json.tsx';
import { LatexOutput } from './latex.tsx';
import { ProgressOutput } from './progress.tsx';
import { StreamOutput } from './stream.tsx';
import { TableOutput } from './table/table.tsx';
import { TextOutput } from './text.tsx';
import { VegaOutput } from './vega.tsx';

/** @param props.commentable whether threads can be begun on them: they are those of the cell itself */
export function Outputs(props: {
  outputs: readonly Output[];
  cell: string;
  label: string;
  commentable?: boolean;
}): JSX.Element {
  let box: HTMLDivElement | undefined;
  const [whole, setWhole] = createSignal(false);
  const [over, setOver] = createSignal(false);
  const measure = (): void => {
    if (box) setOver(box.scrollHeight > box.clientHeight + 4);
  };
  onMount(() => {
    const resized = new ResizeObserver(measure);
    if (box) resized.observe(box);
    const grown = new MutationObserver(measure);
    if (box) grown.observe(box, { childList: true, subtree: true, characterData: true });
    onCleanup(() => {
      resized.disconnect();
      grown.disconnect();
    });
  });
  createEffect(() => {
    if (props.outputs.length === 0) setWhole(false);
  });
  const onlyError = (): boolean => props.outputs.length > 0 && props.outputs.every(({ type }) => type === 'error');
  return (
    <div class="outp-frame">
      <section
        ref={box}
        class="outp"
        classList={{ whole: whole(), bare: onlyError() }}
        data-outputs
        aria-label={props.label}
        tabindex={over() && !whole() ? 0 : undefined}
      >
        <Index each={props.outputs}>{(output) => <One output={output()} cell={props.cell} />}</Index>
      </section>
      <Show when={props.commentable}>
        <OutputTool cell={props.cell} outputs={() => box} />
      </Show>
      <Show when={over() || whole()}>
        <button type="button" class="btn q fold" aria-expanded={whole()} onClick={() => setWhole((now) => !now)}>
          {whole() ? 'Show less' : 'Show all of it'}
        </button>
      </Show>
    </div>
  );
}

function One(props: { output: Output; cell: string }): JSX.Element {
  const stream = () => (props.output.type === 'stream' ? props.output : undefined);
  const failed = () => (props.output.type === 'error' ? props.output : undefined);
  const value = () => (props.output.type === 'display' || props.output.type === 'result' ? props.output : undefined);
  return (
    <Switch>
      <Match when={stream()}>{(output) => <StreamOutput output={output()} />}</Match>
      <Match when={failed()}>
        {(output) => <ErrorOutput error={output().error} cell={props.cell} uncaught={output().uncaught?.times} />}
      </Match>
      <Match when={value()}>
        {(output) => <Value data={output().data} metadata={output().metadata} cell={props.cell} />}
      </Match>
    </Switch>
  );
}

/** A displayed value, in the richest form offered. The form is chosen again only when the data changes. */
function Value(props: { data: Record<string, unknown>; metadata: Record<string, unknown>; cell: string }): JSX.Element {
  const choice = () => chooseMime(props.data);
  const data = () => props.data[choice().mime];
  const plain = () => props.data['text/plain'];
  return (
    <div class="value" data-mime={choice().mime}>
      <Switch fallback={<p class="i3 sm">This page cannot draw {choice().mime || 'an empty value'}.</p>}>
        <Match when={choice().drawing === 'widget'}>
          <WidgetOutput data={data()} plain={plain()} />
        </Match>
        <Match when={choice().drawing === 'progress'}>
          <ProgressOutput data={data()} plain={plain()} cell={props.cell} />
        </Match>
        <Match when={choice().drawing === 'vega'}>
          <VegaOutput data={data()} plain={plain()} />
        </Match>
        <Match when={choice().drawing === 'trial'}>
          <TrialOutput data={data()} plain={plain()} />
        </Match>
        <Match when={choice().drawing === 'chart'}>
          <ChartOutput data={data()} plain={plain()} />
        </Match>
        <Match when={choice().drawing === 'table'}>
          <TableOutput data={data()} plain={plain()} whole={wholeTable(props.data)} />
        </Match>
        <Match when={choice().drawing === 'blob'}>
          <BlobOutput data={data()} plain={plain()} />
        </Match>
        <Match when={choice().drawing === 'html'}>
          <HtmlOutput html={textOf(data())} />
        </Match>
        <Match when={choice().drawing === 'svg' || choice().drawing === 'image'}>
          <ImageOutput mime={choice().mime} data={data()} metadata={props.metadata[choice().mime]} plain={plain()} />
        </Match>
        <Match when={choice().drawing === 'markdown'}>
          <Markdown text={textOf(data())} />
        </Match>
        <Match when={choice().drawing === 'latex'}>
          <LatexOutput data={data()} />
        </Match>
        <Match when={choice().drawing === 'json'}>
          <JsonOutput value={data()} />
        </Match>
        <Match when={choice().drawing === 'text'}>
          <TextOutput text={data()} />
        </Match>
      </Switch>
    </div>
  );
}
