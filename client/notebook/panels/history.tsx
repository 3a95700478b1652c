/** The versions of a notebook: when each was kept, by whom it was written, and how much it changed. */
import { history } from '@trialroom/shared/api/endpoints';
import type { Version } from '@trialroom/shared/history/history';
import { createMemo, createSignal, For, type JSX, Show } from 'solid-js';
import { Button } from '../../components/button.tsx';
import { now } from '../../components/now.ts';
import { People } from '../../components/people.tsx';
import { call } from '../../data/api.ts';
import { connection } from '../../data/live.ts';
import { ProblemNote, SkeletonRows } from '../../shell/states.tsx';
import { Dialog } from '../dialog.tsx';
import { ChangeRule } from '../history/change-rule.tsx';
import { daysOf, wordsOf } from '../history/days.ts';
import '../history/history.css';
import { createLook } from '../history/look.ts';
import { createTimeline } from '../history/timeline.ts';
import { useNotebook } from '../model.ts';

/** The versions of the notebook, newest first. */
export function HistoryPanel(): JSX.Element {
  const notebook = useNotebook();
  const timeline = createTimeline(notebook);
  const look = createLook();
  const days = createMemo(() => daysOf(timeline.versions() ?? [], now()));
  const [naming, setNaming] = createSignal<Version | 'now' | null>(null);
  const offline = () => connection() !== 'online' && connection() !== 'connecting';
  return (
    <div class="history" aria-busy={timeline.versions() === null}>
      <div class="history-acts">
        <Show when={notebook.canEdit()}>
          <Button icon="plus" disabled={offline()} onClick={() => setNaming('now')}>
            Name this version
          </Button>
        </Show>
        <Button
          icon="pencil"
          aria-pressed={notebook.showingAuthors()}
          title="Show who wrote which line (Shift W)"
          onClick={() => notebook.setShowingAuthors(!notebook.showingAuthors())}
        >
          Who wrote what
        </Button>
      </div>
      <Show when={offline()}>
        <p class="sm stale-note">Without a connection: what was kept since is shown when it is back.</p>
      </Show>
      <Show when={timeline.failure()}>{(failure) => <ProblemNote thrown={failure()} retry={timeline.retry} />}</Show>
      <Show
        when={timeline.versions() !== null || timeline.failure()}
        fallback={<SkeletonRows rows={6} height="3.5rem" />}
      >
        <For each={days()}>
          {(day) => (
            <section class="history-day" aria-label={day.title}>
              <h3>{day.title}</h3>
              <ol>
                <For each={day.versions}>
                  {(version) => (
                    <Row
                      version={version}
                      chosen={look.version() === version.id}
                      onOpen={() => look.open(version.id)}
                      onName={notebook.canEdit() ? () => setNaming(version) : undefined}
                    />
                  )}
                </For>
              </ol>
            </section>
          )}
        </For>
        <Show when={timeline.versions()?.length === 0}>
          <p class="i3 sm side-empty">
            Versions are kept by themselves when people pause. The first one appears with the first edit.
          </p>
        </Show>
        <Show when={timeline.more()}>
          <Button kind="quiet" onClick={timeline.readMore}>
            Older versions
          </Button>
        </Show>
      </Show>
      <Naming version={naming()} onKept={timeline.add} onClose={() => setNaming(null)} />
    </div>
  );
}

function Row(props: {
  version: Version;
  chosen: boolean;
  onOpen: () => void;
  onName: (() => void) | undefined;
}): JSX.Element {
  const time = () => new Date(props.version.at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  return (
    <li
      class="version"
      classList={{ chosen: props.chosen, named: props.version.name !== null }}
      data-version={props.version.id}
    >
      <button
        type="button"
        class="version-open"
        aria-current={props.chosen ? 'true' : undefined}
        onClick={props.onOpen}
      >
        <time class="num">{time()}</time>
        <span class="version-words">{wordsOf(props.version)}</span>
        <ChangeRule changes={props.version.changes} />
        <span class="version-who">
          <Show when={props.version.authors.length > 0} fallback={<span class="i3 sm">outside</span>}>
            <span class="vh">by {props.version.authors.map(({ name }) => name).join(', ')}</span>
            <People people={props.version.authors} most={3} />
          </Show>
        </span>
      </button>
      <Show when={props.onName}>
        {(name) => (
          <Button
            kind="quiet"
            icon="pencil"
            aria-label={`${props.version.name === null ? 'Name' : 'Rename'} the version of ${time()}`}
            onClick={() => name()()}
          />
        )}
      </Show>
    </li>
  );
}

/** Asks for a name; what was typed stays when the server refuses it. */
function Naming(props: {
  version: Version | 'now' | null;
  onKept: (version: Version) => void;
  onClose: () => void;
}): JSX.Element {
  const notebook = useNotebook();
  const [failure, setFailure] = createSignal<unknown>(null);
  const [busy, setBusy] = createSignal(false);
  const known = () => (props.version === 'now' ? null : props.version);
  const close = (): void => {
    setFailure(null);
    props.onClose();
  };
  const keep = async (name: string | null): Promise<void> => {
    const { id } = notebook;
    const version = known();
    setBusy(true);
    try {
      // The server must hold what was typed before it keeps it.
      if (!version) await notebook.shared.received();
      const kept = version
        ? await call(history.rename, { params: { id, version: version.id }, body: { name } })
        : await call(history.name, { params: { id }, body: { name: name ?? '' } });
      props.onKept(kept);
      close();
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog open={props.version !== null} label={known() ? 'Rename the version' : 'Name this version'} onClose={close}>
      <h2>{known() ? 'What is this version called?' : 'Name this version'}</h2>
      <p>A version with a name is kept for as long as the notebook is.</p>
      <form
        class="version-name"
        onSubmit={(event) => {
          event.preventDefault();
          const name = new FormData(event.currentTarget).get('name');
          if (typeof name === 'string' && name.trim() !== '') void keep(name.trim());
        }}
      >
        <input
          class="field"
          name="name"
          aria-label="Name of the version"
          maxlength={200}
          required
          autofocus
          autocomplete="off"
          value={known()?.name ?? ''}
        />
        <Show when={failure()}>{(thrown) => <ProblemNote thrown={thrown()} />}</Show>
        <div class="dialog-acts">
          <Show when={known()?.name != null}>
            <Button kind="quiet" disabled={busy()} onClick={() => void keep(null)}>
              Take the name away
            </Button>
          </Show>
          <Button onClick={close}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={busy()}>
            {known() ? 'Rename' : 'Keep it'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
