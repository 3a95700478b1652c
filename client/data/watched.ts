import { ProblemError } from './api.ts';

/** What a page sees of a topic it watches. */
export interface Watched<View> {
  /** `loading` until the first snapshot; `refused` when the server will not, or cannot, show it. */
  status: 'loading' | 'ready' | 'refused';
  /** Why it was refused. */
  error: string | null;
  /** What was wrong, as a `Problem` names it; null where the server has no name for it. */
  code: string | null;
  /** The newest state; kept while the connection is down. Null only before the first snapshot. */
  value: View | null;
}

/** Why a topic is not shown, as what was thrown: what is missing is told from what failed. */
export const refusalOf = ({ error, code }: Pick<Watched<unknown>, 'error' | 'code'>, otherwise: string): ProblemError =>
  new ProblemError(0, { error: code ?? 'refused', message: error ?? otherwise });
