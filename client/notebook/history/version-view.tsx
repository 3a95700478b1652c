/** A version over the sheet: what it changed, or what has changed since, cell by cell, and the way back to it. */
import type { Author } from '@trialroom/shared/annotation/annotation';
import { history } from '@trialroom/shared/api/endpoints';
import { type CellDifference, compareCells } from '@trialroom/shared/history/compare';
import type { Version, VersionCell } from '@trialroom/shared/history/history';
import {
  createEffect,
  createMemo,
  createResource,
  createSignal,
  For,
  type JSX,
  Match,
  on,
  onCleanup,
  Show,
  Switch,
} from 'solid-js';
import { Button, Choice } from '../../components/button.tsx';
import { clock } from '../../components/figures.ts';
import { now } from '../../components/now.ts';
import { Initials } from '../../components/people.tsx';
import { call } from '../../data/api.ts';
import { connection, listenTo } from '../../data/live.ts';
import { ProblemNote, SkeletonRows } from '../../shell/states.tsx';
import { useNotebook } from '../model.ts';
import { CellDifferenceView } from './cell-difference.tsx';
import { wordsOf } from './days.ts';
import './history.css';
import { createLook } from './look.ts';
import { Restoring } from './restoring.tsx';
import { DRAWN, groupsOf, More, Unchanged } from './version-cells.tsx';

/** What is held against what. */
interface Sides {
  version: Version;
  /** What the restored cells come from. */
  cells: VersionCell[];
  differences: CellDifference[];
  /** Who changed which cell, where that is to be said. */
  cellAuthors: Readonly<Record<string, readonly Author[]>>;
}

