/** Where threads are in the notebook now: in words, in order, and on the screen. */
import type { NotebookTarget } from '@trialroom/shared/annotation/target';
import type { Standing } from '../../annotations/standing.ts';
import type { Pinned } from '../../annotations/threads.ts';
import type { Notebook } from '../model.ts';
import { locate } from './anchors.ts';

/** Where a thread stands in the notebook. */
export interface ThreadPlace extends Standing {
  /** Orders threads as their places stand in the notebook; those without a place come last. */
  order: number;
}

/** `here`: what it is about is shown · `earlier`: the cell has run again since · `gone`: the cell shows nothing there. */
export type OutputStanding = 'here' | 'earlier' | 'gone';

const OUTPUT_WORDS: Readonly<Record<OutputStanding, string>> = {
  here: 'Output of',
  earlier: 'Earlier output of',
  gone: 'Output no longer in',
};

type OutputTarget = Extract<NotebookTarget, { kind: 'output' }>;

/**
 * How a thread on an output stands to what its cell shows now.
 * @param outputs how many outputs the cell shows
 * @param execution the run that they are of; null: it is not known, and the place in their row decides
 */
export function outputStanding(
  { index, execution: begun }: Pick<OutputTarget, 'index' | 'execution'>,
  outputs: number,
  execution: string | null,
): OutputStanding {
  if (outputs === 0) return 'gone';
  if (begun !== undefined && execution !== null && begun !== execution) return 'earlier';
  return index < outputs ? 'here' : 'gone';
}

const standingOf = (notebook: Notebook, target: OutputTarget): OutputStanding =>
  outputStanding(
    target,
    notebook.live.value?.outputs[target.cell]?.length ?? 0,
    notebook.session()?.cells[target.cell]?.execution ?? null,
  );

/** Where a thread is; tracks cells and outputs, but not the letters of texts. */
export function placeOf(notebook: Notebook, target: NotebookTarget): ThreadPlace {
  const at = notebook.cells.ids().indexOf(target.cell);
  const cell = at < 0 ? undefined : notebook.cells.get(target.cell);
  const quote = target.kind === 'cell' ? null : target.quote;
  if (!cell) return { words: 'A cell that was deleted', quote, orphaned: true, order: Number.POSITIVE_INFINITY };
  const number = at + 1;
  switch (target.kind) {
    case 'cell':
      return { words: `Cell ${number}`, quote, orphaned: false, order: at };
    case 'text': {
      const range = locate(cell.text, target);
      const within = range ? range.from / (cell.text.length + 1) : 1;
      return {
        words: range ? `Cell ${number}` : `Text no longer in cell ${number}`,
        quote,
        orphaned: range === null,
        order: at + 0.5 * within,
      };
    }
    case 'output': {
      const standing = standingOf(notebook, target);
      return {
        words: `${OUTPUT_WORDS[standing]} cell ${number}`,
        quote,
        orphaned: standing === 'gone',
        order: at + 0.5 + 0.4 * (target.index / (target.index + 1)),
      };
    }
  }
}

/** How many frames an editor may take to come into being once its cell is in sight. */
const PATIENCE = 60;

/** Brings a thread's place into sight and flashes it. */
export function showPlace(notebook: Notebook, { id, target }: Pick<Pinned<NotebookTarget>, 'id' | 'target'>): void {
  if (!notebook.cells.get(target.cell)) return;
  notebook.show(target.cell);
  let frames = 0;
  const seek = (): void => {
    const found = elementOf(notebook, id, target);
    if (found) {
      found.scrollIntoView({ block: 'center' });
      flash(found);
    } else if (++frames < PATIENCE) requestAnimationFrame(seek);
    else flash(document.getElementById(`cell-${target.cell}`));
  };
  requestAnimationFrame(seek);
}

function elementOf(notebook: Notebook, id: string, target: NotebookTarget): Element | null {
  const section = document.getElementById(`cell-${target.cell}`);
  const cell = notebook.cells.get(target.cell);
  if (!section || !cell) return null;
  if (target.kind === 'output') {
    const outputs = section.querySelector('[data-outputs]');
    const here = standingOf(notebook, target) === 'here' ? outputs?.children[target.index] : outputs;
    return here ?? section;
  }
  // Prose that is shown set has no letters to mark.
  if (target.kind === 'cell' || !section.querySelector('.code.text') || !locate(cell.text, target)) return section;
  return section.querySelector(`[data-thread="${CSS.escape(id)}"]`);
}

/** Draws the eye to something for a moment; with reduced motion it is marked as long, without fading. */
function flash(element: Element | null): void {
  if (!element) return;
  element.classList.remove('thread-flash');
  // Read, so that the same class starts the animation anew.
  element.getBoundingClientRect();
  element.classList.add('thread-flash');
  element.addEventListener('animationend', () => element.classList.remove('thread-flash'), { once: true });
}

/** What an output shows, in a few words, for the quote of a thread on it. */
export const outputWords = (element: Element | undefined): string =>
  (element?.textContent ?? '').replace(/\s+/g, ' ').trim().slice(0, 160);
