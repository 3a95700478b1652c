/** What can be done to a cell as a whole: its kind, its place, its end. */
import type { CellType } from '@trialroom/shared/notebook/document';
import { For, type JSX, Show } from 'solid-js';
import { Button } from '../../components/button.tsx';
import { type MenuItem, PopMenu } from '../../components/pop-menu.tsx';
import { beginOnOutput, CommentTool } from '../comments/marks.tsx';
import type { Cell } from '../document/cells.ts';
import { type Notebook, useNotebook } from '../model.ts';

const KINDS: readonly { type: CellType; text: string; key: string }[] = [
  { type: 'code', text: 'Code', key: 'Y' },
  { type: 'markdown', text: 'Text', key: 'M' },
  { type: 'raw', text: 'Raw', key: 'R' },
];

/** Of a cell with many outputs, this many are in its menu; any can be pointed at. */
const MOST_OUTPUTS = 5;

/** The tools of the cell that is chosen or pointed at. */
export function CellTools(props: { cell: Cell; position: number }): JSX.Element {
  const notebook = useNotebook();
  const id = () => props.cell.id;
  return (
    <div class="tools-c" role="toolbar" aria-label={`Cell ${props.position}`}>
      <Show when={notebook.canEdit()}>
        <label class="kind">
          <span class="vh">Kind of cell {props.position}</span>
          <select
            value={props.cell.type()}
            onChange={(event) => {
              const kind = KINDS.find(({ type }) => type === event.currentTarget.value);
              if (kind) notebook.setType([id()], kind.type);
            }}
          >
            <For each={KINDS}>
              {(kind) => (
                <option value={kind.type} selected={props.cell.type() === kind.type}>
                  {kind.text}
                </option>
              )}
            </For>
          </select>
        </label>
        <Button
          kind="quiet"
          icon="higher"
          aria-label={`Move cell ${props.position} up`}
          title="Move up (Ctrl or ⌘ Shift ↑)"
          disabled={props.position === 1}
          onClick={() => notebook.move([id()], -1)}
        />
        <Button
          kind="quiet"
          icon="lower"
          aria-label={`Move cell ${props.position} down`}
          title="Move down (Ctrl or ⌘ Shift ↓)"
          disabled={props.position === notebook.cells.ids().length}
          onClick={() => notebook.move([id()], 1)}
        />
        <Button
          kind="quiet"
          icon="x"
          aria-label={`Delete cell ${props.position}`}
          title="Delete (D D); Ctrl or ⌘ Z brings it back"
          onClick={() => notebook.remove([id()])}
        />
        <CommentTool cell={id()} position={props.position} />
        <PopMenu
          id={`menu-${id()}`}
          label={`Cell ${props.position}`}
          title={`More for cell ${props.position}`}
          items={() => itemsOf(notebook, props.cell)}
        />
      </Show>
      <Show when={!notebook.canEdit()}>
        <CommentTool cell={id()} position={props.position} />
      </Show>
    </div>
  );
}

/** What is wanted seldom of a cell, or of the chosen ones when it is among them. */
function itemsOf(notebook: Notebook, cell: Cell): MenuItem[] {
  const { id } = cell;
  const range = notebook.range().includes(id) ? notebook.range() : [id];
  const several = range.length > 1;
  const code = cell.type() === 'code';
  const { sourceHidden, outputsHidden, folded } = cell.look();
  const run: MenuItem[] = [
    {
      id: 'run-to',
      text: 'Run to here',
      detail: 'From the top to this cell.',
      icon: 'play',
      act: () => void notebook.runTo(id),
    },
    {
      id: 'run-from',
      text: 'Run from here',
      detail: 'This cell and all below.',
      icon: 'runbelow',
      act: () => void notebook.runFrom(id),
    },
  ];
  const edit: MenuItem[] = [
    { id: 'copy', text: 'Copy', detail: 'C', icon: 'copy', act: () => void notebook.copy(range) },
    { id: 'cut', text: 'Cut', detail: 'X', icon: 'x', act: () => void notebook.cut(range) },
    { id: 'paste', text: 'Paste below', detail: 'V', icon: 'lower', act: () => notebook.paste(range, 'below') },
    {
      id: 'merge',
      text: several ? `Merge ${range.length} cells` : 'Merge with the cell below',
      detail: 'Shift M',
      icon: 'stack',
      act: () => notebook.merge(range),
    },
  ];
  if (code) {
    edit.push({
      id: 'format',
      text: several ? `Format ${range.length} cells` : 'Format',
      detail: 'Shift Alt F; one step of undo.',
      icon: 'pencil',
      act: () => void notebook.format(range),
    });
  }
  const hide: MenuItem[] = code
    ? [
        {
          id: 'source',
          text: 'Hide source',
          detail: 'Shift S; for everyone, kept in the file.',
          icon: 'eye',
          checked: sourceHidden,
          act: () => notebook.toggleHidden([id], 'source'),
        },
        {
          id: 'outputs',
          text: 'Hide output',
          detail: 'O; for everyone, kept in the file.',
          icon: 'eye',
          checked: outputsHidden,
          act: () => notebook.toggleHidden([id], 'outputs'),
        },
      ]
    : [
        {
          id: 'fold',
          text: 'Fold what is below',
          detail: 'Down to the next heading of its level; ← and →.',
          icon: 'down',
          checked: folded,
          act: () => notebook.toggleFold(id),
        },
      ];
  const outputs = code && !outputsHidden ? (notebook.live.value?.outputs[id] ?? []) : [];
  const comment: MenuItem[] = outputs.slice(0, MOST_OUTPUTS).map((_output, index) => ({
    id: `comment-${index}`,
    text: outputs.length === 1 ? 'Comment on the output' : `Comment on output ${index + 1}`,
    detail: 'Begins a thread that stays with it.',
    icon: 'comment',
    act: () => beginOnOutput(notebook, id, index),
  }));
  return [...(code && notebook.canRun() ? run : []), ...edit, ...comment, ...hide];
}

/** Offers to add a cell at the end, or in the gap after a cell. */
export function AddCell(props: { after: string | null; between?: boolean }): JSX.Element {
  const notebook = useNotebook();
  return (
    <Show when={notebook.canEdit()}>
      <div class="ins" classList={{ gap: props.between ?? false }}>
        <Button
          kind="quiet"
          icon="plus"
          aria-label={props.between ? 'Add code here' : undefined}
          onClick={() => {
            const made = notebook.insert('code', props.after);
            if (made) notebook.select(made, 'text');
          }}
        >
          Code
        </Button>
        <Button
          kind="quiet"
          icon="plus"
          aria-label={props.between ? 'Add text here' : undefined}
          onClick={() => notebook.insert('markdown', props.after)}
        >
          Text
        </Button>
      </div>
    </Show>
  );
}
