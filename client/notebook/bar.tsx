/** The notebook's top bar: its name, whether it is saved, what runs it, who is here, and what can be done to all of it. */
import { accounts } from '@trialroom/shared/api/endpoints';
import type { Role } from '@trialroom/shared/policy/policy';
import { createEffect, createSignal, For, type JSX, Match, onCleanup, Show, Switch } from 'solid-js';
import { Button } from '../components/button.tsx';
import { clock } from '../components/figures.ts';
import { Icon } from '../components/icon.tsx';
import { People } from '../components/people.tsx';
import { call } from '../data/api.ts';
import { may } from '../data/me.ts';
import { ProblemNote } from '../shell/states.tsx';
import { useNotebook } from './model.ts';
import type { Present } from './presence.ts';

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
        <SaveNote />
      </div>
      <Show when={notebook.canRun()}>
        <div class="tools" role="toolbar" aria-label="Run">
          <Button icon="play" onClick={() => void notebook.runAll()} disabled={notebook.cells.ids().length === 0}>
            <span>Run all</span>
          </Button>
          <Button class="stl" icon="runbelow" disabled={stale() === 0} onClick={() => void notebook.runStale()}>
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
      <KernelChip />
      <div class="who2">
        <section aria-label="People here">
          <People people={props.people} most={4} />
        </section>
        <Button class="share" icon="share" aria-haspopup="dialog" onClick={() => setSharing(true)}>
          <span>Share</span>
        </Button>
      </div>
      <Dialog open={sharing()} label="Share this notebook" onClose={() => setSharing(false)}>
        <Share />
      </Dialog>
      <Dialog open={notebook.confirming()} label="Restart the kernel" onClose={() => notebook.setConfirming(false)}>
        <h2>Restart the kernel?</h2>
        <p>Its variables are lost for everyone here, and what runs is stopped. Text and outputs stay.</p>
        <div class="dialog-acts">
          <Button onClick={() => notebook.setConfirming(false)}>Keep it</Button>
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
    if (kind === 'saving') return 'Saving…';
    if (kind === 'offline') return notebook.shared.unsaved() ? 'Not saved' : 'Offline';
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

/** What runs the cells: backend, memory, and a word when there is something to know. */
function KernelChip(): JSX.Element {
  const notebook = useNotebook();
  const session = notebook.session;
  const kernel = () => session()?.kernel ?? 'none';
  const label = (): readonly [string, string] => {
    const [where = '', what = ''] = (session()?.backend?.label ?? '').split(' · ');
    return [where, what];
  };
  const gauge = () => notebook.live.value?.gauge;
  const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);
  const alive = () => kernel() === 'idle' || kernel() === 'busy';
  const reasons = (): string =>
    (session()?.backend?.candidates ?? [])
      .map(({ name, chosen, reason }) => `${name}: ${chosen ? 'in use' : reason}`)
      .join('\n');
  return (
    <div class="kern" data-kernel={kernel()}>
      <span class="chip" title={reasons() || undefined}>
        <Icon name="chip" class={kernel() === 'busy' ? 'busy' : ''} />
        <Switch>
          <Match when={kernel() === 'dead'}>
            <b class="dead">Kernel stopped</b>
          </Match>
          <Match when={kernel() === 'starting'}>
            <span>Starting…</span>
          </Match>
          <Match when={kernel() === 'none'}>
            <span class="i3">No kernel yet</span>
          </Match>
          <Match when={alive() && label()[0] !== ''}>
            <b>{label()[0]}</b>
            <Show when={label()[1]}>
              <i>·</i>
              {label()[1]}
            </Show>
          </Match>
          <Match when={alive()}>
            <span>{kernel() === 'busy' ? 'Busy' : 'Ready'}</span>
          </Match>
        </Switch>
        <Show when={alive() && gauge()}>
          {(now) => (
            <span class="mem num" title="Memory of the kernel">
              <span
                class="mini"
                classList={{
                  'g-ink': now().memory < now().limit * 0.85,
                  'g-attend': now().memory >= now().limit * 0.85,
                }}
              >
                <i
                  class="done"
                  style={{ width: `${Math.min(100, (now().memory / Math.max(1, now().limit)) * 100).toFixed(1)}%` }}
                />
              </span>
              <em>
                {gigabytes(now().memory)} of {gigabytes(now().limit)} GB
              </em>
            </span>
          )}
        </Show>
      </span>
    </div>
  );
}

