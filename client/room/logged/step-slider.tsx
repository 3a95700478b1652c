/** One step out of those at which something was logged, chosen with a slider; until someone chooses, the newest. */
import { createMemo, type JSX, Show } from 'solid-js';
import { Button } from '../../components/button.tsx';
import { count } from '../../components/figures.ts';
import { remembered } from '../dashboard/remembered.ts';

export interface StepChoice {
  steps(): readonly number[];
  /** Place of the chosen one in `steps`; -1: there are none. */
  place(): number;
  /** NaN where there are none. */
  step(): number;
  /** The last place means: whatever comes is shown. */
  choose(place: number): void;
  /** Chooses the step that is nearest. */
  nearest(step: number): void;
}

/** @param panel whose choice it is */
export function createStepChoice(room: object, panel: string, steps: () => readonly number[]): StepChoice {
  const [wanted, setWanted] = remembered<number | null>(room, panel, 'step', null);
  const place = createMemo(() => {
    const chosen = wanted();
    const all = steps();
    if (chosen === null) return all.length - 1;
    const found = all.findLastIndex((step) => step <= chosen);
    return found < 0 && all.length > 0 ? 0 : found;
  });
  const choose = (at: number): void => {
    const all = steps();
    const held = Math.min(all.length - 1, Math.max(0, at));
    setWanted(held === all.length - 1 ? null : (all[held] ?? null));
  };
  return {
    steps,
    place,
    step: () => steps()[place()] ?? Number.NaN,
    choose,
    nearest: (step) => {
      let best = 0;
      const all = steps();
      for (const [at, one] of all.entries()) if (Math.abs(one - step) < Math.abs((all[best] ?? 0) - step)) best = at;
      choose(best);
    },
  };
}

export function StepSlider(props: {
  choice: StepChoice;
  /** What is at the steps, e.g. `Weights`. */
  name: string;
  /** Steps that there are, of which the choice has some. */
  total: number;
  children?: JSX.Element;
}): JSX.Element {
  const last = (): number => props.choice.steps().length - 1;
  const place = (): number => props.choice.place();
  return (
    <div class="step-slider">
      <Button
        kind="quiet"
        class="step-by"
        aria-label={`Step before, of ${props.name}`}
        title="Step before"
        disabled={place() <= 0}
        onClick={() => props.choice.choose(place() - 1)}
      >
        ‹
      </Button>
      <input
        type="range"
        class="slide"
        min="0"
        max={Math.max(0, last())}
        step="1"
        value={Math.max(0, place())}
        style={{ '--at': `${last() > 0 ? (place() / last()) * 100 : 100}%` }}
        aria-label={`Step of ${props.name}`}
        aria-valuetext={`step ${count(props.choice.step())}`}
        disabled={last() < 1}
        onInput={(event) => props.choice.choose(Number(event.currentTarget.value))}
      />
      <Button
        kind="quiet"
        class="step-by"
        aria-label={`Step after, of ${props.name}`}
        title="Step after"
        disabled={place() >= last()}
        onClick={() => props.choice.choose(place() + 1)}
      >
        ›
      </Button>
      <span class="num step-at">
        step <b>{count(props.choice.step())}</b>
      </span>
      <Show when={props.total > props.choice.steps().length}>
        <span class="i3 num" title="Zoom a chart into a range of steps to see all of them">
          {count(props.choice.steps().length)} of {count(props.total)} steps
        </span>
      </Show>
      {props.children}
    </div>
  );
}
