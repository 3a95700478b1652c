/**
 * Decides when a version is kept by itself: when people have paused, after a long stretch without a pause, when another
 * program is about to change what people wrote, and when the document is let go. A pure function of what happened and
 * when; timers and storing are its caller's business.
 */
import type { VersionKind } from '@trialroom/shared/history/history';

/** Lengths in ms. */
export interface Pace {
  /** Nobody edited for so long: people have paused. */
  pause: number;
  /** A stretch of editing without a pause is kept after so long. */
  longest: number;
}

/** Edits that no version holds yet; null: there are none. */
export type Stretch = {
  /** ms since the epoch of its first and last edit. */
  from: number;
  to: number;
  /** Ids of the people who edited, in the order in which they began. */
  authors: readonly string[];
  /** A program edited too. */
  outside: boolean;
  /** A version of it could not be stored. */
  failed: boolean;
} | null;

/** What happened. `by` is a person's id, null for a program. */
export type Step =
  | { type: 'edited'; at: number; by: string | null }
  /** Another program's change is about to be made: what people wrote until now is a version of its own. */
  | { type: 'interrupted' }
  /** A version could not be stored: what it was for is unkept again. */
  | { type: 'failed'; at: number; authors: readonly string[] }
  /** Time has passed. */
  | { type: 'looked'; at: number }
  /** The document is let go, or someone asked for a version. */
  | { type: 'ended' };

/** What follows: the stretch as it is now, the version to keep, and when to look again (ms since the epoch). */
export interface Decision {
  stretch: Stretch;
  keep: { at: number; kind: Extract<VersionKind, 'auto' | 'outside'>; authors: readonly string[] } | null;
  look: number | null;
}

export function decide(stretch: Stretch, step: Step, pace: Pace): Decision {
  switch (step.type) {
    case 'edited': {
      const { by, at } = step;
      const authors = stretch?.authors ?? [];
      const next = {
        from: stretch?.from ?? at,
        to: at,
        authors: by === null || authors.includes(by) ? authors : [...authors, by],
        outside: (stretch?.outside ?? false) || by === null,
        failed: false,
      };
      return due(next, pace) <= at ? kept(next) : { stretch: next, keep: null, look: due(next, pace) };
    }
    case 'failed': {
      const authors = [...new Set([...step.authors, ...(stretch?.authors ?? [])])];
      const times = { from: step.at, to: Math.max(step.at, stretch?.to ?? 0) };
      return waiting({ ...times, authors, outside: stretch?.outside ?? authors.length === 0, failed: true }, pace);
    }
    case 'interrupted':
      return stretch && stretch.authors.length > 0 ? kept(stretch) : waiting(stretch, pace);
    case 'looked':
      return stretch && due(stretch, pace) <= step.at ? kept(stretch) : waiting(stretch, pace);
    case 'ended':
      return stretch ? kept(stretch) : waiting(stretch, pace);
  }
}

const due = (stretch: NonNullable<Stretch>, { pause, longest }: Pace): number =>
  Math.min(stretch.to + pause, stretch.from + longest);

const waiting = (stretch: Stretch, pace: Pace): Decision => ({
  stretch,
  keep: null,
  look: stretch && due(stretch, pace),
});

const kept = ({ to, authors, outside }: NonNullable<Stretch>): Decision => ({
  stretch: null,
  keep: { at: to, kind: outside && authors.length === 0 ? 'outside' : 'auto', authors },
  look: null,
});