/** A dialog that is drawn only while it is open; Escape and a click beside it close it. */
export function Dialog(props: {
  open: boolean;
  label: string;
  onClose: () => void;
  children: JSX.Element;
}): JSX.Element {
  return (
    <Show when={props.open}>
      <OpenDialog label={props.label} onClose={props.onClose}>
        {props.children}
      </OpenDialog>
    </Show>
  );
}

function OpenDialog(props: { label: string; onClose: () => void; children: JSX.Element }): JSX.Element {
  let dialog: HTMLDialogElement | undefined;
  const back = document.activeElement;
  createEffect(() => dialog?.showModal());
  onCleanup(() => {
    if (back instanceof HTMLElement) back.focus();
  });
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a modal dialog by itself
    <dialog
      ref={dialog}
      class="dialog"
      aria-label={props.label}
      onClose={() => props.onClose()}
      onClick={(event) => {
        if (event.target === dialog) props.onClose();
      }}
    >
      {props.children}
    </dialog>
  );
}

const ROLES: readonly { role: Role; text: string }[] = [
  { role: 'editor', text: 'can edit and run' },
  { role: 'viewer', text: 'can look' },
];

/** A link to this notebook; for someone who is not signed in yet, one that signs them in. */
function Share(): JSX.Element {
  const [role, setRole] = createSignal<Role>('editor');
  const [link, setLink] = createSignal<string | null>(null);
  const [failure, setFailure] = createSignal<unknown>(null);
  const [copied, setCopied] = createSignal('');
  const copy = async (text: string): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(text);
    } catch {
      // Without permission the link is there to be copied by hand.
      setCopied('');
    }
  };
  const invite = async (): Promise<void> => {
    try {
      const { url } = await call(accounts.invite, { body: { role: role() } });
      const address = new URL(url, window.location.href);
      address.pathname = window.location.pathname;
      setLink(address.href);
      setFailure(null);
      await copy(address.href);
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <>
      <h2>Share this notebook</h2>
      <p>People of this workspace can open its address.</p>
      <LinkRow label="Address of this notebook" text={window.location.href} copied={copied()} onCopy={copy} />
      <Show when={may('invite')}>
        <p>Someone new comes in with an invitation:</p>
        <fieldset class="radio-row">
          <legend class="vh">What they may do</legend>
          <For each={ROLES}>
            {(choice) => (
              <label>
                <input
                  type="radio"
                  name="role"
                  checked={role() === choice.role}
                  onChange={() => {
                    setRole(choice.role);
                    setLink(null);
                  }}
                />
                {choice.text}
              </label>
            )}
          </For>
          <Button onClick={() => void invite()}>Make a link</Button>
        </fieldset>
        <Show when={link()}>
          {(text) => <LinkRow label="Invitation" text={text()} copied={copied()} onCopy={copy} />}
        </Show>
      </Show>
      <Show when={failure()}>{(thrown) => <ProblemNote thrown={thrown()} />}</Show>
    </>
  );
}

function LinkRow(props: {
  label: string;
  text: string;
  copied: string;
  onCopy: (text: string) => Promise<void>;
}): JSX.Element {
  return (
    <div class="link-row">
      <input
        class="mono"
        readonly
        value={props.text}
        aria-label={props.label}
        onFocus={(event) => event.currentTarget.select()}
      />
      <Button icon={props.copied === props.text ? 'check' : 'copy'} onClick={() => void props.onCopy(props.text)}>
        {props.copied === props.text ? 'Copied' : 'Copy'}
      </Button>
    </div>
  );
}
