/** Where a thread stands, as its head says it. */
import type { AnnotationTarget } from '@trialroom/shared/annotation/target';
import { placeWords, seenWords } from '@trialroom/shared/annotation/words';

export interface Standing {
  /** e.g. `Cell 3`, `val_loss at 44,200`; empty: it is on the whole of what the page shows. */
  words: string;
  /** What the place said when the thread was begun; null: it says itself. */
  quote: string | null;
  /** True when what it is pinned to is no longer there. */
  orphaned: boolean;
}

/** Where a thread on a trial or an experiment stands. A value that was seen there stands beside the place, words below it. */
export function standingOf(target: AnnotationTarget): Standing {
  const place = placeWords(target);
  const seen = seenWords(target);
  const figure = target.kind === 'point' || target.kind === 'confusion';
  return {
    words: figure && seen !== null ? `${place}: ${seen}` : place,
    quote: figure ? null : seen,
    orphaned: false,
  };
}
