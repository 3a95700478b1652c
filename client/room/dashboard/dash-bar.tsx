/** The head of the sheet: how one looks at the curves, and what everyone sees: panels, templates, undo. */
import { isSystemMetric } from '@trialroom/shared/trial/metric-names';
import { createMemo, createSignal, type JSX, onCleanup, onMount, Show } from 'solid-js';
import type { XAxis } from '../../charts/axis.ts';
import { Button, Choice } from '../../components/button.tsx';
import { count } from '../../components/figures.ts';
import { now } from '../../components/now.ts';
import { type MenuItem, PopMenu } from '../../components/pop-menu.tsx';
import { useRoom } from '../context.ts';
import { KINDS } from '../panels/kinds.ts';
import { TEMPLATES } from './templates.ts';

export function DashBar(): JSX.Element {
  const room = useRoom();
  const { view, dashboard } = room;
  const [asking, setAsking] = createSignal<string | null>(null);
  const shown = createMemo(() => {
    // As often as anyone reads it.
    now();
    let [held, total] = [0, 0];
    for (const trial of room.trials()) {
      for (const curve of room.curves(trial).values()) {
        held += curve.steps.length;
        total += curve.total;
      }
    }
    return { held, total };
  });
  const onKey = (event: KeyboardEvent): void => {
    const typing = event.target instanceof Element && event.target.closest('input, textarea, [contenteditable]');
    if (typing || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'z' || !dashboard.mayArrange())
      return;
    const act = event.shiftKey ? dashboard.redo() : dashboard.undo();
    if (!act) return;
    event.preventDefault();
    act();
  };
  onMount(() => {
    window.addEventListener('keydown', onKey);
    onCleanup(() => window.removeEventListener('keydown', onKey));
  });
  const add = (): MenuItem[] =>
    KINDS.filter(({ only }) => only === undefined || (only === 'trial') === room.single).map((kind) => ({
      id: `add-${kind.kind}`,
      text: kind.name,
      detail: kind.says,
      icon: kind.icon,
      act: () => {
        const id = dashboard.add({ kind: kind.kind, title: '', settings: {}, ...kind.size });
        requestAnimationFrame(() =>
          document.querySelector(`[data-panel="${id}"]`)?.scrollIntoView({ block: 'center', behavior: 'smooth' }),
        );
      },
    }));
  const arrange = (): MenuItem[] => [
    {
      id: 'undo',
      text: 'Undo',
      detail: 'Your last change of this sheet; Ctrl or ⌘ Z.',
      icon: 'restart',
      disabled: dashboard.undo() === null,
      act: () => dashboard.undo()?.(),
    },
    {
      id: 'redo',
      text: 'Redo',
      detail: 'With Shift.',
      icon: 'restart',
      disabled: dashboard.redo() === null,
      act: () => dashboard.redo()?.(),
    },
    ...TEMPLATES.map(
      (template): MenuItem => ({
        id: `template-${template.name}`,
        text: template.title,
        detail: template.says,
        icon: 'table',
        checked: dashboard.template() === template.name,
        choice: true,
        act: () => (dashboard.arranged() ? setAsking(template.name) : dashboard.useTemplate(template.name)),
      }),
    ),
    {
      id: 'reset',
      text: 'Reset',
      detail: 'Back to what the template says, for everyone.',
      icon: 'restart',
      disabled: !dashboard.arranged(),
      act: () => setAsking(dashboard.template()),
    },
  ];
  const axes = (): { value: XAxis; text: string; title?: string }[] => [
    { value: 'step', text: 'Step' },
    { value: 'time', text: 'Time', title: 'Since the start of each trial' },
    { value: 'process', text: 'Process', title: 'Since the start, without pauses' },
    { value: 'clock', text: 'Clock', title: 'Time of day' },
  ];
  const metric = (): string => (view.look().x.startsWith('by:') ? view.look().x.slice(3) : '');
  return (
    <>
      <div class="sh bar">
        <h2>Panels</h2>
        <span class="c num" aria-live="off">
          {shown().held === shown().total
            ? `${count(shown().total)} points`
            : `${count(shown().held)} of ${count(shown().total)} shown`}
        </span>
        <Show when={view.window()}>
          {(range) => (
            <Button kind="quiet" icon="expand" onClick={() => view.zoom(null)}>
              {room.reading() ? 'Reading' : 'Steps'} {count(range().from)}–{count(range().to)}, show all
            </Button>
          )}
        </Show>
        <span class="ctl">
          <label>
            Smoothing{' '}
            <input
              type="range"
              class="slide"
              min="0"
              max="99"
              value={Math.round(view.look().smoothing * 100)}
              style={{ '--at': `${(view.look().smoothing / 0.99) * 100}%` }}
              onInput={(event) => view.change({ smoothing: Number(event.currentTarget.value) / 100 })}
            />
            <span class="num i1">{view.look().smoothing.toFixed(2)}</span>
          </label>
          <label class="ctl-x">
            <span class="vh">Horizontal axis</span>
            <select
              value={metric() === '' ? view.look().x : 'by'}
              title="Horizontal axis"
              onChange={(event) => {
                const { value } = event.currentTarget;
                const first = room.keys().find((key) => !isSystemMetric(key)) ?? '';
                view.change({ x: value === 'by' ? `by:${metric() || first}` : (value as XAxis) });
              }}
            >
              {axes().map(({ value, text, title }) => (
                <option value={value} title={title}>
                  {text}
                </option>
              ))}
              <option value="by">Metric</option>
            </select>
            <Show when={view.look().x.startsWith('by:')}>
              <select
                aria-label="Metric across"
                value={metric()}
                onChange={(event) => view.change({ x: `by:${event.currentTarget.value}` })}
              >
                {room
                  .keys()
                  .slice(0, 500)
                  .map((key) => (
                    <option value={key}>{key.slice(0, 60)}</option>
                  ))}
              </select>
            </Show>
          </label>
          <Choice
            label="Vertical axis"
            value={view.look().log ? 'log' : 'linear'}
            options={[
              { value: 'linear', text: 'Linear' },
              { value: 'log', text: 'Log' },
            ]}
            onChange={(scale) => view.change({ log: scale === 'log' })}
          />
          <Choice
            label="Vertical range"
            value={view.look().robust ? 'robust' : 'all'}
            options={[
              { value: 'robust', text: 'Fit', title: 'Leave single far-off values out of the range' },
              { value: 'all', text: 'All', title: 'Every value within the range' },
            ]}
            onChange={(range) => view.change({ robust: range === 'robust' })}
          />
          <Show when={dashboard.mayArrange()}>
            <PopMenu id="add-panel" label="Add a panel" title="Add a panel" face={<>Add panel</>} items={add} />
            <PopMenu
              id="arrange"
              label="Arrange"
              title="Templates, undo, reset: for everyone"
              face={<>Arrange</>}
              items={arrange}
            />
          </Show>
        </span>
      </div>
      <Show when={asking()}>
        {(name) => (
          <Ask
            name={name()}
            onAnswer={(sure) => {
              if (sure) dashboard.useTemplate(name());
              setAsking(null);
            }}
          />
        )}
      </Show>
    </>
  );
}

function Ask(props: { name: string; onAnswer: (sure: boolean) => void }): JSX.Element {
  let dialog: HTMLDialogElement | undefined;
  onMount(() => dialog?.showModal());
  const title = (): string => TEMPLATES.find(({ name }) => name === props.name)?.title ?? props.name;
  return (
    <dialog ref={dialog} class="ask" aria-labelledby="anew-title" onClose={() => props.onAnswer(false)}>
      <h2 id="anew-title">Begin anew with “{title()}”?</h2>
      <p>What people have arranged here is dropped, for everyone. You can undo it while this page is open.</p>
      <p class="ask-acts">
        <Button autofocus onClick={() => props.onAnswer(false)}>
          Keep it
        </Button>
        <Button onClick={() => props.onAnswer(true)}>Begin anew</Button>
      </p>
    </dialog>
  );
}
