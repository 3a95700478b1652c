/** What people write on a trial or an experiment: tags, a star, a note. A change that fails keeps the words, and says why. */
import { experiments as api } from '@trialroom/shared/api/endpoints';
import type { Experiment, Labels } from '@trialroom/shared/api/experiments';
import type { Trial } from '@trialroom/shared/trial/trial';
import { createSignal, createUniqueId, For, type JSX, Show } from 'solid-js';
import { Button } from '../components/button.tsx';
import { Markdown } from '../components/markdown.tsx';
import { call, problemOf } from '../data/api.ts';
import { may } from '../data/me.ts';
import './experiments-list.css';

type Labelled = Pick<Trial, 'tags' | 'starred' | 'note'>;

/** Tags, star and note of a trial; what others write is shown as the trial given here changes. */
export function TrialLabels(props: { trial: Trial }): JSX.Element {
  return (
    <LabelsOf
      held={props.trial}
      called={`the trial ${props.trial.name}`}
      change={async (body) => void (await call(api.changeTrial, { params: { id: props.trial.id }, body }))}
    />
  );
}

/** The same of an experiment; `onChange` is given what the server made of it. */
export function ExperimentLabels(props: {
  experiment: Experiment;
  onChange: (experiment: Experiment) => void;
}): JSX.Element {
  return (
    <LabelsOf
      held={props.experiment}
      called={`the experiment ${props.experiment.name}`}
      change={async (body) => props.onChange(await call(api.change, { params: { id: props.experiment.id }, body }))}
    />
  );
}

function LabelsOf(props: { held: Labelled; called: string; change: (labels: Labels) => Promise<void> }): JSX.Element {
  const list = createUniqueId();
  const [known, setKnown] = createSignal<readonly string[]>([]);
  const [typed, setTyped] = createSignal('');
  const [draft, setDraft] = createSignal<{ text: string; from: string } | null>(null);
  const [wrong, setWrong] = createSignal<string | null>(null);
  const [busy, setBusy] = createSignal(false);

  const change = async (labels: Labels): Promise<boolean> => {
    setBusy(true);
    setWrong(null);
    try {
      await props.change(labels);
      return true;
    } catch (error) {
      const { message, fix } = problemOf(error);
      setWrong(`${message} ${fix ?? ''}`.trim());
      return false;
    } finally {
      setBusy(false);
    }
  };
  const addTags = async (): Promise<void> => {
    const words = typed()
      .split(/[,\s]+/)
      .filter(Boolean);
    if (words.length > 0 && (await change({ tags: [...props.held.tags, ...words] }))) setTyped('');
  };
  const offerTags = (): void => {
    if (known().length > 0) return;
    call(api.columns, { body: {} }).then(
      ({ tags }) => setKnown(tags.map(({ name }) => name)),
      () => {
        // Words of one's own can be typed without them.
      },
    );
  };
  const saveNote = async (): Promise<void> => {
    const now = draft();
    if (now && (await change({ note: now.text }))) setDraft(null);
  };
  /** Somebody else wrote meanwhile: saving would overwrite it. */
  const overtaken = () => {
    const now = draft();
    return now !== null && now.from !== props.held.note;
  };

  return (
    <section class="labels" aria-label={`Labels of ${props.called}`}>
      <div class="sh">
        <h2>Tags and note</h2>
      </div>
      <div class="labels-row">
        <Button
          kind="quiet"
          aria-pressed={props.held.starred}
          aria-label={props.held.starred ? 'Take the star away' : 'Star'}
          title={props.held.starred ? 'Take the star away' : 'Star'}
          disabled={!may('edit') || busy()}
          onClick={() => void change({ starred: !props.held.starred })}
        >
          {props.held.starred ? '★' : '☆'}
        </Button>
        <For each={props.held.tags} fallback={<span class="i3 sm">no tags</span>}>
          {(tag) => (
            <span class="tag">
              {tag}
              <Show when={may('edit')}>
                <Button
                  kind="quiet"
                  icon="x"
                  aria-label={`Take the tag ${tag} away`}
                  disabled={busy()}
                  onClick={() => void change({ tags: props.held.tags.filter((other) => other !== tag) })}
                />
              </Show>
            </span>
          )}
        </For>
        <Show when={may('edit')}>
          <form
            class="label-form"
            onSubmit={(event) => {
              event.preventDefault();
              void addTags();
            }}
          >
            <input
              aria-label="Add tags"
              placeholder="add a tag"
              maxlength={200}
              list={list}
              value={typed()}
              onFocus={offerTags}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
            <datalist id={list}>
              <For each={known().filter((tag) => !props.held.tags.includes(tag))}>
                {(tag) => <option value={tag} />}
              </For>
            </datalist>
          </form>
        </Show>
      </div>
      <Show
        when={draft()}
        fallback={
          <div class="note">
            <Show when={props.held.note !== ''}>
              <Markdown text={props.held.note} />
            </Show>
            <Show when={may('edit')}>
              <Button
                kind="quiet"
                icon="pencil"
                onClick={() => setDraft({ text: props.held.note, from: props.held.note })}
              >
                {props.held.note === '' ? 'Write a note' : 'Edit the note'}
              </Button>
            </Show>
          </div>
        }
      >
        {(now) => (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void saveNote();
            }}
          >
            <textarea
              aria-label="Note, in Markdown"
              maxlength={100_000}
              value={now().text}
              ref={(area) => queueMicrotask(() => area.focus())}
              onInput={(event) => setDraft({ ...now(), text: event.currentTarget.value })}
              onKeyDown={(event) => {
                if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void saveNote();
                else if (event.key === 'Escape' && now().text === now().from) setDraft(null);
              }}
            />
            <Show when={overtaken()}>
              <p class="refused" role="status">
                Somebody changed the note meanwhile; saving replaces what they wrote.
              </p>
            </Show>
            <div class="note-acts">
              <Button kind="primary" type="submit" disabled={busy()}>
                Save
              </Button>
              <Button onClick={() => setDraft(null)}>Discard</Button>
            </div>
          </form>
        )}
      </Show>
      <Show when={wrong()}>
        {(text) => (
          <p class="refused" role="alert">
            {text()}
          </p>
        )}
      </Show>
    </section>
  );
}
