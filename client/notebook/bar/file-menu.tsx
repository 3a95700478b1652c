/** What can be done to the file of an open notebook: another name, a copy, a way to take it away, the trash. */
import { useNavigate } from '@solidjs/router';
import { files } from '@trialroom/shared/api/endpoints';
import { createEffect, createSignal, type JSX, on, Show } from 'solid-js';
import { Button } from '../../components/button.tsx';
import { type MenuItem, PopMenu } from '../../components/pop-menu.tsx';
import { call } from '../../data/api.ts';
import { may } from '../../data/me.ts';
import { downloadsOf } from '../../files/row-menu.ts';
import { ProblemNote } from '../../shell/states.tsx';
import { Dialog } from '../dialog.tsx';
import { type Notebook, useNotebook } from '../model.ts';

/** Makes a copy and opens it. */
export async function duplicateAndOpen(
  notebook: Notebook,
  navigate: (to: string) => void,
  as?: 'typescript',
): Promise<void> {
  await notebook.attempt(async () => {
    const made = await call(files.duplicate, { params: { id: notebook.id }, body: as ? { as } : {} });
    navigate(`/notebooks/${made.id}`);
  });
}

/** What can be done to the file. @param mayEdit what the person may do, in any notebook */
export function fileItems(notebook: Notebook, navigate: (to: string) => void, mayEdit: boolean): MenuItem[] {
  const downloads = downloadsOf(notebook.id);
  if (!mayEdit) return downloads;
  const saves: MenuItem = {
    id: 'outputs-in-file',
    text: 'Save outputs in the file',
    detail: 'Off keeps them out of the .ipynb, and so out of git; they stay here. For everyone.',
    icon: 'table',
    checked: notebook.savesOutputs(),
    act: () => notebook.setSavesOutputs(!notebook.savesOutputs()),
  };
  return [
    {
      id: 'rename-notebook',
      text: 'Rename or move',
      detail: 'Its file gets another name or folder; history and links stay.',
      icon: 'pencil',
      act: () => notebook.setRenaming(true),
    },
    {
      id: 'duplicate-notebook',
      text: 'Duplicate',
      detail: 'A copy beside it, outputs included.',
      icon: 'copy',
      act: () => void duplicateAndOpen(notebook, navigate),
    },
    ...(notebook.canEdit() ? [saves] : []),
    ...downloads,
    {
      id: 'trash-notebook',
      text: 'Move to trash',
      detail: 'For everyone; its kernel ends. It can be brought back.',
      icon: 'trash',
      act: () => void notebook.attempt(() => call(files.trash, { params: { id: notebook.id }, body: {} })),
    },
  ];
}

/** The menu behind the notebook's name. */
export function FileMenu(): JSX.Element {
  const notebook = useNotebook();
  const go = useGo();
  return (
    <PopMenu
      id="file-menu"
      label="File"
      title="Another name, a copy, another format, the trash"
      face={<b>File</b>}
      items={() => fileItems(notebook, go, may('edit'))}
    />
  );
}

/** Asks for another path. A refused one stays in the field. */
export function RenameDialog(props: { path: string }): JSX.Element {
  const notebook = useNotebook();
  const [typed, setTyped] = createSignal('');
  const [failure, setFailure] = createSignal<unknown>(null);
  createEffect(
    on(notebook.renaming, (renaming) => {
      if (!renaming) return;
      setTyped(props.path.replace(/\.ipynb$/, ''));
      setFailure(null);
    }),
  );
  return (
    <Dialog open={notebook.renaming()} label="Rename or move" onClose={() => notebook.setRenaming(false)}>
      <form
        onSubmit={async (event) => {
          event.preventDefault();
          try {
            await call(files.move, { params: { id: notebook.id }, body: { path: `${typed().trim()}.ipynb` } });
            notebook.setRenaming(false);
          } catch (error) {
            setFailure(error);
          }
        }}
      >
        <h2>Rename or move</h2>
        <p>
          <label for="notebook-path">Name of the notebook; folders may stand before it</label>
        </p>
        <input
          id="notebook-path"
          class="field rename-field"
          value={typed()}
          maxlength={390}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <Show when={failure()}>{(thrown) => <ProblemNote thrown={thrown()} />}</Show>
        <div class="dialog-acts">
          <Button onClick={() => notebook.setRenaming(false)}>Cancel</Button>
          <Button type="submit" kind="primary" disabled={typed().trim() === ''}>
            Rename
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** `useNavigate` as the menu wants it. */
export const useGo = (): ((to: string) => void) => {
  const navigate = useNavigate();
  return (to) => navigate(to);
};
