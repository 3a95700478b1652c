/** What stands between the people and their notebook just now: each says what is wrong, what is safe, what to do. */
import { type JSX, Match, Show, Switch } from 'solid-js';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { may, me } from '../../data/me.ts';
import { ProblemNote } from '../../shell/states.tsx';
import { useNotebook } from '../model.ts';
import { duplicateAndOpen, useGo } from './file-menu.tsx';

/** So many edits, in words. */
export const edits = (count: number): string => (count === 1 ? '1 edit' : `${count} edits`);

/** A reason as a sentence of its own. */
const sentence = (reason: string): string =>
  `${reason.charAt(0).toUpperCase()}${reason.slice(1)}${/[.!?]$/.test(reason) ? '' : '.'}`;

/** All that is in the way of this notebook now, above its cells; nothing where nothing is. */
export function Banners(): JSX.Element {
  const notebook = useNotebook();
  const discard = async (): Promise<void> => {
    if (await notebook.attempt(() => notebook.shared.discard())) window.location.reload();
  };
  const go = useGo();
  // Of a notebook that is closed for good, nothing else matters.
  const file = () => (notebook.shared.closed() ? undefined : notebook.live.value?.file);
  const kernelDead = () => notebook.session()?.kernel === 'dead';
  const alive = () => !['none', 'dead'].includes(notebook.session()?.kernel ?? 'none');
  const offline = () => notebook.shared.save().kind === 'offline';
  return (
    <div class="nb-banners">
      <Show when={notebook.shared.closed()}>
        {(reason) => (
          <Note tone="failed" text={sentence(reason())}>
            {notebook.shared.onDisk()
              ? `${edits(notebook.shared.count())} that the server does not have stay kept on this computer.`
              : notebook.shared.unsaved()
                ? 'What you typed since is kept in this page only. Copy it, then load the page again.'
                : 'Everything you wrote was saved.'}
          </Note>
        )}
      </Show>
      <Show when={!notebook.shared.closed() && notebook.shared.refused()}>
        {(reason) => (
          <Note
            tone="failed"
            text={`The server did not take ${edits(notebook.shared.count())}: ${reason()}.`}
            action={{ text: 'Discard them', run: () => void discard() }}
          >
            They are in this page{notebook.shared.onDisk() ? ' and kept on this computer' : ''}, and nobody else sees
            them. Copy what you need, or ask the owner to let you edit.
          </Note>
        )}
      </Show>
      <Show when={offline() && !notebook.shared.closed()}>
        <Note tone="attend" text="This notebook is not connected.">
          {!notebook.shared.unsaved()
            ? 'Everything you wrote is saved. You can go on writing; it is merged when the server is back.'
            : notebook.shared.onDisk()
              ? `${edits(notebook.shared.count())} kept on this computer, even if you close this page, and merged when the server is back.`
              : `${edits(notebook.shared.count())} kept in this page and merged when the server is back. Keep the page open until then.`}
        </Note>
      </Show>
      <Switch>
        <Match when={file()?.state === 'missing'}>
          <Note
            tone="attend"
            text={file()?.message ?? 'The file of this notebook is gone.'}
            action={notebook.canEdit() ? { text: 'Restore file', run: () => void notebook.restoreFile() } : undefined}
          >
            Nothing is lost: the notebook itself is safe on the server, and edits go on being saved there.
          </Note>
        </Match>
        <Match when={file()?.state === 'trashed'}>
          <Note
            tone="attend"
            text="This notebook was moved to the trash."
            action={may('edit') ? { text: 'Bring it back', run: () => void notebook.bringBack() } : undefined}
          >
            Nothing is lost: what you write is still saved, and comes back with it. It cannot run while it is there.
          </Note>
        </Match>
        <Match when={file()?.state === 'broken'}>
          <Note
            tone="attend"
            text={file()?.message ?? 'Another program wrote something into the file that is not a notebook.'}
            action={notebook.canEdit() ? { text: 'Restore file', run: () => void notebook.restoreFile() } : undefined}
          >
            The notebook itself is safe on the server. Mend the file, or restore it from here.
          </Note>
        </Match>
        <Match when={file()?.state === 'unwritable'}>
          <Note tone="attend" text={file()?.message ?? 'The file of this notebook cannot be written.'}>
            Edits are saved on the server and written to the file as soon as that is possible.
          </Note>
        </Match>
      </Switch>
      <Show when={kernelDead()}>
        <Note
          tone="failed"
          text={notebook.session()?.kernelReason ?? 'The kernel stopped.'}
          action={notebook.canRun() ? { text: 'Restart', run: () => void notebook.restart() } : undefined}
        />
      </Show>
      <Show when={notebook.session()?.kernel === 'none' && notebook.session()?.kernelReason}>
        {(reason) => (
          <Note
            tone="attend"
            text={reason()}
            action={notebook.canRun() ? { text: 'Start a kernel', run: () => void notebook.restart() } : undefined}
          />
        )}
      </Show>
      <Show when={notebook.live.status === 'refused'}>
        <Note tone="failed" text={notebook.live.error ?? 'The state of this notebook cannot be shown.'} />
      </Show>
      <Show when={notebook.failure()}>
        {(thrown) => (
          <div class="nb-failure">
            <ProblemNote thrown={thrown()} />
            <Button kind="quiet" icon="x" aria-label="Dismiss" onClick={() => notebook.dismiss()} />
          </div>
        )}
      </Show>
      <Show when={notebook.foreign()}>
        {(language) => (
          <Note
            tone="attend"
            text={`This is a ${language()} notebook.`}
            action={
              may('edit')
                ? { text: 'Duplicate as TypeScript', run: () => void duplicateAndOpen(notebook, go, 'typescript') }
                : undefined
            }
          >
            Kernels here run TypeScript, so it can be read but neither changed nor run, and its file stays as it is,
            byte by byte.
          </Note>
        )}
      </Show>
      <Show when={me() && !may('edit')}>
        <p class="nb-quiet">
          <Icon name="eye" /> You can look at this notebook. Ask its owner for an invitation to edit and run it.
        </p>
      </Show>
      <Show when={alive() && notebook.session()?.kernelReason}>
        {(reason) => (
          <p class="nb-quiet" role="status">
            {reason()}
          </p>
        )}
      </Show>
    </div>
  );
}

function Note(props: {
  tone: 'attend' | 'failed';
  text: string;
  action?: { text: string; run: () => void } | undefined;
  children?: JSX.Element;
}): JSX.Element {
  // The first sentence says what is wrong; what follows it is read by those who need it.
  const end = (): number => props.text.search(/[.!?]\s/) + 1 || props.text.length;
  return (
    <div class={`nb-note ${props.tone}`} role={props.tone === 'failed' ? 'alert' : 'status'}>
      <Icon name="warn" />
      <p>
        <b>{props.text.slice(0, end())}</b> {props.text.slice(end())} {props.children}
      </p>
      <Show when={props.action}>{(action) => <Button onClick={() => action().run()}>{action().text}</Button>}</Show>
    </div>
  );
}
