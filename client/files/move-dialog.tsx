/** Asks which folder something is to go into. */
import { createSignal, For, type JSX } from 'solid-js';
import { Button } from '../components/button.tsx';
import { Dialog } from '../notebook/dialog.tsx';
import type { Files } from './files.ts';
import { folderOf, landing } from './tree.ts';

export function MoveDialog(props: { files: Files }): JSX.Element {
  const [into, setInto] = createSignal<string | null>(null);
  const row = () => props.files.moving();
  const close = (): void => {
    setInto(null);
    props.files.setMoving(null);
  };
  const chosen = (): string => into() ?? folderOf(row()?.path ?? '');
  const choices = (): string[] => {
    const moving = row();
    if (!moving) return [];
    return ['', ...props.files.folders()].filter(
      (folder) => landing(moving.path, folder) !== null || folder === folderOf(moving.path),
    );
  };
  return (
    <Dialog open={row() !== null} label={`Move ${row()?.name ?? ''}`} onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const moving = row();
          const folder = chosen();
          close();
          if (moving) void props.files.move(moving, folder);
        }}
      >
        <h2>Move {row()?.name}</h2>
        <p>
          <label for="move-into">Into which folder?</label>
        </p>
        <select
          id="move-into"
          class="field move-into"
          size={Math.min(8, Math.max(3, choices().length))}
          onChange={(event) => setInto(event.currentTarget.value)}
        >
          <For each={choices()}>
            {(folder) => (
              <option value={folder} selected={folder === chosen()}>
                {folder === '' ? 'Top folder' : folder.split('/').join(' / ')}
              </option>
            )}
          </For>
        </select>
        <div class="dialog-acts">
          <Button onClick={close}>Cancel</Button>
          <Button
            type="submit"
            kind="primary"
            disabled={row() === null || landing(row()?.path ?? '', chosen()) === null}
          >
            Move
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
