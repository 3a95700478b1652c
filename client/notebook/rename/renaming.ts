/** A rename that is being looked at before it is made: what it would change, kept up to date while others write. */
import { type Accessor, batch, createSignal, onCleanup } from 'solid-js';
import { applyEdits } from './edits.ts';
import { type Asking, type Plan, planOf, sameChanges, type Wish } from './plan.ts';

/** So long after the last of several changes to the document, in ms, the preview is asked for again. */
const SETTLE = 250;

/** A preview as it is shown. */
export interface Preview {
  wish: Wish;
  plan: Plan;
  /** The text changed, and what it means for the rename is being asked. */
  asking: boolean;
  /** Why it can no longer be done. */
  problem: string | null;
  /** The list is another one than it was when it was opened or agreed to. */
  changed: boolean;
}

export type Renaming = ReturnType<typeof createRenaming>;

/**
 * Renames of names in code; one at a time. Lives until the owner is disposed.
 * @param options.canEdit whether this person may change the notebook
 * @param options.change makes a change that is undone as one step
 * @param options.origin of that change
 */
export function createRenaming(
  options: Asking & { canEdit: Accessor<boolean>; change<T>(make: () => T): T; origin: unknown },
) {
  const { doc, canEdit, change, origin } = options;
  const [preview, setPreview] = createSignal<Preview | null>(null);
  /** Counts what happened to the document, to see whether a plan is about the text of now. */
  let version = 0;
  let planned = 0;
  let running = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const touched = (): void => {
    version++;
    const shown = preview();
    if (!shown) return;
    setPreview({ ...shown, asking: true });
    clearTimeout(timer);
    timer = setTimeout(() => void refresh(), SETTLE);
  };
  doc.on('update', touched);

  const end = (): void => {
    clearTimeout(timer);
    running.abort();
    running = new AbortController();
    setPreview(null);
  };
  onCleanup(() => {
    doc.off('update', touched);
    end();
  });

  /** Asks about the text as it is now; the answer is dropped when the rename is no longer looked at. */
  const look = async (wish: Wish): Promise<Plan | string | undefined> => {
    clearTimeout(timer);
    running.abort();
    running = new AbortController();
    const { signal } = running;
    const plan = await planOf(options, wish, signal);
    if (signal.aborted) return undefined;
    planned = version;
    return plan;
  };

  /** Shows what is so now. Returns whether it is what was shown. */
  const refresh = async (): Promise<boolean> => {
    const was = preview();
    if (!was) return false;
    setPreview({ ...was, asking: true });
    const plan = await look(was.wish);
    if (plan === undefined) return false;
    if (typeof plan === 'string') {
      setPreview({ ...was, asking: false, problem: plan });
      return false;
    }
    const same = was.problem === null && sameChanges(was.plan, plan);
    setPreview({ ...was, plan, asking: false, problem: null, changed: was.changed || !same });
    return same;
  };

  return {
    /** What would be changed, while someone looks at it. */
    preview,
    /** Asks what a rename would change. Returns why it cannot be done, or what shows it. */
    async propose(wish: Wish): Promise<string | (() => void)> {
      if (!canEdit()) return 'You can look at this notebook, but not change it.';
      const plan = await look(wish);
      if (typeof plan === 'string') return plan;
      return () => {
        if (!plan) return;
        setPreview({ wish, plan, asking: false, problem: null, changed: false });
        if (planned !== version) touched();
      };
    },
    /**
     * Makes the change that is shown. Where the text became another one meanwhile, it is asked about anew, and when that
     * would change something else than what is shown, that is shown instead. Returns whether it was made.
     */
    async apply(): Promise<boolean> {
      const agreed = preview();
      if (!agreed || !canEdit()) return false;
      // Between the answer and the change nothing happens, so that the places are those of the text.
      if ((planned !== version || agreed.problem !== null) && !(await refresh())) return false;
      const shown = preview();
      if (!shown) return false;
      const problem = change(() => applyEdits(doc, shown.plan.edits, shown.wish.name, origin));
      batch(() => {
        if (problem === null) end();
        else setPreview({ ...shown, asking: false, problem });
      });
      return problem === null;
    },
    /** Leaves everything as it is. */
    cancel: end,
  };
}
