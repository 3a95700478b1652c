/** The last run of a cell in words: who, when, how long, and whether the text is still the one that ran. Pure. */
import type { CellState } from '@trialroom/shared/notebook/session';
import { clock } from '../../components/figures.ts';
import { took } from './times.ts';

/** e.g. `Run 3, by Ada at 14:53, took 0.84 s, on the text it has now.`; empty for a cell that never ran. */
export function runStory(state: CellState, now: number): string {
  if (state.startedAt === null) return '';
  const parts = [state.count ? `Run ${state.count}` : 'Run'];
  const who = state.by ? `by ${state.by.name} ` : '';
  parts.push(`${who}at ${clock(state.startedAt, now)}`);
  if (state.status === 'evaluating') parts.push('still running');
  else if (state.ms !== null) parts.push(`took ${took(state.ms)}`);
  const text = textOf(state);
  if (text !== null) parts.push(text);
  return `${parts.join(', ')}.`;
}

/** Which text ran, as far as the session knows it: it does not follow the text of what failed, or is stale for others. */
function textOf({ hash, status, validity, edited, outdatedBy }: CellState): string | null {
  if (hash === null) return null;
  const now = 'on the text it has now';
  const earlier = 'on an earlier text';
  if (status === 'evaluating') return edited ? earlier : now;
  if (validity === 'evaluated') return now;
  return validity === 'stale' && outdatedBy.length === 0 ? earlier : null;
}
