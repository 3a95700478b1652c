import { A } from '@solidjs/router';
import { lineage as endpoints } from '@trialroom/shared/api/endpoints';
import type { Lineage, LineageKind, LineageNode } from '@trialroom/shared/room/lineage';
import { For, type JSX, Match, onCleanup, Show, Switch } from 'solid-js';
import { count } from '../../components/figures.ts';
import { Icon } from '../../components/icon.tsx';
import type { IconName } from '../../components/icons.ts';
import { call } from '../../data/api.ts';
import { listenTo } from '../../data/live.ts';
import { paced } from '../../data/pace.ts';
import { ProblemNote, SkeletonRows } from '../../shell/states.tsx';
import { useRoom } from '../context.ts';
import { NODE, type Placed, placed } from './graph-layout.ts';
import './graph.css';
import type { BodyProps, PanelKind } from './kind.ts';
import { createReading } from './reading.ts';

/** Least time between two readings, in ms. */
const PACE = 2000;

const WORDS: Readonly<Record<LineageKind, { name: string; icon: IconName }>> = {
  notebook: { name: 'Notebook', icon: 'book' },
  code: { name: 'Code', icon: 'diff' },
  parameters: { name: 'Parameters', icon: 'var' },
  environment: { name: 'Environment', icon: 'chip' },
  data: { name: 'Data', icon: 'stack' },
  run: { name: 'Run', icon: 'play' },
  checkpoint: { name: 'Checkpoint', icon: 'checkpoint' },
  evaluation: { name: 'Evaluation', icon: 'check' },
  artifact: { name: 'File', icon: 'download' },
  more: { name: 'More', icon: 'more' },
};

export const graph: PanelKind = {
  kind: 'graph',
  name: 'Lineage',
  says: 'What the trial came from and led to: code, parameters, data, runs, checkpoints, results.',
  icon: 'share',
  size: { width: 12, height: 8 },
  fields: [],
  only: 'trial',
  unnumbered: true,
  title: () => 'Lineage',
  Body: GraphBody,
};

function GraphBody(props: BodyProps): JSX.Element {
  const room = useRoom();
  const id = (): string | undefined => room.trials()[0]?.id;
  const read = createReading(id, async (trial) => {
    const found = await call(endpoints.get, { params: { id: trial } });
    return { found, placed: await placed(found) };
  });
  let ended = false;
  onCleanup(() => {
    ended = true;
  });
  const soon = paced(() => {
    if (!ended) read.again();
  }, PACE);
  listenTo('results', ({ trial }) => trial === id() && soon());
  listenTo('trialEvents', ({ trial, events }) => {
    if (trial === id() && events.some(({ kind }) => ['started', 'checkpoint', 'ended', 'lost'].includes(kind))) soon();
  });
  const lineage = (): Lineage => read.value()?.found ?? { nodes: [], edges: [] };
  props.offer({
    note: () => (read.failure() || !read.value() ? '' : `${count(lineage().nodes.length)} parts`),
    table: () => ({
      columns: ['kind', 'name', 'detail', 'whole', 'from'],
      rows: read.failure()
        ? []
        : lineage().nodes.map((node) => [
            node.kind,
            node.name,
            node.detail,
            node.whole,
            fromOf(lineage(), node).join('; '),
          ]),
    }),
  });
  return (
    <Switch
      fallback={
        <div role="status" aria-label="Reading the lineage" aria-busy="true">
          <SkeletonRows rows={3} />
        </div>
      }
    >
      <Match when={read.failure()}>{(thrown) => <ProblemNote thrown={thrown()} retry={() => read.again()} />}</Match>
      <Match when={read.value()}>
        {(latest) => (
          <>
            <Drawn placed={latest().placed} lineage={latest().found} />
            <AsList lineage={latest().found} />
          </>
        )}
      </Match>
    </Switch>
  );
}

/** Names of what a node came from directly. */
const fromOf = ({ nodes, edges }: Lineage, { id }: LineageNode): string[] => {
  const names = new Map(nodes.map((node) => [node.id, node.name]));
  return edges.flatMap(({ from, to }) => (to === id ? [names.get(from) ?? from] : []));
};

/** Nodes are HTML over the lines: text is as sharp, as selectable and as wide as anywhere else. */
function Drawn(props: { placed: Placed; lineage: Lineage }): JSX.Element {
  return (
    // What scrolls must be reached without a pointer.
    <section class="graph" tabindex={0} aria-label="Graph of the lineage">
      <div class="graph-sheet" style={{ width: `${props.placed.width}px`, height: `${props.placed.height}px` }}>
        <svg width={props.placed.width} height={props.placed.height} aria-hidden="true">
          <For each={props.placed.edges}>{({ path }) => <path d={path} />}</For>
        </svg>
        <For each={props.placed.nodes}>
          {({ node, x, y }) => (
            <div
              class={`graph-node node-${node.kind}`}
              style={{
                left: `${x}px`,
                top: `${y}px`,
                width: `${NODE.width}px`,
                height: `${NODE.height}px`,
              }}
              title={[node.name, node.detail, node.whole].filter(Boolean).join('\n')}
            >
              <Icon name={WORDS[node.kind].icon} />
              <Linked node={node} />
              <span class="graph-detail num">{node.detail || WORDS[node.kind].name}</span>
            </div>
          )}
        </For>
      </div>
    </section>
  );
}

function Linked(props: { node: LineageNode }): JSX.Element {
  const label = (): string => `${WORDS[props.node.kind].name}: ${props.node.name}`;
  return (
    <Show when={props.node.href} fallback={<b>{props.node.name}</b>}>
      {(href) => (
        <Show
          // Files are the server's, not pages of this app.
          when={!href().startsWith('/api/')}
          fallback={
            <a href={href()} aria-label={label()} download="">
              {props.node.name}
            </a>
          }
        >
          <A href={href()} aria-label={label()}>
            {props.node.name}
          </A>
        </Show>
      )}
    </Show>
  );
}

/** The same in words, in order: for who cannot see lines. */
function AsList(props: { lineage: Lineage }): JSX.Element {
  return (
    <ol class="vh" aria-label="Lineage as a list">
      <For each={props.lineage.nodes}>
        {(node) => (
          <li>
            {WORDS[node.kind].name}: {node.name}
            {node.detail ? `, ${node.detail}` : ''}
            {fromOf(props.lineage, node).length > 0 ? `; from ${fromOf(props.lineage, node).join(', ')}` : ''}
          </li>
        )}
      </For>
    </ol>
  );
}
