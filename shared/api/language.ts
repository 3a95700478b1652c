/** The HTTP endpoint of the language service. */
import { LanguageAnswer, LanguageQuery } from '../language/language.ts';
import { endpoint } from './endpoint.ts';
import { NotebookId } from './notebooks.ts';

export const language = {
  ask: endpoint({
    method: 'post',
    path: '/api/notebooks/{id}/language',
    summary: 'Completions, hover, signature, definition or rename at a place in a cell',
    needs: 'read',
    params: NotebookId,
    body: LanguageQuery,
    reply: LanguageAnswer,
  }),
};
