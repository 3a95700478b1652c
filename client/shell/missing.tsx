/** What an address names and is not there: what is missing, why as far as it is known, and where to go from here. */
import { A } from '@solidjs/router';
import type { JSX } from 'solid-js';
import { ProblemError } from '../data/api.ts';

interface Missing {
  title: string;
  /** Where there are others of its kind. */
  href: string;
  list: string;
}

const trials = { href: '/trials', list: 'The table of trials' };
const experiments = { href: '/experiments', list: 'The list of experiments' };

const MISSING: Readonly<Record<string, Missing>> = {
  'trial-unknown': { title: 'There is no such trial', ...trials },
  'trial-deleted': { title: 'This trial was deleted', ...trials },
  'notebook-unknown': { title: 'There is no such notebook', href: '/notebooks', list: 'The list of notebooks' },
  'experiment-unknown': { title: 'There is no such experiment', ...experiments },
};

/** What is missing, where that is what was thrown; else nothing. */
export const missingOf = (thrown: unknown): Missing | undefined =>
  thrown instanceof ProblemError ? MISSING[thrown.problem.error] : undefined;

/** The words of a page whose subject is missing, inside its `main`. `children`: a further way onward. */
export function MissingWords(props: { thrown: unknown; children?: JSX.Element }): JSX.Element {
  const missing = (): Missing => missingOf(props.thrown) ?? { title: 'It is not here', ...trials };
  const said = (): string => {
    const words = props.thrown instanceof Error ? props.thrown.message : '';
    return `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.!?]$/.test(words) ? '' : '.'}`;
  };
  return (
    <div role="alert">
      <h1 class="title">{missing().title}</h1>
      <p class="lead">
        {said()} {missing() === MISSING['trial-deleted'] ? '' : 'The address may be old or mistyped. '}
        <A href={missing().href}>{missing().list}</A> has what there is, and Find (Ctrl or ⌘ K) knows every notebook and
        trial.
      </p>
      {props.children}
    </div>
  );
}
