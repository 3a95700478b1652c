import { createMemo, For, type JSX, Show } from 'solid-js';
import { Icon } from '../../components/icon.tsx';
import { now } from '../../components/now.ts';
import { sameJson } from '../../data/same.ts';
import { useRoom } from '../context.ts';
import { healthOf } from './health.ts';
import type { BodyProps, PanelKind } from './kind.ts';
import './findings.css';

export const health: PanelKind = {
  kind: 'health',
  name: 'Health',
  says: 'NaN, gradient norm, pace, stalls and lost heartbeats, in words.',
  icon: 'check',
  size: { width: 6, height: 5 },
  fields: [],
  only: 'trial',
  unnumbered: true,
  title: () => 'Health',
  Body: HealthBody,
};

const ICONS = { good: 'check', odd: 'warn', bad: 'warn' } as const;
const WORDS = { good: 'good', odd: 'worth a look', bad: 'needs someone' } as const;

function HealthBody(props: BodyProps): JSX.Element {
  const room = useRoom();
  const findings = createMemo(
    () => {
      room.calm();
      const [trial] = room.trials();
      return trial ? healthOf(trial.trial, trial.curves.byKey, trial.events, now()) : [];
    },
    [],
    { equals: sameJson },
  );
  const wrong = (): number => findings().filter(({ state }) => state === 'bad').length;
  props.offer({
    note: () => (wrong() > 0 ? `${wrong()} ${wrong() === 1 ? 'thing needs' : 'things need'} someone` : ''),
    odd: () => wrong() > 0,
    table: () => ({
      columns: ['what', 'state', 'says'],
      rows: findings().map(({ name, state, says }) => [name, state, says]),
    }),
  });
  return (
    <Show
      when={findings().length > 0}
      fallback={<p class="empty">Nothing is known yet. It shows once the trial runs.</p>}
    >
      <ul class="health">
        <For each={findings()}>
          {(finding) => (
            <li class={`h-${finding.state}`}>
              <Icon name={ICONS[finding.state]} label={WORDS[finding.state]} />
              <b>{finding.name}</b>
              <span>{finding.says}</span>
            </li>
          )}
        </For>
      </ul>
    </Show>
  );
}
