/**
 * An input in a cell's output that everyone in the notebook shares. It is alive while the server says that code listens
 * to it; otherwise, as in a file opened anew, it is what its cell wrote in words.
 */
import type { WidgetState } from '@trialroom/shared/notebook/widgets';
import { createMemo, type JSX, Match, Show, Switch } from 'solid-js';
import { z } from 'zod';
import { useLiveNotebook } from '../live-context.ts';
import { TextOutput } from '../output/text.tsx';
import { Button } from './button.tsx';
import { Checkbox } from './checkbox.tsx';
import { FileInput } from './file.tsx';
import { Select } from './select.tsx';
import { Slider } from './slider.tsx';
import { TextInput } from './text-input.tsx';
import './widgets.css';

const WidgetData = z.object({ widget: z.string().min(1) });

/** The widget that an output names, alive while code listens to it. */
export function WidgetOutput(props: { data: unknown; plain: unknown }): JSX.Element {
  const live = useLiveNotebook();
  const id = createMemo(() => {
    const parsed = WidgetData.safeParse(props.data);
    return parsed.success ? parsed.data.widget : null;
  });
  const state = () => {
    const widget = id();
    return widget === null ? undefined : live.widget(widget);
  };
  // Built anew only for another widget; its value changes within.
  const key = createMemo(() => {
    const now = state();
    return now && JSON.stringify([now.id, now.spec]);
  });
  return (
    <Show keyed when={key()} fallback={<Words plain={props.plain} />}>
      {(_) => <Show when={state()}>{(now) => <Live state={now()} />}</Show>}
    </Show>
  );
}

/** What is left of a widget that nobody listens to any more. */
function Words(props: { plain: unknown }): JSX.Element {
  return (
    <div class="wg-words">
      <TextOutput text={props.plain} />
      <p class="i3 sm">Run the cell to use it.</p>
    </div>
  );
}

function Live(props: { state: WidgetState }): JSX.Element {
  const live = useLiveNotebook();
  const able = () => props.state.live && live.canAnswer();
  const of = <Kind extends WidgetState['spec']['kind']>(kind: Kind) => {
    const { spec } = props.state;
    return isKind(spec, kind) ? spec : undefined;
  };
  return (
    <div
      class={`wg wg-${props.state.spec.kind}`}
      classList={{ off: !able() }}
      data-widget={props.state.spec.kind}
      data-label={props.state.spec.label}
      title={reason(props.state.live, live.canAnswer())}
    >
      <Switch>
        <Match when={of('slider')}>{(spec) => <Slider state={props.state} spec={spec()} able={able()} />}</Match>
        <Match when={of('select')}>{(spec) => <Select state={props.state} spec={spec()} able={able()} />}</Match>
        <Match when={of('checkbox')}>{(spec) => <Checkbox state={props.state} spec={spec()} able={able()} />}</Match>
        <Match when={of('text')}>{(spec) => <TextInput state={props.state} spec={spec()} able={able()} />}</Match>
        <Match when={of('button')}>{(spec) => <Button state={props.state} spec={spec()} able={able()} />}</Match>
        <Match when={of('file')}>{(spec) => <FileInput state={props.state} spec={spec()} able={able()} />}</Match>
      </Switch>
    </div>
  );
}

function isKind<Kind extends WidgetState['spec']['kind']>(
  spec: WidgetState['spec'],
  kind: Kind,
): spec is Extract<WidgetState['spec'], { kind: Kind }> {
  return spec.kind === kind;
}

const reason = (alive: boolean, may: boolean): string | undefined => {
  if (!alive) return 'No code listens to it any more; run the cell again to use it.';
  return may ? undefined : 'Only who may run cells can change it.';
};
