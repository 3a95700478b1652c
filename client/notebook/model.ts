/**
 * One open notebook as the page works on it: the shared document, the session and its outputs, which cell is selected,
 * and everything a person can ask for. It draws nothing, and it never runs a source of its own: the server runs what it
 * holds, so a run waits until the server holds what was typed.
 */
import { notebooks, sessions } from '@trialroom/shared/api/endpoints';
import type { CellType } from '@trialroom/shared/notebook/document';
import { type Accessor, batch, createContext, createEffect, createSignal, onCleanup, useContext } from 'solid-js';
import { createStore } from 'solid-js/store';
import { call } from '../data/api.ts';
import { openDocument, type SharedDocument } from '../data/document.ts';
import { languageOf } from '../data/language.ts';
import { watchTopic } from '../data/live.ts';
import { may, me } from '../data/me.ts';
import { type Cells, createCells, STRUCTURE } from './cells.ts';
import type { EditorPlace } from './editor/editor.ts';
import type { CodeHelp, Place } from './editor/help.ts';
import type { Mode } from './keys.ts';
import type { LiveNotebook } from './live-context.ts';
import { createReactive, setReactive } from './reactive.ts';
import { applyEdits } from './rename-edits.ts';
import { createMounting, type Mounting } from './visible.ts';

/** Where the focus should go; a new object each time, so that the same wish can be said twice. */
export interface FocusWish {
  cell: string;
  /** The cell itself (command mode), or a place in its text. */
  place: 'cell' | EditorPlace;
}

/** A stretch of a file that is shown but cannot be changed here. */
export type Peek = Extract<Place, { file: string }>;

/** A run that was asked for and that the server has not spoken of yet. */
interface Asked {
  /** The cell's latest execution when it was asked for. */
  before: string | null;
}

export type Notebook = ReturnType<typeof createNotebook>;