export default function VersionView(): JSX.Element {
  const notebook = useNotebook();
  const look = createLook();
  const [sides, { refetch }] = createResource(
    () => {
      const version = look.version();
      return version === undefined ? undefined : { version, against: look.against() };
    },
    ({ version, against }) => readSides(notebook.id, version, against),
  );
  const [restoring, setRestoring] = createSignal<{ cell?: string } | null>(null);
  const [at, setAt] = createSignal(-1);
  const [drawn, setDrawn] = createSignal(DRAWN);
  let main: HTMLElement | undefined;

  const ready = () => (sides.state === 'ready' || sides.state === 'refreshing' ? sides.latest : undefined);
  const groups = createMemo(() => groupsOf(ready()?.differences ?? []));
  const changes = createMemo(() => groups().flatMap((group, index) => (group.same ? [] : [index])));
  createEffect(
    on([look.version, look.against], () => {
      setAt(-1);
      setDrawn(DRAWN);
      // Where the timeline stands below, what was chosen there is brought into sight.
      if (main && main.getBoundingClientRect().top < 0) main.scrollIntoView({ block: 'start' });
    }),
  );
  // What could not be read is read again when the connection is back.
  createEffect(
    on(connection, (told, before) => {
      if (before !== undefined && told === 'online' && sides.state === 'errored') void refetch();
    }),
  );
  // What is shown as "now" is read again when the notebook has a new version.
  listenTo('version', (told) => {
    if (told.notebook === notebook.id && look.against() === 'now') void refetch();
  });
  const go = (by: 1 | -1): void => {
    const next = Math.min(Math.max(0, at() + by), changes().length - 1);
    const group = changes()[next];
    if (group === undefined) return;
    setAt(next);
    setDrawn((count) => Math.max(count, group + DRAWN));
    const difference = groups()[group]?.differences[0];
    if (!difference) return;
    const section = main?.querySelector<HTMLElement>(`[data-difference="${CSS.escape(difference.id)}"]`);
    section?.focus({ preventScroll: true });
    section?.scrollIntoView({ block: 'center' });
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target instanceof Element && event.target.closest('input, textarea, select, dialog, .cm-editor')) return;
    const act = { n: () => go(1), p: () => go(-1), escape: look.close }[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  };
  document.addEventListener('keydown', onKey);
  onCleanup(() => document.removeEventListener('keydown', onKey));

  const offline = () => connection() !== 'online' && connection() !== 'connecting';
  const canRestore = () => notebook.canEdit() && connection() === 'online';
  return (
    <main class="cells version-view" ref={main} aria-label="A version of this notebook" aria-busy={sides.loading}>
      <Switch fallback={<SkeletonRows rows={8} height="4rem" />}>
        <Match when={sides.state === 'errored'}>
          <ProblemNote thrown={sides.error} retry={() => void refetch()} />
          <Button onClick={look.close}>Back to the notebook</Button>
        </Match>
        <Match when={ready()}>
          {(shown) => (
            <>
              <header class="version-head">
                <div class="version-title">
                  <h2>{wordsOf(shown().version)}</h2>
                  <p class="sm">
                    <time class="num">{clock(shown().version.at, now())}</time>
                    <For each={shown().version.authors}>{(person) => <Initials person={person} full />}</For>
                    <Show when={shown().version.authors.length === 0}>
                      <span class="i3">changed outside of this page</span>
                    </Show>
                  </p>
                </div>
                <div class="version-acts">
                  <Choice
                    label="Compare with"
                    value={look.against() === 'now' ? 'now' : 'before'}
                    options={[
                      { value: 'before', text: 'What it changed', title: 'Beside the version before it' },
                      { value: 'now', text: 'Since then', title: 'Beside the notebook as it is now' },
                    ]}
                    onChange={look.hold}
                  />
                  <span class="seg">
                    <Button
                      icon="higher"
                      aria-label="Previous change"
                      title="Previous change (P)"
                      disabled={at() <= 0}
                      onClick={() => go(-1)}
                    />
                    <Button
                      icon="lower"
                      aria-label="Next change"
                      title="Next change (N)"
                      disabled={at() >= changes().length - 1}
                      onClick={() => go(1)}
                    />
                  </span>
                  <Show when={notebook.canEdit()}>
                    <Button kind="primary" disabled={!canRestore()} onClick={() => setRestoring({})}>
                      Bring back
                    </Button>
                  </Show>
                  <Button
                    icon="x"
                    aria-label="Back to the notebook"
                    title="Back to the notebook (Esc)"
                    onClick={look.close}
                  />
                </div>
                <p class="sm i3 version-count" role="status">
                  <Show when={changes().length > 0} fallback={nothing(look.against())}>
                    {at() >= 0 ? `Change ${at() + 1} of ${changes().length}` : counted(changes().length)}
                  </Show>
                  <Show when={notebook.canEdit() && offline()}>
                    {' '}
                    · Without a connection nothing can be brought back.
                  </Show>
                  <Show when={!notebook.canEdit()}> · You can look at versions, but not bring them back.</Show>
                </p>
              </header>
              <For each={groups().slice(0, drawn())}>
                {(group, index) => (
                  <Show when={!group.same} fallback={<Unchanged differences={group.differences} first={group.first} />}>
                    <For each={group.differences}>
                      {(difference) => (
                        <CellDifferenceView
                          difference={difference}
                          position={group.first}
                          here={changes()[at()] === index()}
                          authors={shown().cellAuthors[difference.id]}
                          onRestore={
                            canRestore() && restorable(difference, look.against())
                              ? () => setRestoring({ cell: difference.id })
                              : undefined
                          }
                        />
                      )}
                    </For>
                  </Show>
                )}
              </For>
              <Show when={groups().length > drawn()}>
                <More onSeen={() => setDrawn((count) => count + DRAWN)} />
              </Show>
            </>
          )}
        </Match>
      </Switch>
      <Restoring
        wanted={restoring()}
        version={look.version() ?? ''}
        onClose={() => setRestoring(null)}
        onDone={() => {
          setRestoring(null);
          look.close();
        }}
      />
    </main>
  );
}

const counted = (changes: number): string => (changes === 1 ? '1 change' : `${changes} changes`);
const nothing = (against: string): string =>
  against === 'now' ? 'Nothing has changed since.' : 'Nothing in the cells differs from the version before.';

/** What this version holds of the cell can be put into the notebook; places and outputs alone are not brought back. */
function restorable({ before, after, source, kind, metadata }: CellDifference, against: string): boolean {
  if (against !== 'now') return after !== null;
  return before !== null && (after === null || source || kind || metadata);
}

/** Reads both sides: the version and the one before it, or the version and the notebook as it is. */
async function readSides(id: string, version: string, against: string): Promise<Sides> {
  const read = (one: string, besides?: string) =>
    call(history.get, { params: { id, version: one }, query: besides === undefined ? {} : { besides } });
  const readBoth = async () => {
    if (against !== 'before') return Promise.all([read(version), read(against)]);
    const { versions } = await call(history.list, { params: { id }, query: { before: version, limit: 1 } });
    const [earlier] = versions;
    return earlier
      ? Promise.all([read(version, earlier.id), read(earlier.id, version)])
      : Promise.all([read(version), { cells: [] }]);
  };
  const [mine, { cells: theirs }] = await readBoth();
  if (!mine.version) throw new Error('The notebook as it is now is no version.');
  const differences = against === 'before' ? compareCells(theirs, mine.cells) : compareCells(mine.cells, theirs);
  // Since then others may have changed it, too.
  const cellAuthors = against === 'before' ? mine.cellAuthors : {};
  return { version: mine.version, cells: mine.cells, differences, cellAuthors };
}
