/** What can be done to a cell as a whole: its kind, its place, its end. */
import type { CellType } from '@trialroom/shared/notebook/document';
import { For, type JSX, Show } from 'solid-js';
import { Button } from '../components/button.tsx';
import type { Cell } from './cells.ts';
import { useNotebook } from './model.ts';

const KINDS: readonly { type: CellType; text: string; key: string }[] = [
  { type: 'code', text: 'Code', key: 'Y' },
  { type: 'markdown', text: 'Text', key: 'M' },
  { type: 'raw', text: 'Raw', key: 'R' },
];

export function CellTools(props: { cell: Cell; position: number }): JSX.Element {
  const notebook = useNotebook();
  const id = () => props.cell.id;
  return (
    <Show when={notebook.canEdit()}>
      <div class="tools-c" role="toolbar" aria-label={`Cell ${props.position}`}>
        <label class="kind">
          <span class="vh">Kind of cell {props.position}</span>
          <select
            value={props.cell.type()}
            onChange={(event) => {
              const kind = KINDS.find(({ type }) => type === event.currentTarget.value);
              if (kind) notebook.setType(id(), kind.type);
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
          onClick={() => notebook.move(id(), -1)}
        />
        <Button
          kind="quiet"
          icon="lower"
          aria-label={`Move cell ${props.position} down`}
          title="Move down (Ctrl or ⌘ Shift ↓)"
          disabled={props.position === notebook.cells.ids().length}
          onClick={() => notebook.move(id(), 1)}
        />
        <Button
          kind="quiet"
          icon="x"
          aria-label={`Delete cell ${props.position}`}
          title="Delete (D D); Ctrl or ⌘ Z brings it back"
          onClick={() => notebook.remove(id())}
        />
      </div>
    </Show>
  );
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
