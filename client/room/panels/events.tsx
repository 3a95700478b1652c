import { AlertData } from '@trialroom/shared/trial/alert';
import { stepOf, type TrialEvent, type TrialEventKind } from '@trialroom/shared/trial/event';
import { createMemo, For, type JSX, Show } from 'solid-js';
import { clock, count } from '../../components/figures.ts';
import { Icon } from '../../components/icon.tsx';
import type { IconName } from '../../components/icons.ts';
import { now } from '../../components/now.ts';
import { plainWords } from '../../components/plain-words.ts';
import { useRoom } from '../context.ts';
import { type BodyProps, type PanelKind, textIn } from './kind.ts';
import './findings.css';

const ICONS: Readonly<Record<TrialEventKind, IconName>> = {
  wished: 'eye',
  started: 'launch',
  paused: 'pause',
  resumed: 'play',
  ended: 'check',
  lost: 'warn',
  checkpoint: 'checkpoint',
  best: 'checkpoint',
  alert: 'warn',
  watch: 'eye',
  media: 'table',
  note: 'comment',
  label: 'pencil',
};

export const events: PanelKind = {
  kind: 'events',
  name: 'Events',
  says: 'What happened, newest first: who paused it, checkpoints, alerts, the best so far.',
  icon: 'clock',
  size: { width: 6, height: 6 },
  fields: [
    {
      name: 'only',
      type: 'choice',
      label: 'Which',
      options: [
        { value: '', text: 'All' },
        { value: 'alert', text: 'Alerts' },
        { value: 'wished', text: 'What people did' },
        { value: 'checkpoint', text: 'Checkpoints' },
        { value: 'note', text: 'Notes' },
      ],
    },
  ],
  only: 'trial',
  unnumbered: true,
  title: () => 'Events',
  Body: EventsBody,
};

/** By what happened; one that ended badly has no tick. */
function iconOf({ kind, data }: TrialEvent): IconName {
  if (kind !== 'ended' || data.status === 'completed' || data.status === undefined) return ICONS[kind];
  return data.status === 'stopped' ? 'stop' : 'x';
}

/** How much an alert matters, as a class; of one that is over, and of other events, nothing. */
function levelOf({ kind, data }: TrialEvent): string {
  const alert = kind === 'alert' ? AlertData.safeParse(data).data : undefined;
  return alert && !alert.cleared ? `al-${alert.level}` : '';
}

function EventsBody(props: BodyProps): JSX.Element {
  const room = useRoom();
  const shown = createMemo((): readonly TrialEvent[] => {
    const only = textIn(props.settings, 'only');
    const all = room.trials()[0]?.events ?? [];
    return all.filter(({ kind }) => only === '' || kind === only).toReversed();
  });
  props.offer({
    note: () => (shown().length > 0 ? count(shown().length) : ''),
    table: () => ({
      columns: ['at', 'kind', 'step', 'text', 'by'],
      rows: shown().map((event) => [event.at, event.kind, stepOf(event), event.text, event.by?.name ?? null]),
    }),
  });
  return (
    <Show when={shown().length > 0} fallback={<p class="empty">Nothing has happened yet.</p>}>
      <ol class="evs">
        <For each={shown()}>
          {(event) => (
            <li class={`ev-${event.kind} ${levelOf(event)}`}>
              <time>{clock(event.at, now())}</time>
              <Icon name={iconOf(event)} />
              <span>
                <span class="ev-words">{plainWords(event.text) || event.kind}</span>
                <Show when={stepOf(event) !== null && !/ (at|to) (step )?[\d,.]+(\.?$|:)/.test(event.text)}>
                  <span class="i3 num"> at {count(stepOf(event) ?? 0)}</span>
                </Show>
              </span>
            </li>
          )}
        </For>
      </ol>
    </Show>
  );
}
