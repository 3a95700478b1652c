/** One logged picture: as it stands in a panel, and enlarged. */
import { createSignal, type JSX, onMount, Show } from 'solid-js';
import { Button } from '../../components/button.tsx';
import { count } from '../../components/figures.ts';
import { blobUrl, type Logged, latestAt } from './media.ts';
import type { StepChoice } from './step-slider.tsx';
import './media.css';
import './images.css';

export type Picture = Logged<'image'>;

/** Small pictures are drawn as they are, pixel for pixel; nothing is read before it is near the screen. */
export function Image(props: { of: Picture }): JSX.Element {
  const [failed, setFailed] = createSignal('');
  const address = () => blobUrl(props.of.data);
  return (
    <Show when={failed() !== address()} fallback={<span class="empty">This picture could not be read.</span>}>
      <img
        src={address()}
        alt={props.of.data.caption ?? `${props.of.data.key} at step ${count(props.of.step)}`}
        width={props.of.data.width}
        height={props.of.data.height}
        classList={{ small: (props.of.data.width ?? 1000) <= 256 }}
        loading="lazy"
        decoding="async"
        onError={() => setFailed(address())}
      />
    </Show>
  );
}

/** A picture alone, and those before and after it. */
export function LargeImage(props: {
  pictures: readonly Picture[];
  name: string;
  choice: StepChoice;
  /** Someone wants to talk about a picture; absent: they may not. */
  onNote: ((picture: Picture) => void) | undefined;
  onClose: () => void;
}): JSX.Element {
  let dialog: HTMLDialogElement | undefined;
  onMount(() => dialog?.showModal());
  const picture = () => latestAt(props.pictures, props.choice.step()) ?? props.pictures[0];
  const place = (): number => props.pictures.findIndex(({ seq }) => seq === picture()?.seq);
  const by = (steps: number): void => {
    const next = props.pictures[place() + steps];
    if (next) props.choice.nearest(next.step);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    event.preventDefault();
    by(event.key === 'ArrowLeft' ? -1 : 1);
  };
  return (
    <dialog ref={dialog} class="image-large" aria-label={props.name} onClose={() => props.onClose()} onKeyDown={onKey}>
      <header class="sh">
        <h2>{props.name}</h2>
        <span class="c num">
          step {count(picture()?.step ?? Number.NaN)}, {count(place() + 1)} of {count(props.pictures.length)}
        </span>
        <Button class="r" kind="quiet" icon="x" aria-label="Close" onClick={() => dialog?.close()} />
      </header>
      <Show when={picture()}>
        {(shown) => (
          <>
            <Image of={shown()} />
            <footer>
              <Button disabled={place() <= 0} onClick={() => by(-1)}>
                Before
              </Button>
              <Button disabled={place() >= props.pictures.length - 1} onClick={() => by(1)}>
                After
              </Button>
              <Show when={props.onNote}>
                {(note) => (
                  <Button
                    icon="comment"
                    onClick={() => {
                      const picture = shown();
                      dialog?.close();
                      note()(picture);
                    }}
                  >
                    Pin a note
                  </Button>
                )}
              </Show>
              <span class="said">{shown().data.caption}</span>
              <a class="tl" href={blobUrl(shown().data)} target="_blank" rel="noopener">
                The picture alone
              </a>
            </footer>
          </>
        )}
      </Show>
    </dialog>
  );
}
