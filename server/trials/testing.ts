/** What tests of trials share. */
import { pino } from 'pino';
import type { Database } from '../database/database.ts';
import { createHub } from '../live/socket-hub.ts';
import type { TrialOrigin } from './sink.ts';
import { createTrials, type Trials, type TrialsOptions } from './trials.ts';

const log = pino({ level: 'silent' });

export const ada = { id: 'p1', name: 'Ada', colour: 'a' } as const;
export const grace = { id: 'p2', name: 'Grace', colour: 'b' } as const;

/** Where a trial of cell `c1` in kernel `k1` comes from. */
export const origin = (over: Partial<TrialOrigin> = {}): TrialOrigin => ({
  ...{ kernel: 'k1', execution: 'e1', cell: 'c1', notebook: 'n1', by: ada, backend: 'cpu' },
  ...over,
});

/** A process that serves trials. `close` ends it, and what it hosts, properly. */
export async function processOf(
  db: Database,
  options: Partial<TrialsOptions> = {},
): Promise<{ trials: Trials; hub: TrialsOptions['hub']; close(): Promise<void> }> {
  const hub = await createHub({ log });
  const trials = await createTrials({ db, hub, log, pathOf: async () => 'digits.ipynb', ...options });
  return {
    trials,
    hub,
    close: async () => {
      await trials.close();
      await hub.close();
    },
  };
}
