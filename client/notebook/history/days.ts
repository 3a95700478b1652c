/** The timeline as days, and what a version is called. */
import type { Version } from '@trialroom/shared/history/history';

/** The versions of one day. */
export interface Day {
  /** `Today`, `Yesterday`, a weekday, or a date. */
  title: string;
  versions: Version[];
}

/** Versions, newest first, by the day on which they were kept. */
export function daysOf(versions: readonly Version[], now: number): Day[] {
  const days: Day[] = [];
  for (const version of versions) {
    const title = titleOf(version.at, now);
    const last = days.at(-1);
    if (last?.title === title) last.versions.push(version);
    else days.push({ title, versions: [version] });
  }
  return days;
}

function titleOf(at: number, now: number): string {
  const midnight = (time: number): number => new Date(time).setHours(0, 0, 0, 0);
  const days = Math.round((midnight(now) - midnight(at)) / 86_400_000);
  if (days <= 0) return 'Today';
  if (days === 1) return 'Yesterday';
  const date = new Date(at);
  if (days < 7) return date.toLocaleDateString('en-GB', { weekday: 'long' });
  const year = date.getFullYear() === new Date(now).getFullYear() ? {} : { year: 'numeric' as const };
  return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', ...year });
}

/** What was done, in a few words; a name that someone gave comes before it. */
export function wordsOf(version: Version): string {
  if (version.name !== null) return version.name;
  if (version.kind === 'restored') return 'Brought back an earlier version';
  if (version.kind === 'outside')
    return Object.values(version.changes).every((count) => count === 0) ? 'As the file was' : 'Changed outside';
  if (version.kind === 'named') return 'Kept by hand';
  const { added, removed, changed, moved } = version.changes;
  const parts = [
    added > 0 ? `${cells(added)} added` : '',
    removed > 0 ? `${cells(removed)} removed` : '',
    changed > 0 ? `${cells(changed)} changed` : '',
    moved > 0 ? `${cells(moved)} moved` : '',
  ].filter(Boolean);
  const [first = 'Settings changed', second] = parts;
  return second ? `${first}, ${second}` : first;
}

const cells = (count: number): string => (count === 1 ? '1 cell' : `${count} cells`);

/** Puts a version into a list, newest first: a new one at its place, a known one instead of what was known of it. */
export function withVersion(versions: readonly Version[], version: Version): Version[] {
  return [version, ...versions.filter(({ id }) => id !== version.id)].sort((a, b) => (a.id < b.id ? 1 : -1));
}
