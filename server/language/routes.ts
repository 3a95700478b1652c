/** Questions about the TypeScript of a notebook over HTTP. Remarks of the type checker come over the notebook's topic. */
import { language as endpoints } from '@trialroom/shared/api/endpoints';
import type { Router } from '../http/register.ts';
import type { Language } from './language.ts';

export function languageRoutes(router: Router, language: Pick<Language, 'ask'>): void {
  router.on(endpoints.ask, ({ params, body }) => language.ask(params.id, body));
}
