/** The threads of a trial: what its room, its results and its logs share, and the margin that lists them. */
import { ExperimentTarget, TrialTarget } from '@trialroom/shared/annotation/target';
import { createContext, type JSX, useContext } from 'solid-js';
import { watchTopic } from '../data/live.ts';
import { Margin } from './margin.tsx';
import { createThreads, type Pinned, type Threads } from './threads.ts';

/** How the address names a thread: `/trials/<id>#thread=<thread id>`. */
export const THREAD_LINK = 'thread=';

/**
 * Follows the threads of a trial until the owner is disposed. One call a page: marks, margin and composer share it.
 * @example const threads = createTrialThreads(id); marksOf(threads.all); threads.begin({ kind: 'log', seq, quote });
 */
export function createTrialThreads(trial: string): Threads<TrialTarget> {
  const watched = watchTopic(`trial:${trial}`);
  return createThreads<TrialTarget>({
    subject: { kind: 'trial', id: trial },
    targets: TrialTarget,
    // A snapshot that is refused is the sign that nothing will be told live; what there is can be read all the same.
    snapshot: () => watched.value ?? watched.status,
    link: THREAD_LINK,
    linkShowsPlace: false,
  });
}

/** Follows the threads of an experiment until the owner is disposed. */
export function createExperimentThreads(experiment: string): Threads<ExperimentTarget> {
  const watched = watchTopic('home');
  return createThreads<ExperimentTarget>({
    subject: { kind: 'experiment', id: experiment },
    targets: ExperimentTarget,
    snapshot: () => watched.value ?? watched.status,
    link: THREAD_LINK,
    linkShowsPlace: false,
  });
}

const Context = createContext<Threads<TrialTarget>>();

/** Gives the threads of a trial to everything inside, so that a log line or an image can begin one: see {@link useTrialThreads}. */
export function TrialThreadsProvider(props: { threads: Threads<TrialTarget>; children: JSX.Element }): JSX.Element {
  return <Context.Provider value={props.threads}>{props.children}</Context.Provider>;
}

/** The threads of the trial that is shown; null where nothing can be annotated. */
export const useTrialThreads = (): Threads<TrialTarget> | null => useContext(Context) ?? null;

/**
 * The margin of a trial's room.
 * @param props.step where a note is pinned that nobody has placed: the crosshair, or the newest step; null: on the whole trial
 * @param props.onPlace brings a place into sight when it is pressed; absent: its mark on the page flashes
 */
export function TrialThreads(props: {
  threads: Threads<TrialTarget>;
  step?: number | null;
  onPlace?: (thread: Pinned<TrialTarget>) => void;
}): JSX.Element {
  return (
    <Margin<TrialTarget>
      threads={props.threads}
      whole={{ target: { kind: 'trial' }, words: 'the whole trial' }}
      at={(step) => ({ kind: 'point', key: null, step, value: null })}
      step={props.step ?? null}
      empty="Nothing noted yet. Pin a note to a step: everyone who looks sees it, on the curves and here."
      {...(props.onPlace ? { onPlace: props.onPlace } : {})}
    />
  );
}

/** The margin of an experiment's page. */
export function ExperimentThreads(props: { threads: Threads<ExperimentTarget> }): JSX.Element {
  return (
    <Margin<ExperimentTarget>
      threads={props.threads}
      whole={{ target: { kind: 'experiment' }, words: 'the whole experiment' }}
      at={(step) => ({ kind: 'point', key: null, step, value: null })}
      step={null}
      empty="Nothing noted yet. What is said here is about the experiment, and everyone who looks sees it."
    />
  );
}
