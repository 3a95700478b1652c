import type { Preview, Sample } from '@trialroom/shared/trial/evaluation';
import { For, type JSX, Show } from 'solid-js';
import { figure, percent } from '../components/figures.ts';
import './samples.css';

/** One example: what it was, what was answered, how sure. */
export function SampleCard(props: { sample: Sample; classes: readonly string[]; children?: JSX.Element }): JSX.Element {
  const name = (number: number) => props.classes[number] ?? String(number);
  const right = () => props.sample.truth === props.sample.predicted;
  return (
    <li class="sample">
      <Show when={props.sample.input}>
        {(input) => <Input preview={input()} name={`Example ${props.sample.id}`} />}
      </Show>
      <div class="said">
        <p>
          <b>{name(props.sample.truth)}</b>
          <Show when={!right()}>
            {' '}
            <span class="i3">read as</span> <b class="worse">{name(props.sample.predicted)}</b>
          </Show>{' '}
          <span class="i3 mono" title="Id of the example">
            {props.sample.id}
          </span>
        </p>
        <Show when={props.sample.probabilities.length > 0}>
          <ul class="probs num" aria-label="Probabilities">
            <For each={props.sample.probabilities.slice(0, 3)}>
              {({ class: number, value }) => (
                <li classList={{ truth: number === props.sample.truth }}>
                  <span>{name(number)}</span>
                  <i style={{ '--share': value }} aria-hidden="true" />
                  <span>{percent(value)}</span>
                </li>
              )}
            </For>
          </ul>
        </Show>
        {props.children}
      </div>
    </li>
  );
}

/** What the model was given. */
export function Input(props: { preview: Preview; name: string }): JSX.Element {
  const preview = () => props.preview;
  return (
    <>
      {(() => {
        const given = preview();
        if (given.kind === 'image') {
          return (
            <img
              class="input"
              src={`data:image/png;base64,${given.png}`}
              alt={`${props.name}, ${given.width} × ${given.height}`}
              loading="lazy"
            />
          );
        }
        if (given.kind === 'text') return <p class="input words">{given.text}</p>;
        return (
          <dl class="input row num">
            <For each={Object.entries(given.row).slice(0, 8)}>
              {([key, value]) => (
                <div>
                  <dt>{key}</dt>
                  <dd>{typeof value === 'number' ? figure(value) : String(value ?? '–')}</dd>
                </div>
              )}
            </For>
          </dl>
        );
      })()}
    </>
  );
}
