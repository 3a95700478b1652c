/** The notebook's top bar: its name, whether it is saved, what runs it, who is here, and what can be done to all of it. */
import { createSignal, type JSX, Show } from 'solid-js';
import { Button } from '../../components/button.tsx';
import { clock } from '../../components/figures.ts';
import { Dialog } from '../dialog.tsx';
import { useNotebook } from '../model.ts';
import type { Present } from '../presence.ts';
import { edits } from './banners.tsx';
import { FileMenu, RenameDialog } from './file-menu.tsx';
import { Following } from './following.tsx';
import { KernelChip } from './kernel-chip.tsx';
import { NotebookMenu } from './menu.tsx';
import { Queue } from './queue.tsx';
import { Share } from './share.tsx';

/** The bar of the open notebook. `people`: those who have it open. */
export function NotebookBar(props: { title: string; path: string; people: readonly Present[] }): JSX.Element {
  const notebook = useNotebook();
  const [sharing, setSharing] = createSignal(false);
  const folder = (): string => props.path.split('/').slice(0, -1).join(' / ');
  const stale = () => notebook.stale().length;
  const working = (): boolean => notebook.session()?.kernel === 'busy' || (notebook.session()?.queue.length ?? 0) > 0;
  return (
    <div class="nbbar">
      <div class="ttl">
        <Show when={folder()}>
          <span class="crumb i3 sm">{folder()} /</span>
        </Show>
        <h1 title={props.path}>{props.title}</h1>
        <FileMenu />
        <SaveNote />
      </div>
      <Show when={notebook.canRun()}>
        <div class="tools" role="toolbar" aria-label="Run">
          <Button icon="play" onClick={() => void notebook.runAll()} disabled={notebook.cells.ids().length === 0}>
            <span>Run all</span>
          </Button>
          <Button
            class="stl"
            icon="runbelow"
            title="Run the stale cells, and those that read from them"
            disabled={stale() === 0}
            onClick={() => void notebook.runStale()}
          >
            <span>Run stale</span>
            <b class="num">{stale()}</b>
          </Button>
          <span class="seg">
            <Button
              icon="stop"
              aria-label="Interrupt"
              title="Interrupt: stop what runs, drop what waits, keep the variables (I I)"
              disabled={!working()}
              onClick={() => void notebook.interrupt()}
            />
            <Button
              icon="restart"
              aria-label="Restart kernel"
              title="Restart the kernel: variables are lost, text and outputs stay (0 0)"
              onClick={() => notebook.setConfirming(true)}
            />
          </span>
        </div>
      </Show>
      <Queue />
      <NotebookMenu />
      <KernelChip />
      <div class="who2">
        <Following people={props.people} />
        <Button
          class="share"
          icon="share"
          aria-label="Share"
          title="Share this notebook"
          aria-haspopup="dialog"
          onClick={() => setSharing(true)}
        >
          <span>Share</span>
        </Button>
      </div>
      <RenameDialog path={props.path} />
      <Dialog open={sharing()} label="Share this notebook" onClose={() => setSharing(false)}>
        <Share />
      </Dialog>
      <Dialog open={notebook.confirming()} label="Restart the kernel" onClose={() => notebook.setConfirming(false)}>
        <h2>Restart the kernel?</h2>
        <p>Its variables are lost for everyone here, and what runs is stopped. Text and outputs stay.</p>
        <div class="dialog-acts">
          <Button onClick={() => notebook.setConfirming(false)}>Keep it</Button>
          <Button
            disabled={notebook.cells.ids().length === 0}
            onClick={() => {
              notebook.setConfirming(false);
              void notebook.restartAndRunAll();
            }}
          >
            Restart and run all
          </Button>
          <Button
            kind="primary"
            onClick={() => {
              notebook.setConfirming(false);
              void notebook.restart();
            }}
          >
            Restart
          </Button>
        </div>
      </Dialog>
    </div>
  );
}

/** Says whether what was written here is safe on the server; silent until there is something to say. */
function SaveNote(): JSX.Element {
  const notebook = useNotebook();
  const save = () => notebook.shared.save();
  const text = (): string => {
    const { kind, at } = save();
    const { refused, closed, unsaved, count } = notebook.shared;
    if (refused() || closed()) return unsaved() ? `${edits(count())} not saved` : '';
    if (kind === 'saving') return 'Saving…';
    if (kind === 'offline') return unsaved() ? `Offline, ${edits(count())} kept here` : 'Offline';
    if (kind === 'connecting') return '';
    const fileAt = notebook.live.value?.file.savedAt ?? null;
    const latest = at ?? fileAt;
    return latest === null ? 'Saved' : `Saved ${clock(latest, Date.now())}`;
  };
  return (
    <span class="sv sm i3" role="status" aria-label="Save state" data-save={save().kind}>
      {text()}
    </span>
  );
}
