/** Where a new note is written: one line that says where it will be pinned, and more once one begins to write. */
import type { AnnotationTarget } from '@trialroom/shared/annotation/target';
import { placeWords, stepWords } from '@trialroom/shared/annotation/words';
import { createEffect, createSignal, type JSX, on, Show } from 'solid-js';
import { Button } from '../components/button.tsx';
import { Composer } from './composer.tsx';
import { standingOf } from './standing.ts';
import { readStep } from './step.ts';
import type { Threads } from './threads.ts';

/** The target that is all of a subject, and how it is called: `the whole trial`. */
export interface Whole<T> {
  target: T;
  words: string;
}

export function NewNote<T extends AnnotationTarget>(props: {
  threads: Threads<T>;
  /** The number that it will have. */
  number: number;
  whole: Whole<T>;
  at: (step: number) => T;
  /** Where it goes while nobody has said; null: on the whole. */
  step: number | null;
}): JSX.Element {
  const { threads } = props;
  let area: HTMLTextAreaElement | undefined;
  /** Where the note goes that is on its way to the server. */
  let sent: ReturnType<typeof threads.beginning> = null;
  const target = (): T =>
    threads.beginning()?.target ?? (props.step === null ? props.whole.target : props.at(props.step));
  const words = () => placeWords(target());
  // The place that someone chose must not move while they write, though the trial goes on.
  const hold = (): void => {
    if (!threads.beginning()) threads.begin(target());
  };
  createEffect(
    on(
      threads.beginning,
      (begun) => {
        if (!begun || !area || document.activeElement === area) return;
        area.focus({ preventScroll: true });
        area.scrollIntoView({ block: 'nearest' });
      },
      { defer: true },
    ),
  );
  return (
    <div class="new-note" classList={{ begun: threads.beginning() !== null }}>
      <span class="pinno o num" aria-hidden="true">
        {props.number}
      </span>
      <div class="new-note-body">
        <Show when={threads.beginning()}>
          <Place target={target()} whole={props.whole} at={props.at} onChange={(chosen) => threads.begin(chosen)} />
        </Show>
        <Composer
          drafts={threads.drafts}
          place="new"
          label="New note"
          placeholder={words() === '' ? `Note on ${props.whole.words}` : `Note ${words()}`}
          send="Pin"
          inline
          ref={(element) => {
            area = element;
          }}
          onWrite={hold}
          cancellable={threads.beginning() !== null}
          onSend={async (text, request) => {
            sent = threads.beginning();
            await threads.create(target(), text, request);
          }}
          onSent={(more) => {
            // Another place may have been chosen meanwhile, for the next one.
            if (!more && threads.beginning() === sent) threads.drop();
          }}
          onCancel={threads.drop}
        />
      </div>
    </div>
  );
}

/** Where the note will be pinned. A step can be written; anything else that was pointed at can be let go. */
function Place<T extends AnnotationTarget>(props: {
  target: T;
  whole: Whole<T>;
  at: (step: number) => T;
  onChange: (target: T) => void;
}): JSX.Element {
  const [wrong, setWrong] = createSignal(false);
  const step = () => {
    const { target } = props;
    if (target.kind === 'point' && target.key === null) return stepWords(target.step);
    return target.kind === 'trial' || target.kind === 'experiment' ? '' : null;
  };
  const standing = () => standingOf(props.target);
  return (
    <div class="new-note-place">
      <Show
        when={step() !== null}
        fallback={
          <>
            <span class="num">{standing().words}</span>
            <Button
              kind="quiet"
              icon="x"
              aria-label={`Not there: pin it to ${props.whole.words}`}
              title={`Pin it to ${props.whole.words}`}
              onClick={() => props.onChange(props.whole.target)}
            />
          </>
        }
      >
        <label>
          <span>at step</span>
          <input
            class="num"
            inputMode="decimal"
            placeholder={props.whole.words}
            value={step() ?? ''}
            aria-invalid={wrong()}
            onInput={(event) => setWrong(readStep(event.currentTarget.value) === undefined)}
            onChange={(event) => {
              const read = readStep(event.currentTarget.value);
              if (read === undefined) return;
              props.onChange(read === null ? props.whole.target : props.at(read));
            }}
          />
        </label>
        <Show when={wrong()}>
          <span class="wrong" role="alert">
            A step is a number.
          </span>
        </Show>
      </Show>
      <Show when={standing().quote}>{(seen) => <p class="qt">{seen()}</p>}</Show>
    </div>
  );
}
