/** Keeps threads on ranges of text in their place when a document is made anew: positions are given in its new ids. */
import type { EntityManager } from '@mikro-orm/postgresql';
import { AnnotationTarget } from '@trialroom/shared/annotation/target';
import { cellsOf, sourceOf } from '@trialroom/shared/notebook/document';
import * as Y from 'yjs';
import { AnnotationRow } from './entities.ts';

/** Exchanges the positions of all threads of a notebook, within the transaction that replaces its document. */
export async function keepPlaces(tx: EntityManager, notebook: string, before: Y.Doc, after: Y.Doc): Promise<void> {
  for (const row of await tx.find(AnnotationRow, { kind: 'notebook', subject: notebook })) {
    const target = AnnotationTarget.safeParse(JSON.parse(row.target));
    if (!target.success || target.data.kind !== 'text') continue;
    const { cell, start, end } = target.data;
    const text = cellsOf(after).get(cell);
    if (!text) continue;
    const moved = { start: exchange(start, before, sourceOf(text)), end: exchange(end, before, sourceOf(text)) };
    if (moved.start === null || moved.end === null) continue;
    await tx.nativeUpdate(AnnotationRow, { id: row.id }, { target: JSON.stringify({ ...target.data, ...moved }) });
  }
}

/** The same place in the renewed text; null when it was in no text. */
function exchange(position: string, before: Y.Doc, text: Y.Text): string | null {
  const relative = Y.decodeRelativePosition(Buffer.from(position, 'base64'));
  const place = Y.createAbsolutePositionFromRelativePosition(relative, before);
  if (!place) return null;
  const renewed = Y.createRelativePositionFromTypeIndex(text, Math.min(place.index, text.length), relative.assoc);
  return Buffer.from(Y.encodeRelativePosition(renewed)).toString('base64');
}
