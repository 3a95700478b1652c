/** The last word on whether a notebook may be changed or run at all, whoever asks: by HTTP, by Jupyter, by a launch. */
import { foreignDocument, foreignReason } from '@trialroom/shared/notebook/foreign';
import type * as Y from 'yjs';
import { Refusal } from '../http/refusal.ts';

/** @throws Refusal (409) for a notebook of another language than ours */
export function refuseForeign(doc: Y.Doc): void {
  const language = foreignDocument(doc);
  if (language === null) return;
  throw new Refusal(409, {
    error: 'notebook-foreign',
    message: foreignReason(language),
    where: 'metadata.kernelspec',
    fix: 'Duplicate it as TypeScript and work in the copy.',
  });
}
