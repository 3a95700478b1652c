/** A button that code waits for. Its value is how often it was pressed, by everyone together. */
import { createSignal, type JSX } from 'solid-js';
import { count } from '../../components/figures.ts';
import { useLiveNotebook } from '../live-context.ts';
import { Remark, type WidgetProps } from './kind.tsx';

/** A button that code listens to. */
export function Button(props: WidgetProps<'button'>): JSX.Element {
  const live = useLiveNotebook();
  const [problem, setProblem] = createSignal<unknown>(null);
  const presses = () => (typeof props.state.value === 'number' ? props.state.value : 0);
  const press = (): void => {
    live.setWidget(props.state.id, presses() + 1).then(() => setProblem(null), setProblem);
  };
  return (
    <>
      <button type="button" class="btn" disabled={!props.able} onClick={press}>
        {props.spec.label || 'Press'}
      </button>
      <span class="wg-v num i3">{presses() === 0 ? '' : `${count(presses())} ×`}</span>
      <Remark state={props.state} problem={problem()} />
    </>
  );
}
