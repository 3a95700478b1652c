import { createMemo, type JSX, Show } from 'solid-js';
import { count } from '../../components/figures.ts';
import { ProblemNote } from '../../shell/states.tsx';
import { useRoom } from '../context.ts';
import { readText } from '../logged/blobs.ts';
import { createLogged } from '../logged/logged.ts';
import { latestAt } from '../logged/media.ts';
import '../logged/media.css';
import '../logged/logged.css';
import { KeyChoice, MediaFace, TrialChoice } from '../logged/media-face.tsx';
import { StepSlider } from '../logged/step-slider.tsx';
import { type BodyProps, type PanelKind, textIn } from './kind.ts';
import { createReading } from './reading.ts';

/** Texts that are listed at most, spread over the steps, each with its beginning; the whole is read when it is shown. */
const MOST_LISTED = 400;
/** Letters of a text that are put on the page. */
const MOST_LETTERS = 100_000;

export const texts: PanelKind = {
  kind: 'texts',
  name: 'Texts',
  says: 'What was logged in words, step by step: samples that a model wrote, remarks of the code.',
  icon: 'book',
  size: { width: 6, height: 6 },
  fields: [{ name: 'key', type: 'text', label: 'Name', help: 'As it was logged; empty: the first there is.' }],
  unnumbered: true,
  title: (settings) => textIn(settings, 'key') || 'Texts',
  Body: TextsBody,
};

function TextsBody(props: BodyProps): JSX.Element {
  const room = useRoom();
  const { chosen, setChosen, setTrial, shown, media, key, read, logged, choice } = createLogged(
    'text',
    props,
    MOST_LISTED,
  );
  const one = createMemo(() => latestAt(logged(), choice.step()));
  const now = createMemo(() => one()?.data, undefined, { equals: (a, b) => a?.sha256 === b?.sha256 });
  const whole = createReading(now, async (data) => ({ of: data.sha256, text: await readText(data) }));
  /** Its beginning until all of it is here. */
  const words = (): string => {
    const found = whole.value();
    return found && found.of === now()?.sha256 ? found.text : (now()?.head ?? '');
  };
  props.offer({
    note: () =>
      [
        textIn(props.settings, 'key') === '' || chosen() ? key() : '',
        words().length > MOST_LETTERS ? `${count(MOST_LETTERS)} of ${count(words().length)} letters` : '',
      ]
        .filter(Boolean)
        .join(', '),
    tools: () => (
      <>
        <TrialChoice trials={room.trials()} value={shown()?.id} onChange={setTrial} />
        <KeyChoice label="Which text" keys={media.keys()} value={key()} onChange={setChosen} />
      </>
    ),
    text: words,
    table: () => ({
      columns: ['step', 'caption', 'begins', 'sha256'],
      rows: logged().map(({ step, data }) => [step, data.caption ?? null, data.head, data.sha256]),
    }),
  });
  return (
    <MediaFace media={media} there={logged().length > 0} name="texts" example={'run.text("sample", words)'}>
      <div class="logged-text">
        <StepSlider choice={choice} name={key() ?? 'the text'} total={choice.steps().length + (read()?.unread ?? 0)} />
        <Show when={one()?.data.caption}>{(caption) => <p class="said">{caption()}</p>}</Show>
        <Show when={whole.failure()}>{(thrown) => <ProblemNote thrown={thrown()} retry={() => whole.again()} />}</Show>
        <section
          class="logged-words"
          // What scrolls must be reached without a pointer.
          tabindex={0}
          aria-label={`${key() ?? ''} at step ${count(choice.step())}`}
          aria-busy={whole.loading()}
        >
          <pre>{words().slice(0, MOST_LETTERS)}</pre>
        </section>
      </div>
    </MediaFace>
  );
}
