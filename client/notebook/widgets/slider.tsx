/** A number on a graduated rule. Keys, pointer and thumb are the browser's own; only its looks are drawn. */
import { createMemo, createUniqueId, For, type JSX } from 'solid-js';
import { figure } from '../../components/figures.ts';
import { graduations } from '../../components/graduations.ts';
import { useLiveNotebook } from '../live-context.ts';
import { createHeld } from './held.ts';
import { Remark, type WidgetProps } from './kind.tsx';
import { decimalsOf, marksWithin } from './scale.ts';

/** A number within bounds. */
export function Slider(props: WidgetProps<'slider'>): JSX.Element {
  const live = useLiveNotebook();
  const id = createUniqueId();
  const everyones = () => (typeof props.state.value === 'number' ? props.state.value : props.spec.min);
  const held = createHeld<number>(everyones, (value) => live.setWidget(props.state.id, value));
  const span = () => props.spec.max - props.spec.min;
  const place = (value: number) => Math.min(1, Math.max(0, (value - props.spec.min) / span()));
  const marks = createMemo(() => marksWithin(props.spec.min, props.spec.max, graduations));
  const words = (value: number) =>
    Math.abs(value) >= 1e9 ? figure(value) : value.toFixed(decimalsOf(props.spec)).replace('-', '\u2212');
  return (
    <>
      <label class="wg-l" for={id}>
        {props.spec.label}
      </label>
      <div class="wg-rule" style={{ '--at': place(held.shown()) }}>
        <svg viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">
          <For each={marks()}>
            {(mark) => <path classList={{ maj: mark.major }} d={`M${mark.at * 1000} 0V${mark.major ? 8 : 4}`} />}
          </For>
        </svg>
        <input
          id={id}
          type="range"
          min={props.spec.min}
          max={props.spec.max}
          step={props.spec.step}
          value={held.shown()}
          disabled={!props.able}
          aria-valuetext={words(held.shown())}
          onPointerDown={() => held.hold(true)}
          onPointerUp={() => held.hold(false)}
          onPointerCancel={() => held.hold(false)}
          onBlur={() => held.hold(false)}
          onInput={(event) => held.move(event.currentTarget.valueAsNumber)}
        />
        <div class="wg-ends num" aria-hidden="true">
          <span>{words(props.spec.min)}</span>
          <span>{words(props.spec.max)}</span>
        </div>
      </div>
      <output class="wg-v num" for={id}>
        {words(held.shown())}
      </output>
      <Remark state={props.state} problem={held.problem()} />
    </>
  );
}
