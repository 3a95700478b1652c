/** Links that open a page with the composer at a place: how other pages than a trial's own let people note something. */
import type { AnnotationTarget, Subject } from '@trialroom/shared/annotation/target';
import type { z } from 'zod';

const NOTE = '#note=';

/**
 * The address that opens the page of a subject with the composer at this place.
 * @example <A href={noteAddress({ kind: 'trial', id }, { kind: 'log', seq: 7, quote: 'slow' })}>Note on this line</A>
 */
export const noteAddress = ({ kind, id }: Subject, target: AnnotationTarget): string =>
  `/${kind}s/${encodeURIComponent(id)}${NOTE}${encodeURIComponent(JSON.stringify(target).toWellFormed())}`;

/** The place that the hash of an address names; null: it names none of these. */
export function targetIn<T extends AnnotationTarget>(hash: string, targets: z.ZodType<T>): T | null {
  if (!hash.startsWith(NOTE)) return null;
  try {
    return targets.parse(JSON.parse(decodeURIComponent(hash.slice(NOTE.length))));
  } catch {
    // Anyone may have written anything into an address.
    return null;
  }
}
