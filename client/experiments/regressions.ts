/** Which rows in sight are worse than the baseline of their experiment: asked for together once they are there, and once each. */
import { MOST_FLAGGED } from '@trialroom/shared/api/comparison';
import { comparison as api } from '@trialroom/shared/api/endpoints';
import type { Trial } from '@trialroom/shared/trial/trial';
import { createSignal, onCleanup } from 'solid-js';
import { call } from '../data/api.ts';
import { listenTo } from '../data/live.ts';

/** How long rows may come into sight before they are asked about, in ms: the rows themselves and their curves come first. */
const GATHER = 400;

/** For as long as the calling component lives. @returns what to say of a trial that is worse, in a sentence; undefined for all others */
export function createRegressions(): { worseOf(trial: Trial): string | undefined } {
  const [worse, setWorse] = createSignal<ReadonlyMap<string, string>>(new Map());
  // Both change with an experiment's baseline: then all is asked anew.
  const [round, setRound] = createSignal(0);
  const asked = new Set<string>();
  let wanted = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));
  listenTo('experiment', () => {
    asked.clear();
    setRound((count) => count + 1);
  });
  const ask = async (): Promise<void> => {
    timer = undefined;
    const mine = round();
    const ids = [...wanted];
    wanted = new Set();
    for (let from = 0; from < ids.length; from += MOST_FLAGGED) {
      const trials = ids.slice(from, from + MOST_FLAGGED);
      // The table is all there without it.
      const reply = await call(api.regressions, { body: { trials } }).catch(() => null);
      if (!reply || mine !== round()) return;
      setWorse((before) => {
        const next = new Map(before);
        for (const id of trials) next.delete(id);
        for (const { id, report } of reply.worse) next.set(id, report.text);
        return next;
      });
    }
  };
  return {
    worseOf({ id, status }) {
      round();
      if (status !== 'completed') return undefined;
      if (!asked.has(id)) {
        asked.add(id);
        wanted.add(id);
        timer ??= setTimeout(() => void ask(), GATHER);
      }
      return worse().get(id);
    },
  };
}
