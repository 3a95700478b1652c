import { useNavigate } from '@solidjs/router';
import { MOST_QUOTE } from '@trialroom/shared/annotation/target';
import { createMemo, createSignal, For, type JSX, Show } from 'solid-js';
import { noteAddress } from '../../annotations/note-link.ts';
import { useTrialThreads } from '../../annotations/trial-threads.tsx';
import { count } from '../../components/figures.ts';
import { may } from '../../data/me.ts';
import { sameJson } from '../../data/same.ts';
import { useRoom } from '../context.ts';
import { matching } from '../curves/glob.ts';
import { Image, LargeImage, type Picture } from '../logged/image.tsx';
import { latestAt, readMedia, stepsOf } from '../logged/media.ts';
import '../logged/media.css';
import '../logged/images.css';
import { shortNames } from '../curves/short-names.ts';
import type { RoomTrial } from '../curves/trials.ts';
import { MediaFace } from '../logged/media-face.tsx';
import { createStepChoice, type StepChoice, StepSlider } from '../logged/step-slider.tsx';
import { type BodyProps, type PanelKind, toggled, wordsIn } from './kind.ts';

/** Pictures that are listed of each trial at most, spread over its steps; a picture itself is read once it is seen. */
const MOST_LISTED = 400;
/** Trials that stand beneath each other, and names beside each other. */
const MOST_TRIALS = 12;
const MOST_KEYS = 12;

export const images: PanelKind = {
  kind: 'images',
  name: 'Images',
  says: 'Logged pictures at one step, names side by side, trials beneath each other.',
  icon: 'table',
  size: { width: 6, height: 10 },
  fields: [
    { name: 'keys', type: 'keys', label: 'Names', help: 'One a line. * stands for any letters; empty: all.' },
    {
      name: 'strip',
      type: 'toggle',
      label: 'A strip of all steps',
      help: 'Of the first name, where one trial is shown.',
    },
  ],
  title: (settings) => wordsIn(settings, 'keys').join(', ') || 'Images',
  Body: ImagesBody,
};

function ImagesBody(props: BodyProps): JSX.Element {
  const room = useRoom();
  const threads = useTrialThreads();
  const go = useNavigate();
  const [large, setLarge] = createSignal<{ trial: string; key: string } | null>(null);
  // The newest of the trials that are drawn.
  const trials = createMemo(() => room.trials().slice(-MOST_TRIALS));
  const media = readMedia('image', { trials, most: () => MOST_LISTED, range: room.view.window });
  const keys = createMemo(
    () => {
      const wanted = wordsIn(props.settings, 'keys');
      return matching(wanted.length > 0 ? wanted : ['*'], [...media.keys()]).slice(0, MOST_KEYS);
    },
    [],
    { equals: sameJson },
  );
  const byKey = createMemo(() => {
    const found = new Map<string, ReadonlyMap<string, readonly Picture[]>>();
    for (const { id } of trials())
      found.set(
        id,
        Map.groupBy(media.of(id)?.logged ?? [], ({ data }) => data.key),
      );
    return found;
  });
  const picturesOf = (trial: string, key: string): readonly Picture[] => byKey().get(trial)?.get(key) ?? [];
  const all = createMemo(() => trials().flatMap(({ id }) => keys().flatMap((key) => picturesOf(id, key))));
  const choice = createStepChoice(
    room,
    props.panel.id,
    createMemo(() => stepsOf(all())),
  );
  /** Those that have any, the newest first. */
  const pictured = createMemo(() =>
    trials()
      .filter(({ id }) => keys().some((key) => picturesOf(id, key).length > 0))
      .reverse(),
  );
  const names = createMemo(() => shortNames(pictured().map(({ trial }) => trial.name)));
  const there = (): number => all().length;
  const total = (): number =>
    trials().reduce((sum, { id }) => {
      const own = media.of(id);
      const counted = own?.keys.filter(({ key }) => keys().includes(key)).reduce((n, { count }) => n + count, 0) ?? 0;
      return sum + (room.view.window() ? (own?.total ?? 0) : counted);
    }, 0);
  props.offer({
    note: () =>
      [
        there() < total() ? `${count(there())} of ${count(total())} pictures` : '',
        media.keys().length > keys().length && keys().length === MOST_KEYS
          ? `${MOST_KEYS} of ${count(media.keys().length)} names`
          : '',
        room.trials().length > MOST_TRIALS ? `the newest ${MOST_TRIALS} of ${count(room.trials().length)} trials` : '',
      ]
        .filter((part) => part !== '')
        .join(', '),
    table: () => ({
      columns: ['trial', 'name', 'step', 'caption', 'sha256'],
      rows: trials().flatMap(({ id, trial }) =>
        keys().flatMap((key) =>
          picturesOf(id, key).map(({ step, data }) => [trial.name, key, step, data.caption ?? null, data.sha256]),
        ),
      ),
    }),
  });
  /** In a trial's room the margin is there; elsewhere the trial's own room is opened for it. */
  const note = (trial: string, { seq, step, data }: Picture): void => {
    const quote = (data.caption ?? '').slice(0, MOST_QUOTE);
    const target = { kind: 'image' as const, seq, key: data.key, step: Number.isFinite(step) ? step : null, quote };
    if (threads) threads.begin(target);
    else go(noteAddress({ kind: 'trial', id: trial }, target));
  };
  const strip = (): readonly Picture[] =>
    trials().length === 1 && toggled(props.settings, 'strip', true)
      ? picturesOf(trials()[0]?.id ?? '', keys()[0] ?? '')
      : [];
  return (
    <MediaFace media={media} there={there() > 0} name="pictures" example={'run.image("samples", pixels)'}>
      <div class="images" classList={{ many: trials().length > 1 }}>
        <StepSlider choice={choice} name="the pictures" total={choice.steps().length} />
        <div class="images-rows" style={{ '--names': keys().length }}>
          <For each={pictured()}>
            {(one, row) => (
              <Row
                trial={one}
                name={trials().length > 1 ? (names()[row()] ?? '') : null}
                keys={keys()}
                of={(key) => latestAt(picturesOf(one.id, key), choice.step())}
                step={choice.step()}
                onLarge={(key) => setLarge({ trial: one.id, key })}
              />
            )}
          </For>
        </div>
        <Show when={strip().length > 1}>
          <Strip pictures={strip()} choice={choice} />
        </Show>
        <Show when={large()}>
          {(which) => (
            <LargeImage
              pictures={picturesOf(which().trial, which().key)}
              name={`${which().key}${trials().length > 1 ? `, ${trials().find(({ id }) => id === which().trial)?.trial.name ?? ''}` : ''}`}
              choice={choice}
              onNote={may('comment') ? (picture) => note(which().trial, picture) : undefined}
              onClose={() => setLarge(null)}
            />
          )}
        </Show>
      </div>
    </MediaFace>
  );
}