/** Opens the document and the session of a notebook, until the owner is disposed. */
export function createNotebook(id: string, documentName: string) {
  const shared: SharedDocument = openDocument(documentName);
  const live = watchTopic(`notebook:${id}`);
  const cells: Cells = createCells(shared.doc);
  const mounting: Mounting = createMounting(() => cells.ids().length);
  const [selected, setSelected] = createSignal<string | null>(null);
  const [mode, setMode] = createSignal<Mode>('command');
  const [wish, setWish] = createSignal<FocusWish | null>(null);
  const [failure, setFailure] = createSignal<unknown>(null);
  const [confirming, setConfirming] = createSignal(false);
  const [asked, setAsked] = createStore<Record<string, Asked | undefined>>({});

  createEffect(() => {
    const person = me();
    if (person) shared.introduce(person);
  });
  // A selected cell that someone deletes hands the selection to the one that took its place.
  let place = 0;
  createEffect(() => {
    const ids = cells.ids();
    const now = selected();
    const at = now === null ? -1 : ids.indexOf(now);
    if (at >= 0) place = at;
    else if (ids.length > 0) setSelected(ids[Math.min(place, ids.length - 1)] ?? null);
    else setSelected(null);
  });
  const warn = (event: BeforeUnloadEvent): void => {
    if (shared.unsaved()) event.preventDefault();
  };
  window.addEventListener('beforeunload', warn);
  onCleanup(() => {
    window.removeEventListener('beforeunload', warn);
    shared.destroy();
  });

  const canEdit: Accessor<boolean> = () => may('edit');
  const canRun: Accessor<boolean> = () => may('run');
  const session = () => live.value?.session;
  const stateOf = (cell: string) => session()?.cells[cell];
  const isCode = (cell: string): boolean => cells.get(cell)?.type() === 'code';
  const runnable = (cell: string): boolean => isCode(cell) && /\S/.test(cells.get(cell)?.text.toString() ?? '');

  /** What the cell is doing, counting a run that was asked for a moment ago as queued. */
  const statusOf = (cell: string): 'ready' | 'queued' | 'evaluating' => {
    const state = stateOf(cell);
    if (state && state.status !== 'ready') return state.status;
    const ask = asked[cell];
    return ask && ask.before === (state?.execution ?? null) ? 'queued' : 'ready';
  };

  /** Does something that may fail; the failure is shown, and nothing else is lost. */
  const attempt = async (work: () => Promise<unknown>): Promise<boolean> => {
    try {
      await work();
      setFailure(null);
      return true;
    } catch (error) {
      setFailure(error);
      return false;
    }
  };

  async function run(wanted: readonly string[]): Promise<void> {
    const list = wanted.filter(runnable);
    if (list.length === 0 || !canRun()) return;
    const mine = Object.fromEntries(list.map((cell) => [cell, { before: stateOf(cell)?.execution ?? null }]));
    setAsked(mine);
    await attempt(async () => {
      await shared.received();
      await call(sessions.run, { params: { id }, body: { cells: list } });
    });
    batch(() => {
      for (const cell of list) setAsked(cell, undefined);
    });
  }

  const ids = (): readonly string[] => cells.ids();
  const stale = (): string[] =>
    ids().filter((cell) => isCode(cell) && stateOf(cell)?.validity === 'stale' && statusOf(cell) === 'ready');

  function select(cell: string, focus: FocusWish['place'] | null): void {
    batch(() => {
      setSelected(cell);
      if (focus !== null) setWish({ cell, place: focus });
    });
  }

  function neighbour(by: -1 | 1): string | undefined {
    const now = selected();
    return now === null ? ids()[0] : ids()[ids().indexOf(now) + by];
  }

  function insert(type: CellType, after: string | null): string | undefined {
    if (!canEdit()) return undefined;
    const made = cells.insert(type, after);
    select(made, type === 'code' ? 'cell' : 'text');
    return made;
  }

  const reactive = createReactive(shared.doc);
  const [peek, setPeek] = createSignal<Peek | null>(null);
  const ask = languageOf(id);
  const helpFor = (cell: string): CodeHelp => ({
    cell,
    ask,
    mayEdit: canEdit,
    go(target) {
      if ('file' in target) setPeek(target);
      else if (cells.get(target.cell)) {
        select(target.cell, { from: target.from, to: target.to });
        document.getElementById(`cell-${target.cell}`)?.scrollIntoView({ block: 'nearest' });
      }
    },
    rename(edits, from) {
      if (!canEdit()) return 'You can look at this notebook, but not change it.';
      cells.undo.stopCapturing();
      const problem = applyEdits(shared.doc, edits, from, STRUCTURE);
      cells.undo.stopCapturing();
      return problem;
    },
  });

  const answers: LiveNotebook = {
    notebook: id,
    widget: (widget) => live.value?.widgets.find((one) => one.id === widget),
    promptsOf: (cell) => live.value?.prompts.filter((prompt) => prompt.cell === cell) ?? [],
    canAnswer: canRun,
    async setWidget(widget, value, content) {
      await call(sessions.widget, { params: { id, widget }, body: { value, ...(content ? { content } : {}) } });
    },
    async answerInput(request, value) {
      await call(sessions.input, { params: { id, request }, body: { value } });
    },
  };

  return {
    id,
    shared,
    live,
    helpFor,
    /** Whether what depends on a cell is run again after it. */
    reactive,
    setReactive(on: boolean) {
      if (canEdit()) setReactive(shared.doc, on);
    },
    /** The file outside of the notebook that is being looked into. */
    peek,
    setPeek,
    /** What outputs draw from and answer to; given to them by `live-context.ts`. */
    answers,
    widgets: () => live.value?.widgets ?? [],
    prompts: () => live.value?.prompts ?? [],
    diagnosticsOf: (cell: string) => live.value?.diagnostics[cell] ?? [],
    cells,
    mounting,
    selected,
    mode,
    setMode,
    wish,
    select,
    neighbour,
    failure,
    dismiss: () => setFailure(null),
    canEdit,
    canRun,
    session,
    stateOf,
    statusOf,
    stale,
    run,
    runAll: () => run(ids()),
    runStale: () => run(stale()),
    runFrom: (cell: string) => run(ids().slice(Math.max(0, ids().indexOf(cell)))),
    interrupt: () => attempt(() => call(sessions.interrupt, { params: { id } })),
    restart: () => attempt(() => call(sessions.restart, { params: { id } })),
    restoreFile: () => attempt(() => call(notebooks.restoreFile, { params: { id } })),
    /** Whether the person is being asked if they mean to restart. */
    confirming,
    setConfirming,
    insert,
    remove(cell: string) {
      if (!canEdit()) return;
      const next = ids()[ids().indexOf(cell) + 1] ?? ids()[ids().indexOf(cell) - 1];
      cells.remove(cell);
      if (next !== undefined) select(next, 'cell');
    },
    setType(cell: string, type: CellType) {
      if (canEdit()) cells.setType(cell, type);
    },
    move(cell: string, by: -1 | 1) {
      if (canEdit() && cells.move(cell, by)) setWish({ cell, place: mode() === 'edit' ? 'text' : 'cell' });
    },
  };
}

const NotebookContext = createContext<Notebook>();
export const NotebookProvider = NotebookContext.Provider;

/** The notebook around this component. */
export function useNotebook(): Notebook {
  const notebook = useContext(NotebookContext);
  if (!notebook) throw new Error('useNotebook is called outside of a notebook page');
  return notebook;
}
