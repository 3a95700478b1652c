import type { TrialEvent } from '@trialroom/shared/trial/event';
import { expect, test } from 'vitest';
import { standingAlerts } from './standing-alerts.ts';

const alert = (seq: number, data: Record<string, unknown>, text = ''): TrialEvent => ({
  ...{ seq, at: seq, step: seq * 10, kind: 'alert', text, by: null, data },
});

test('what a rule raised stands until it is cleared, and stands again when it is raised again', () => {
  const raised = alert(1, { title: 'loss > 10', level: 'error', rule: 'r' }, 'loss > 10 (loss is 12).');
  const cleared = alert(2, { title: 'loss > 10', level: 'error', rule: 'r', cleared: true });
  expect(standingAlerts([raised])).toEqual([
    { seq: 1, at: 1, step: 10, level: 'error', text: 'loss > 10 (loss is 12).', times: 1 },
  ]);
  expect(standingAlerts([raised, cleared])).toEqual([]);
  expect(standingAlerts([raised, cleared, { ...raised, seq: 3 }]).map(({ seq, times }) => [seq, times])).toEqual([
    [3, 1],
  ]);
});

test('what the code says stands once, in one line, the newest first', () => {
  const said = [
    alert(1, { title: 'slow', level: 'info' }, 'slow:\n shard 3'),
    alert(2, { title: 'odd', level: 'warning' }),
    alert(3, { title: 'slow', level: 'info' }, 'slow:\n shard 4'),
    { ...alert(4, {}), kind: 'note' as const },
  ];
  expect(standingAlerts(said).map(({ text, times }) => [text, times])).toEqual([
    ['slow: shard 4', 2],
    ['odd', 1],
  ]);
});
