/** What can be done with the chosen trials; and how to undo what was done last. */
import { useNavigate } from '@solidjs/router';
import { MOST_CHANGED } from '@trialroom/shared/api/bulk';
import type { Catalogue, Column } from '@trialroom/shared/api/experiments';
import { createEffect, createSignal, type JSX, on, Show } from 'solid-js';
import { Button } from '../components/button.tsx';
import { count } from '../components/figures.ts';
import { PopMenu } from '../components/pop-menu.tsx';
import { may } from '../data/me.ts';
import { type Chosen, createBulkChanges, trialsOf } from './bulk-changes.ts';
import './bulk.css';

/** Most trials that are compared at once. */
const MOST_COMPARED = 10;

export function BulkBar(props: {
  chosen: Chosen;
  /** How many that are, and how many there are to choose. */
  count: number;
  total: number;
  columns: readonly Column[];
  catalogue: Catalogue | null;
  names: JSX.Element;
  onAll: () => void;
  onClear: () => void;
  onDone: () => void;
}): JSX.Element {
  const navigate = useNavigate();
  const [tagging, setTagging] = createSignal(false);
  const [tags, setTags] = createSignal('');
  const bulk = createBulkChanges({
    chosen: () => props.chosen,
    columns: () => props.columns,
    onDone: () => props.onDone(),
  });
  const { said, asked, change, take } = bulk;
  // A yes is to what was shown.
  createEffect(on(() => JSON.stringify(props.chosen), bulk.refuse, { defer: true }));
  const named = (): readonly string[] => ('trials' in props.chosen ? props.chosen.trials : []);
  const comparable = () => named().length >= 2 && named().length <= MOST_COMPARED;
  const compare = (hash: string) => navigate(`/compare?trials=${named().map(encodeURIComponent).join(',')}${hash}`);
  const tag = (): void => {
    const words = tags()
      .split(/[,\s]+/)
      .filter(Boolean);
    if (words.length === 0) return;
    // A failed change keeps the words.
    change(
      { action: 'tag', tags: words },
      (n) => `${trialsOf(n)} tagged ${words.join(', ')}.`,
      () => {
        setTags('');
        setTagging(false);
      },
    );
  };
  const remove = (): void =>
    change({ action: 'delete' }, (n) => `${trialsOf(n)} deleted; kept for 30 days.`, props.onClear);
  const more = () => [
    {
      id: 'star',
      text: 'Star',
      detail: 'Find them with is:starred',
      icon: 'pin' as const,
      disabled: !may('edit'),
      act: () => change({ action: 'star' }, (n) => `${trialsOf(n)} starred.`),
    },
    {
      id: 'unstar',
      text: 'Take the star away',
      detail: '',
      icon: 'x' as const,
      disabled: !may('edit'),
      act: () => change({ action: 'unstar' }, (n) => `${trialsOf(n)} without a star.`),
    },
    {
      id: 'unarchive',
      text: 'Take out again',
      detail: 'Of what was put away',
      icon: 'folderOpen' as const,
      disabled: !may('edit'),
      act: () => change({ action: 'unarchive' }, (n) => `${trialsOf(n)} taken out again.`),
    },
    {
      id: 'report',
      text: 'Report',
      detail: 'Figures, differences and notes in Markdown',
      icon: 'download' as const,
      act: () => void take('report'),
    },
    {
      id: 'csv',
      text: 'Export as CSV',
      detail: 'The columns that are shown',
      icon: 'download' as const,
      act: () => void take('csv'),
    },
    {
      id: 'json',
      text: 'Export as JSON',
      detail: 'All that is known',
      icon: 'download' as const,
      act: () => void take('json'),
    },
  ];

  return (
    <Show when={props.count > 0 || said()}>
      <section class="bulk" aria-label="Selection">
        <Show when={props.count > 0}>
          <b class="num">
            {'fits' in props.chosen && props.chosen.fits.except.length === 0 ? 'All ' : ''}
            {count(props.count)} selected
          </b>
          <Show when={props.count < props.total && props.total <= MOST_CHANGED}>
            <Button kind="quiet" onClick={props.onAll}>
              All {count(props.total)}
            </Button>
          </Show>
          <span class="bulk-names">{props.names}</span>
        </Show>
        <Show when={said()}>
          {(line) => (
            <span class="bulk-said" classList={{ refused: line().wrong ?? false }} role="status">
              {line().text}
              <Show when={line().undo}>{(undo) => <Button onClick={() => undo()()}>Undo</Button>}</Show>
              <Button kind="quiet" icon="x" aria-label="Dismiss" onClick={bulk.forget} />
            </span>
          )}
        </Show>
        <Show when={asked()}>
          {(question) => (
            <span
              class="bulk-acts"
              role="alertdialog"
              aria-label={question().text}
              onKeyDown={(event) => event.key === 'Escape' && bulk.refuse()}
            >
              <span>{question().text}</span>
              <Button
                kind="primary"
                ref={(button) => queueMicrotask(() => button.focus())}
                onClick={() => question().act()}
              >
                {question().yes}
              </Button>
              <Button onClick={bulk.refuse}>Cancel</Button>
            </span>
          )}
        </Show>
        <Show when={props.count > 0 && !asked()}>
          <span class="bulk-acts">
            <Show
              when={tagging()}
              fallback={
                <>
                  <Button
                    kind="primary"
                    icon="room"
                    disabled={!comparable()}
                    title={comparable() ? 'Curves and figures side by side' : `Choose 2 to ${MOST_COMPARED}`}
                    onClick={() => compare('')}
                  >
                    Compare
                  </Button>
                  <Button class="wide" icon="diff" disabled={!comparable()} onClick={() => compare('#parameters')}>
                    Differences
                  </Button>
                  <Show when={may('edit')}>
                    <Button class="wide" onClick={() => setTagging(true)}>
                      Tag
                    </Button>
                    <Button
                      class="wide"
                      onClick={() =>
                        change(
                          { action: 'archive' },
                          (n) => `${trialsOf(n)} put away; find them with is:archived.`,
                          props.onClear,
                        )
                      }
                    >
                      Archive
                    </Button>
                    <Button icon="trash" aria-label="Delete" title="Delete" onClick={remove} />
                  </Show>
                  <PopMenu id="bulk-more" label="More with the selection" title="More" items={more} />
                </>
              }
            >
              <form
                class="bulk-tag"
                onSubmit={(event) => {
                  event.preventDefault();
                  tag();
                }}
              >
                <input
                  aria-label="Tags, with commas or spaces between them"
                  placeholder="tags"
                  list="bulk-tags"
                  maxlength={300}
                  value={tags()}
                  ref={(input) => queueMicrotask(() => input.focus())}
                  onInput={(event) => setTags(event.currentTarget.value)}
                  onKeyDown={(event) => {
                    if (event.key !== 'Escape') return;
                    event.stopPropagation();
                    setTagging(false);
                  }}
                />
                <datalist id="bulk-tags">
                  {(props.catalogue?.tags ?? []).map(({ name }) => (
                    <option value={name} />
                  ))}
                </datalist>
                <Button kind="primary" type="submit">
                  Add tags
                </Button>
              </form>
            </Show>
            <Button kind="quiet" icon="x" aria-label="Select nothing" onClick={props.onClear} />
          </span>
        </Show>
      </section>
    </Show>
  );
}
