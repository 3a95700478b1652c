/** One cell of the sheet as it is drawn: gutter, edge, text, outputs. Its edge tells its state. */
import type { CellPart } from '@trialroom/shared/notebook/cell-edits';
import { createEffect, createMemo, createSignal, For, type JSX, Match, on, Show, Switch } from 'solid-js';
import { spread } from 'solid-js/web';
import { Markdown } from '../../components/markdown.tsx';
import { CellMark } from '../comments/marks.tsx';
import type { Cell } from '../document/cells.ts';
import type { Fault } from '../editor/editor.ts';
import { useNotebook } from '../model.ts';
import { Outputs } from '../output/outputs.tsx';
import { penOf } from '../presence.ts';
import { type Dragging, DragHandle } from '../sheet/dragging.tsx';
import { Prompts } from '../widgets/prompts.tsx';
import { CellText, createText } from './cell-text.tsx';
import { AddCell, CellTools } from './cell-tools.tsx';
import { type Face, Gutter } from './gutter.tsx';
import { Why } from './why.tsx';

/** @param props.section the element that it is drawn in, and that tells its state */
export function CellView(props: {
  section: HTMLElement;
  cell: Cell;
  position: number;
  pointed: boolean;
  dragging: Dragging;
  others: readonly { name: string; colour: string }[];
}): JSX.Element {
  const notebook = useNotebook();
  const id = () => props.cell.id;
  const state = () => notebook.stateOf(id());
  const status = createMemo(() => notebook.statusOf(id()));
  const validity = () => state()?.validity ?? 'fresh';
  const isCode = () => props.cell.type() === 'code';
  const selected = () => notebook.isSelected(id());
  const chosen = () => notebook.isChosen(id());
  const look = () => props.cell.look();
  const folds = () => look().folded && notebook.hiddenBelow(id()) > 0;
  // Tools exist only where a hand or the selection is: a thousand cells would have as many toolbars.
  const tools = createMemo(() => selected() || props.pointed);
  const face = createMemo((): Face => {
    if (!isCode()) return 'fresh';
    if (status() === 'evaluating') return 'running';
    if (status() === 'queued') return 'queued';
    const now = validity();
    if (now === 'evaluated' && notebook.downstream().has(id())) return 'stale';
    return now === 'stale' || now === 'failed' || now === 'aborted' ? now : 'fresh';
  });
  const outputs = createMemo(() => notebook.live.value?.outputs[id()] ?? []);
  const fault = createMemo<Fault>(
    () => {
      if (validity() !== 'failed' || state()?.edited === true) return null;
      const error = outputs().find((output) => output.type === 'error' && !output.uncaught);
      const frame = error?.type === 'error' ? error.error.frames.find(({ cell }) => cell === id()) : undefined;
      return frame ? { line: frame.line, column: frame.column } : null;
    },
    null,
    { equals: (a, b) => a?.line === b?.line && a?.column === b?.column },
  );
  const remarks = () => notebook.diagnosticsOf(id());
  spread(
    props.section,
    {
      get classList() {
        return {
          [`c-${isCode() ? face() : 'md'}`]: true,
          selected: selected(),
          chosen: chosen(),
          dragged: props.dragging.dragged().has(id()),
          commanding: selected() && notebook.mode() === 'command',
        };
      },
      get 'data-type'() {
        return props.cell.type();
      },
      get 'data-status'() {
        return status();
      },
      get 'data-validity'() {
        return validity();
      },
      get 'aria-label'() {
        return `Cell ${props.position}, ${isCode() ? 'code' : props.cell.type() === 'markdown' ? 'text' : 'raw'}`;
      },
      get 'aria-current'() {
        return selected() ? 'true' : undefined;
      },
      get tabindex() {
        return selected() ? 0 : -1;
      },
    },
    false,
    true,
  );
  return (
    <>
      <Show when={isCode()} fallback={<div class="gut" />}>
        <Gutter cell={id()} face={face()} position={props.position} />
      </Show>
      <div class="edge" aria-hidden="true" />
      <div class="cb">
        <Switch>
          <Match when={isCode()}>
            <Show when={face() === 'stale'}>
              <Why cell={id()} />
            </Show>
            <Show
              when={!look().sourceHidden || notebook.finding.here()?.cell === id()}
              fallback={<PutAway cell={props.cell} part="source" />}
            >
              <CellText
                cell={props.cell}
                label={`Code of cell ${props.position}`}
                fault={fault()}
                remarks={remarks()}
              />
            </Show>
            <Show when={notebook.canRun() && notebook.cells.ids().length === 1 && !state()}>
              <p class="i3 sm cell-hint">Write TypeScript here; Shift Enter runs it. Escape, then H, lists all keys.</p>
            </Show>
            <Show when={outputs().length > 0}>
              <Show when={!look().outputsHidden} fallback={<PutAway cell={props.cell} part="outputs" />}>
                <Outputs outputs={outputs()} cell={id()} label={`Output of cell ${props.position}`} commentable />
              </Show>
            </Show>
            <Prompts cell={id()} />
          </Match>
          <Match when={props.cell.type() === 'markdown'}>
            <MarkdownCell cell={props.cell} position={props.position} />
            <Show when={folds()}>
              <button type="button" class="btn q put-away" onClick={() => notebook.toggleFold(id(), false)}>
                {notebook.hiddenBelow(id()) === 1 ? '1 cell below' : `${notebook.hiddenBelow(id())} cells below`} ·
                unfold
              </button>
            </Show>
          </Match>
          <Match when={true}>
            <CellText cell={props.cell} label={`Raw text of cell ${props.position}`} fault={null} />
          </Match>
        </Switch>
      </div>
      <div class="mg">
        <CellMark cell={id()} position={props.position} />
        <Show when={tools()}>
          <CellTools cell={props.cell} position={props.position} />
        </Show>
        <Show when={props.cell.type() === 'markdown' && props.others.length > 0}>
          <div class="cur-names at-prose">
            <For each={props.others}>{(other) => <b style={{ '--pen': penOf(other.colour) }}>{other.name}</b>}</For>
          </div>
        </Show>
      </div>
      <Show when={tools()}>
        <DragHandle cell={id()} begin={props.dragging.begin} />
        <AddCell after={id()} between />
      </Show>
    </>
  );
}

