/**
 * Asks the server about the TypeScript in a notebook. Where it knows nothing, or runs without its language service, the
 * answer is null: an editor without help is an editor, not an error.
 */
import { language } from '@trialroom/shared/api/endpoints';
import type { LanguageAnswer, LanguageQuery } from '@trialroom/shared/language/language';
import { call } from './api.ts';

export type AnswerTo<Ask extends LanguageQuery['ask']> = Extract<LanguageAnswer, { ask: Ask }>;
export type QueryOf<Ask extends LanguageQuery['ask']> = Extract<LanguageQuery, { ask: Ask }>;

/** Asks; null when there is no answer, or nobody waits for it any more. */
export type AskLanguage = <Ask extends LanguageQuery['ask']>(
  query: QueryOf<Ask> & { ask: Ask },
  signal?: AbortSignal,
) => Promise<AnswerTo<Ask> | null>;

/** Whether an answer is to this kind of question. */
function answers<Ask extends LanguageQuery['ask']>(ask: Ask, answer: LanguageAnswer): answer is AnswerTo<Ask> {
  return answer.ask === ask;
}

/** How to ask about one notebook. */
export function languageOf(notebook: string): AskLanguage {
  return async (query, signal) => {
    try {
      const answer = await call(language.ask, {
        params: { id: notebook },
        body: query,
        ...(signal ? { signal } : {}),
      });
      return answers(query.ask, answer) && !signal?.aborted ? answer : null;
    } catch {
      return null;
    }
  };
}
