/** How news of a trial is folded into what is known of it: late news never overrules newer knowledge. */
import type { TrialEvent } from '@trialroom/shared/trial/event';
import type { MetricKey } from '@trialroom/shared/trial/series';
import { isOver, type LogLine, type Trial } from '@trialroom/shared/trial/trial';

/** Log lines kept in the page. The whole log stays on the server. */
export const LOG_KEPT = 5000;

/**
 * The newer of two sayings about a trial: the one that knows of more events. Between two events it only moves forward: one that is over stays
 * over, a requested stop stays requested, and progress does not shrink.
 */
export function newerTrial(known: Trial, news: Trial): Trial {
  if (news.revision !== known.revision) return news.revision > known.revision ? news : known;
  if (isOver(known.status) && !isOver(news.status)) return known;
  if (known.stopRequested && !news.stopRequested) return known;
  if (known.progress && news.progress && news.progress.done < known.progress.done && known.status === news.status) {
    return { ...news, progress: known.progress };
  }
  return news;
}

/** Lines in order of `seq`, each once, at most {@link LOG_KEPT} of the newest. Returns `known` itself when nothing is new. */
export function appendLog(known: readonly LogLine[], news: readonly LogLine[]): readonly LogLine[] {
  const last = known.at(-1)?.seq ?? 0;
  const fresh = news.filter((line) => line.seq > last);
  if (fresh.length === news.length && fresh.length > 0) return [...known, ...fresh].slice(-LOG_KEPT);
  const missing = news.filter((line) => line.seq <= last && !known.some((other) => other.seq === line.seq));
  if (fresh.length === 0 && missing.length === 0) return known;
  return [...known, ...missing, ...fresh].sort((a, b) => a.seq - b.seq).slice(-LOG_KEPT);
}

/** Events in order of `seq`, each once. Returns `known` itself when nothing is new. */
export function addEvents(known: readonly TrialEvent[], news: readonly TrialEvent[]): readonly TrialEvent[] {
  const there = new Set(known.map(({ seq }) => seq));
  const fresh = news.filter(({ seq }) => !there.has(seq));
  return fresh.length === 0 ? known : [...known, ...fresh].sort((a, b) => a.seq - b.seq);
}

/** Metrics with what is newer of some of them; new ones come last. */
export function addKeys(known: readonly MetricKey[], news: readonly MetricKey[]): readonly MetricKey[] {
  const byKey = new Map(known.map((one) => [one.key, one]));
  for (const one of news) byKey.set(one.key, one);
  return [...byKey.values()];
}