/** Stands for a part of a cell that is put out of sight. */
function PutAway(props: { cell: Cell; part: CellPart }): JSX.Element {
  const notebook = useNotebook();
  const lines = (): number => props.cell.text.toString().split('\n').length;
  const what = (): string =>
    props.part === 'outputs' ? 'Output hidden' : lines() === 1 ? '1 line hidden' : `${lines()} lines hidden`;
  return (
    <button
      type="button"
      class="btn q put-away"
      disabled={!notebook.canEdit()}
      onClick={() => notebook.toggleHidden([props.cell.id], props.part)}
    >
      {what()}
      {notebook.canEdit() ? ' · show' : ''}
    </button>
  );
}

/** Prose, shown set; its text while someone writes it here. */
function MarkdownCell(props: { cell: Cell; position: number }): JSX.Element {
  const notebook = useNotebook();
  const text = createText(() => props.cell);
  const [writing, setWriting] = createSignal(false);
  const sought = () => notebook.finding.open() && notebook.finding.here()?.cell === props.cell.id;
  createEffect(
    on(notebook.wish, (wish) => {
      if (wish?.cell === props.cell.id && wish.place !== 'cell' && notebook.canEdit()) setWriting(true);
    }),
  );
  // Writing ends when the cell is left for command mode, is run, or another is chosen.
  createEffect(() => {
    const here = notebook.selected() === props.cell.id;
    if (!here || notebook.mode() === 'command')
      setWriting((was) => was && here && notebook.wish()?.cell === props.cell.id && notebook.wish()?.place !== 'cell');
  });
  const write = (): void => {
    if (!notebook.canEdit()) return;
    notebook.select(props.cell.id, 'end');
  };
  return (
    <Show
      when={writing() || sought()}
      fallback={
        // biome-ignore lint/a11y/noStaticElementInteractions: Enter on the cell does the same
        <div class="prose" onDblClick={write}>
          <Show
            when={/\S/.test(text())}
            fallback={
              <p class="i3 prose-empty">{notebook.canEdit() ? 'Empty text. Press Enter to write.' : 'Empty text.'}</p>
            }
          >
            <Markdown text={text()} attachments={props.cell.look().attachments} />
          </Show>
        </div>
      }
    >
      <CellText cell={props.cell} label={`Text of cell ${props.position}`} fault={null} />
    </Show>
  );
}
