/**
 * Which versions are dropped as they grow old: of those that were kept by themselves, one an hour is enough after a day,
 * one a day after a month. What someone named or brought back is never dropped, nor the first and the newest.
 */
import type { VersionKind } from '@trialroom/shared/history/history';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MONTH = 30 * DAY;

/** What decides about a version. */
export interface Aged {
  id: string;
  at: number;
  kind: VersionKind;
  name: string | null;
}

/** Ids of the versions to drop; `versions` are all of one notebook, oldest first. Of each hour or day the last one stays. */
export function tooMany(versions: readonly Aged[], now: number): string[] {
  const slotOf = ({ at }: Aged): string | null => {
    const age = now - at;
    if (age <= DAY) return null;
    return age <= MONTH ? `hour ${Math.floor(at / HOUR)}` : `day ${Math.floor(at / DAY)}`;
  };
  const dropped: string[] = [];
  const taken = new Set<string>();
  for (let index = versions.length - 1; index >= 0; index--) {
    const version = versions[index];
    if (!version || index === 0 || index === versions.length - 1) continue;
    if (version.name !== null || version.kind === 'named' || version.kind === 'restored') continue;
    const slot = slotOf(version);
    if (slot === null) continue;
    if (taken.has(slot)) dropped.push(version.id);
    else taken.add(slot);
  }
  return dropped;
}
