/** What can be set of a panel, in a drawer. Changes are for everyone, and go out when they are made. */
import type { Panel } from '@trialroom/shared/room/panel';
import { For, type JSX, Match, onMount, Switch } from 'solid-js';
import { Button } from '../../components/button.tsx';
import { useRoom } from '../context.ts';
import { type Field, textIn, toggled, wordsIn } from '../panels/kind.ts';
import { kindOf } from '../panels/kinds.ts';
import './panel-settings.css';

export function PanelSettingsDialog(props: { panel: Panel; name: string; onClose: () => void }): JSX.Element {
  const room = useRoom();
  let dialog: HTMLDialogElement | undefined;
  onMount(() => dialog?.showModal());
  const set = (name: string, value: Panel['settings'][string] | undefined): void =>
    room.dashboard.configure(props.panel.id, { settings: { [name]: value } });
  return (
    <dialog ref={dialog} class="drawer" aria-label={`Settings of ${props.name}`} onClose={() => props.onClose()}>
      <header class="sh">
        <h2>{kindOf(props.panel.kind)?.name ?? props.panel.kind}</h2>
        <span class="c">for everyone</span>
        <Button class="r" kind="quiet" icon="x" aria-label="Close" onClick={() => dialog?.close()} />
      </header>
      <label class="setting">
        <span>Title</span>
        <input
          type="text"
          maxlength={300}
          placeholder={kindOf(props.panel.kind)?.title(props.panel.settings, room)}
          value={props.panel.title}
          onChange={(event) => room.dashboard.configure(props.panel.id, { title: event.currentTarget.value })}
        />
      </label>
      <For each={kindOf(props.panel.kind)?.fields ?? []}>
        {(field) => <Control field={field} panel={props.panel} set={set} />}
      </For>
      <datalist id={`metrics-${props.panel.id}`}>
        <For each={room.keys().slice(0, 500)}>{(key) => <option value={key} />}</For>
      </datalist>
    </dialog>
  );
}

function Control(props: {
  field: Field;
  panel: Panel;
  set: (name: string, value: Panel['settings'][string] | undefined) => void;
}): JSX.Element {
  const name = () => props.field.name;
  const help = () => `${props.panel.id}-${name()}-help`;
  const choice = () => (props.field.type === 'choice' ? props.field : null);
  return (
    <label class="setting" classList={{ flag: props.field.type === 'toggle' }}>
      <span>{props.field.label}</span>
      <Switch
        fallback={
          <input
            type="text"
            aria-describedby={help()}
            list={props.field.type === 'key' || props.field.type === 'axis' ? `metrics-${props.panel.id}` : undefined}
            inputmode={props.field.type === 'number' ? 'decimal' : undefined}
            value={textIn(props.panel.settings, name())}
            onChange={(event) => {
              const text = event.currentTarget.value.trim();
              const number = Number(text);
              const value = props.field.type === 'number' && Number.isFinite(number) ? number : text;
              props.set(name(), text === '' ? undefined : value);
            }}
          />
        }
      >
        <Match when={props.field.type === 'keys'}>
          <textarea
            rows={4}
            aria-describedby={help()}
            value={wordsIn(props.panel.settings, name()).join('\n')}
            onChange={(event) =>
              props.set(
                name(),
                event.currentTarget.value
                  .split('\n')
                  .map((line) => line.trim())
                  .filter((line) => line !== ''),
              )
            }
          />
        </Match>
        <Match when={props.field.type === 'prose'}>
          <textarea
            rows={8}
            aria-describedby={help()}
            value={textIn(props.panel.settings, name())}
            onChange={(event) => props.set(name(), event.currentTarget.value)}
          />
        </Match>
        <Match when={props.field.type === 'toggle'}>
          <input
            type="checkbox"
            checked={toggled(props.panel.settings, name())}
            onChange={(event) => props.set(name(), event.currentTarget.checked)}
          />
        </Match>
        <Match when={choice()}>
          {(field) => (
            <select
              value={textIn(props.panel.settings, name(), field().options[0]?.value)}
              onChange={(event) => props.set(name(), event.currentTarget.value || undefined)}
            >
              <For each={field().options}>{(option) => <option value={option.value}>{option.text}</option>}</For>
            </select>
          )}
        </Match>
      </Switch>
      <small id={help()}>{props.field.help}</small>
    </label>
  );
}
