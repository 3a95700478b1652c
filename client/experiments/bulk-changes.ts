/**
 * What is done with the chosen trials, and said of it: changes that can be undone, and files to take along. All that fit a
 * filter are changed by the server, which is told how many the person saw; they are asked before that.
 */
import { experiments as api } from '@trialroom/shared/api/endpoints';
import type { BulkAction, Column, Fitting } from '@trialroom/shared/api/experiments';
import { createSignal } from 'solid-js';
import { count } from '../components/figures.ts';
import { call, problemOf } from '../data/api.ts';
import { saveText } from './save-text.ts';

/** Trials by their ids, or all that fit but some. */
export type Chosen = { trials: readonly string[] } | { fits: Fitting };

/** What was done last, or why not. */
export interface Said {
  text: string;
  wrong?: boolean;
  undo?: (() => void) | undefined;
}

/** A change of many that waits for a yes. */
export interface Asked {
  text: string;
  /** What the button says that means yes. */
  yes: string;
  act: () => void;
}

export const trialsOf = (n: number): string => `${count(n)} ${n === 1 ? 'trial' : 'trials'}`;

/** What takes a change back, where that leaves trials as they were. */
export function undoOf(change: BulkAction): BulkAction | null {
  switch (change.action) {
    case 'delete':
      return { action: 'restore' };
    case 'star':
      return { action: 'unstar' };
    case 'unstar':
      return { action: 'star' };
    case 'archive':
      return { action: 'unarchive' };
    case 'unarchive':
      return { action: 'archive' };
    // Of several tags a trial may have had one before.
    case 'tag':
      return change.tags.length === 1 ? { action: 'untag', tags: change.tags } : null;
    case 'untag':
      return change.tags.length === 1 ? { action: 'tag', tags: change.tags } : null;
    default:
      return null;
  }
}

const VERBS: Readonly<Record<BulkAction['action'], string>> = {
  ...{ tag: 'Tag', untag: 'Untag', star: 'Star', unstar: 'Take the star from', archive: 'Archive' },
  ...{ unarchive: 'Take out', delete: 'Delete', restore: 'Bring back' },
};

export function createBulkChanges(options: {
  chosen: () => Chosen;
  columns: () => readonly Column[];
  onDone: () => void;
}) {
  const [said, setSaid] = createSignal<Said | null>(null);
  const [asked, setAsked] = createSignal<Asked | null>(null);

  const work = async (chosen: Chosen, change: BulkAction, done: (n: number) => string): Promise<boolean> => {
    try {
      const which = 'fits' in chosen ? { fits: chosen.fits } : { trials: [...chosen.trials] };
      const { changed, altered, refused } = await call(api.changeMany, { body: { ...which, change } });
      const [first] = refused;
      const rest = first
        ? ` ${count(refused.length)} left as ${refused.length === 1 ? 'it was: ' : 'they were: '}${first.why}.`
        : '';
      const back = altered.length > 0 ? undoOf(change) : null;
      setSaid({
        text: `${done(changed.length)}${rest}`,
        wrong: changed.length === 0,
        undo: back
          ? () =>
              void work(
                { trials: altered },
                back,
                (n) => `${trialsOf(n)} ${back.action === 'restore' ? 'back' : 'as before'}.`,
              )
          : undefined,
      });
      options.onDone();
      return true;
    } catch (error) {
      const { message, fix } = problemOf(error);
      setSaid({ text: `${message} ${fix ?? ''}`, wrong: true });
      return false;
    }
  };

  return {
    said,
    asked,
    forget: () => setSaid(null),
    refuse: () => setAsked(null),
    /** Changes what is chosen, after a yes where that is more than was looked at; `then` follows when it was done. */
    change(change: BulkAction, done: (n: number) => string, then: () => void = () => {}): void {
      const chosen = options.chosen();
      const act = async (): Promise<void> => {
        setAsked(null);
        if (await work(chosen, change, done)) then();
      };
      if (!('fits' in chosen)) return void act();
      const { count: n, filter, except } = chosen.fits;
      const which = filter === '' ? 'All' : 'All that fit the filter';
      const tags = 'tags' in change ? ` ${change.action === 'tag' ? 'with' : 'from'} ${change.tags.join(', ')}` : '';
      setAsked({
        text: `${which}${except.length > 0 ? ` but ${count(except.length)}` : ''}: ${trialsOf(n)}.`,
        yes: `${VERBS[change.action]} ${trialsOf(n)}${tags}`,
        act: () => void act(),
      });
    },
    /** Hands the chosen trials to the browser as a file. */
    async take(format: 'csv' | 'json' | 'report'): Promise<void> {
      const chosen = options.chosen();
      const which =
        'fits' in chosen
          ? {
              filter: chosen.fits.filter,
              ...(chosen.fits.except.length > 0 ? { except: chosen.fits.except } : {}),
            }
          : { trials: [...chosen.trials] };
      try {
        const body = { ...which, columns: [...options.columns()], format, origin: location.origin };
        const { name, type, text } = await call(api.export, { body });
        saveText(name, type, text);
      } catch (error) {
        setSaid({ text: problemOf(error).message, wrong: true });
      }
    },
  };
}
