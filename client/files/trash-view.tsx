/** What lies in the trash: brought back with one press, erased only after a second. */
import { files } from '@trialroom/shared/api/endpoints';
import type { Trashed } from '@trialroom/shared/api/files';
import { createEffect, createResource, createSignal, For, type JSX, Match, on, Show, Switch } from 'solid-js';
import { Button } from '../components/button.tsx';
import { ago, count } from '../components/figures.ts';
import { Icon } from '../components/icon.tsx';
import { now } from '../components/now.ts';
import { call } from '../data/api.ts';
import { may } from '../data/me.ts';
import { Dialog } from '../notebook/dialog.tsx';
import { ProblemNote, SkeletonRows } from '../shell/states.tsx';
import { folderOf, nameOf } from './tree.ts';

const ICONS = { notebook: 'book', folder: 'folder', file: 'copy' } as const;
/** When that was, in the middle of a sentence. */
const since = (at: number): string => ago(at, now()).replace(/^\d.*(s|min|h)$/, '$& ago');
const DAY = 24 * 60 * 60 * 1000;

/** @param props.changed what tells that something may have come or gone */
export function TrashView(props: { changed: unknown; onRestored: (path: string) => void }): JSX.Element {
  const [lies, { refetch }] = createResource(() => call(files.trashed));
  const [failure, setFailure] = createSignal<unknown>(null);
  const [erasing, setErasing] = createSignal<Trashed | null>(null);
  createEffect(
    on(
      () => props.changed,
      () => void refetch(),
      { defer: true },
    ),
  );
  const given = () => (lies.state === 'ready' || lies.state === 'refreshing' ? lies.latest : undefined);
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
      setFailure(null);
    } catch (error) {
      setFailure(error);
    }
    void refetch();
  };
  const left = ({ at }: Trashed): number => Math.max(0, Math.ceil(((given()?.days ?? 0) * DAY - (now() - at)) / DAY));
  return (
    <section aria-label="Trash" class="trash">
      <p class="i3">
        What was thrown away stays here <Show when={given()}>{(value) => <>for {count(value().days)} days</>}</Show>,
        with its history and comments.
      </p>
      <Show when={failure()}>{(thrown) => <ProblemNote thrown={thrown()} />}</Show>
      <Switch>
        <Match when={lies.state === 'errored'}>
          <ProblemNote thrown={lies.error} retry={() => void refetch()} />
        </Match>
        <Match when={given() === undefined}>
          <SkeletonRows rows={3} height="2.625rem" />
        </Match>
        <Match when={given()?.trashed.length === 0}>
          <p class="empty">
            <b>The trash is empty.</b> Notebooks and folders that are moved to the trash can be brought back from here.
          </p>
        </Match>
        <Match when={given()}>
          {(value) => (
            <ul class="trash-list">
              <For each={value().trashed}>
                {(one) => (
                  <li>
                    <Icon name={ICONS[one.kind]} />
                    <span class="nm">
                      <b>{nameOf(one.path)}</b>
                      <small>{folderOf(one.path) || 'top folder'}</small>
                    </span>
                    <span class="i3 sm num trash-when">
                      {since(one.at)}
                      <Show when={one.by}>{(by) => <>, by {by()}</>}</Show> · {count(left(one))}{' '}
                      {left(one) === 1 ? 'day' : 'days'} left
                    </span>
                    <Show when={may('edit')}>
                      <span class="trash-acts">
                        <Button
                          icon="restart"
                          aria-label={`Restore ${nameOf(one.path)}`}
                          onClick={() =>
                            void attempt(async () => {
                              const { path } = await call(files.restore, { params: { id: one.id }, body: {} });
                              props.onRestored(path);
                            })
                          }
                        >
                          Restore
                        </Button>
                        <Button kind="quiet" aria-label={`Erase ${nameOf(one.path)}`} onClick={() => setErasing(one)}>
                          Erase
                        </Button>
                      </span>
                    </Show>
                  </li>
                )}
              </For>
            </ul>
          )}
        </Match>
      </Switch>
      <Dialog open={erasing() !== null} label="Erase for good" onClose={() => setErasing(null)}>
        <h2>Erase {nameOf(erasing()?.path ?? '')} for good?</h2>
        <p>Its text, outputs, history and comments are deleted. Nobody can bring it back.</p>
        <div class="dialog-acts">
          <Button onClick={() => setErasing(null)}>Keep it</Button>
          <Button
            kind="primary"
            onClick={() => {
              const id = erasing()?.id;
              setErasing(null);
              if (id !== undefined) void attempt(() => call(files.erase, { params: { id }, body: {} }));
            }}
          >
            Erase
          </Button>
        </div>
      </Dialog>
    </section>
  );
}
