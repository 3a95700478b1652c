/** What panels of logged things have in common: the choices beside their title, and what they show while there is nothing. */
import { For, type JSX, Match, Show, Switch } from 'solid-js';
import { ProblemNote, SkeletonRows } from '../../shell/states.tsx';
import type { RoomTrial } from '../curves/trials.ts';

/** Longest name in a list of choices, in characters. */
const MOST_NAME = 60;

/** The body, or why there is none. */
export function MediaFace(props: {
  media: { reading(): boolean; failure(): unknown; again(): void };
  there: boolean;
  /** In the plural, e.g. `histograms`. */
  name: string;
  /** How one is logged, e.g. `run.histogram("weights", values)`. */
  example: string;
  children: JSX.Element;
}): JSX.Element {
  return (
    <Switch>
      <Match when={props.there}>
        <Show when={props.media.failure()}>
          {(thrown) => <ProblemNote thrown={thrown()} retry={props.media.again} />}
        </Show>
        {props.children}
      </Match>
      <Match when={props.media.failure()}>
        {(thrown) => <ProblemNote thrown={thrown()} retry={props.media.again} />}
      </Match>
      <Match when={props.media.reading()}>
        <div role="status" aria-label={`Reading ${props.name}`} aria-busy="true">
          <SkeletonRows rows={3} />
        </div>
      </Match>
      <Match when={true}>
        <p class="empty">
          <b>No {props.name} here.</b> Log one with <code>{props.example}</code>.
        </p>
      </Match>
    </Switch>
  );
}

/** One of several names; nothing when there is no choice. */
export function KeyChoice(props: {
  label: string;
  keys: readonly string[];
  value: string | undefined;
  onChange: (key: string) => void;
}): JSX.Element {
  return (
    <Show when={props.keys.length > 1}>
      <select
        class="pick"
        aria-label={props.label}
        value={props.value}
        onChange={(event) => props.onChange(event.currentTarget.value)}
      >
        <For each={props.keys}>
          {(key) => (
            <option value={key} selected={key === props.value}>
              {key.slice(0, MOST_NAME)}
            </option>
          )}
        </For>
      </select>
    </Show>
  );
}

/** Which of the trials that are drawn; nothing when there is one only. */
export function TrialChoice(props: {
  trials: readonly RoomTrial[];
  value: string | undefined;
  onChange: (id: string) => void;
}): JSX.Element {
  return (
    <Show when={props.trials.length > 1}>
      <select
        class="pick"
        aria-label="Trial"
        value={props.value}
        onChange={(event) => props.onChange(event.currentTarget.value)}
      >
        <For each={props.trials}>
          {({ id, trial }) => (
            <option value={id} selected={id === props.value}>
              {trial.name.slice(0, MOST_NAME)}
            </option>
          )}
        </For>
      </select>
    </Show>
  );
}