function Row(props: {
  trial: RoomTrial;
  name: string | null;
  keys: readonly string[];
  of: (key: string) => Picture | undefined;
  step: number;
  onLarge: (key: string) => void;
}): JSX.Element {
  return (
    <section class="images-row" aria-label={props.trial.trial.name}>
      <Show when={props.name}>
        {(name) => (
          <p class="images-trial" title={props.trial.trial.name}>
            {name()}
          </p>
        )}
      </Show>
      <For each={props.keys}>
        {(key) => (
          <figure>
            <Show when={props.of(key)} fallback={<p class="empty">none up to step {count(props.step)}</p>}>
              {(picture) => (
                <button
                  type="button"
                  class="images-one"
                  title="Enlarge"
                  aria-label={`Enlarge ${key} at step ${count(picture().step)}${props.name ? ` of ${props.trial.trial.name}` : ''}`}
                  onClick={() => props.onLarge(key)}
                >
                  <Image of={picture()} />
                </button>
              )}
            </Show>
            <figcaption>
              <b>{key}</b>
              <Show when={props.of(key)}>
                {(picture) => (
                  <>
                    <Show when={picture().step !== props.step}>
                      <span class="i3 num"> step {count(picture().step)}</span>
                    </Show>
                    <Show when={picture().data.caption}>{(caption) => <span class="said"> {caption()}</span>}</Show>
                  </>
                )}
              </Show>
            </figcaption>
          </figure>
        )}
      </For>
    </section>
  );
}

/** All steps of one name. The slider says the same to keyboards and screen readers: these are for the pointer. */
function Strip(props: { pictures: readonly Picture[]; choice: StepChoice }): JSX.Element {
  const chosen = () => latestAt(props.pictures, props.choice.step())?.seq;
  return (
    <div class="images-strip" aria-hidden="true">
      <For each={props.pictures}>
        {(picture) => (
          <button
            type="button"
            tabindex={-1}
            classList={{ on: picture.seq === chosen() }}
            onClick={() => props.choice.nearest(picture.step)}
          >
            <Image of={picture} />
            <span class="num">{count(picture.step)}</span>
          </button>
        )}
      </For>
    </div>
  );
}
