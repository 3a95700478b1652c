/** Asks before a version, or a cell of it, is brought back. */
import { history } from '@trialroom/shared/api/endpoints';
import { createSignal, type JSX, Show } from 'solid-js';
import { Button } from '../../components/button.tsx';
import { call } from '../../data/api.ts';
import { ProblemNote } from '../../shell/states.tsx';
import { Dialog } from '../dialog.tsx';
import { useNotebook } from '../model.ts';

/** The question; it stays open, and says why, when the server refuses. */
export function Restoring(props: {
  wanted: { cell?: string } | null;
  version: string;
  onClose: () => void;
  onDone: () => void;
}): JSX.Element {
  const notebook = useNotebook();
  const [failure, setFailure] = createSignal<unknown>(null);
  const [busy, setBusy] = createSignal(false);
  const cell = () => props.wanted?.cell;
  const restore = async (): Promise<void> => {
    setBusy(true);
    try {
      await notebook.shared.received();
      const params = { id: notebook.id, version: props.version };
      const wanted = cell();
      await call(history.restore, { params, body: wanted === undefined ? {} : { cell: wanted } });
      setFailure(null);
      props.onDone();
      if (wanted !== undefined) notebook.select(wanted, 'cell');
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open={props.wanted !== null}
      label={cell() === undefined ? 'Bring this version back' : 'Bring this cell back'}
      onClose={props.onClose}
    >
      <h2>{cell() === undefined ? 'Bring this version back?' : 'Bring this cell back?'}</h2>
      <p>
        {cell() === undefined
          ? 'The text of all cells becomes what it was then, for everyone here. Outputs stay until cells are run again.'
          : 'Its text becomes what it was then, for everyone here; a deleted cell comes back to its place.'}{' '}
        What is there now stays in the history: to undo this, bring that version back.
      </p>
      <Show when={failure()}>{(thrown) => <ProblemNote thrown={thrown()} />}</Show>
      <div class="dialog-acts">
        <Button onClick={props.onClose}>Leave it</Button>
        <Button kind="primary" disabled={busy()} onClick={() => void restore()}>
          Bring back
        </Button>
      </div>
    </Dialog>
  );
}
