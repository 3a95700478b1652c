/**
 * One open notebook as the page works on it: the shared document, the session and its outputs, which cell is selected,
 * and everything a person can ask for. It draws nothing, and it never runs a source of its own: the server runs what it
 * holds, so a run waits until the server holds what was typed.
 */
import { files, notebooks, sessions } from '@trialroom/shared/api/endpoints';
import { foreignDocument } from '@trialroom/shared/notebook/foreign';
import { type Accessor, createContext, createEffect, createMemo, createSignal, onCleanup, useContext } from 'solid-js';
import { call } from '../data/api.ts';
import { openDocument, type SharedDocument } from '../data/document.ts';
import { languageOf } from '../data/language.ts';
import { watchTopic } from '../data/live.ts';
import { may, me } from '../data/me.ts';
import { createComments } from './comments/comments.ts';
import { type Cells, createCells, STRUCTURE } from './document/cells.ts';
import { createEditing } from './document/editing.ts';
import {
  backendOf,
  createSetting,
  isReactive,
  savesOutputs,
  setBackend,
  setReactive,
  setSavesOutputs,
} from './document/settings.ts';
import type { CellEditor } from './editor/editor.ts';
import type { CodeHelp, Place } from './editor/help.ts';
import { createFinding } from './find/finding.ts';
import { createFormatting } from './format/formatting.ts';
import type { LiveNotebook } from './live-context.ts';
import { wishAt } from './rename/plan.ts';
import { createRenaming } from './rename/renaming.ts';
import { createRunning } from './running/running.ts';
import { createSelecting } from './selecting.ts';
import { roughHeight } from './sheet/sheet-places.ts';
import { createMounting, type Mounting } from './sheet/visible.ts';

/** A stretch of a file that is shown but cannot be changed here. */
export type Peek = Extract<Place, { file: string }>;

/** Where this device remembers that notebooks are as wide as the window. */
const WIDE = 'trialroom.wide';
/** Where it remembers that editors have Vim's keys. */
const VIM = 'trialroom.vim';

/** An open notebook: its document, its session, and all that people do to them in this page. */
export type Notebook = ReturnType<typeof createNotebook>;

/** Opens the document and the session of a notebook, until the owner is disposed. */
export function createNotebook(id: string, documentName: string) {
  const shared: SharedDocument = openDocument(documentName, 'notebook', (id) =>
    call(notebooks.open, { params: { id } }),
  );
  // The text is there, and can be written in, before the outputs are sent.
  const live = watchTopic(`notebook:${id}`, shared.read);
  /** The language of a notebook that is not ours, which the server lets nobody change or run; null for ours. */
  const foreign = createSetting(shared.doc, foreignDocument);
  const canEdit: Accessor<boolean> = () => may('edit') && foreign() === null;
  const canRun: Accessor<boolean> = () => may('run') && foreign() === null;
  const cells: Cells = createCells(shared.doc, (changed) => {
    // What an undo has changed is shown: the first of it that is still there.
    const here = selecting.selected();
    if (here !== null && changed.includes(here)) return;
    const first = cells.ids().find((cell) => changed.includes(cell));
    if (first !== undefined) selecting.select(first, selecting.mode() === 'edit' ? 'text' : 'cell');
  });
  const selecting = createSelecting(cells, (heading) => editing.toggleFold(heading, false));
  // Where the focus is, or is to go, a cell is drawn wherever the screen is.
  const held = createMemo(() => new Set([selecting.selected(), selecting.wish()?.cell].filter((cell) => cell != null)));
  const mounting: Mounting = createMounting({
    shown: selecting.shown,
    held,
    known: () => live.status,
    roughHeight: (cell) => roughHeight(cells.textOf(cell), live.value?.outputs[cell] !== undefined),
  });
  const editing = createEditing({ cells, selecting, canEdit });
  const finding = createFinding({ doc: shared.doc, cells, selecting, canEdit });
  const { select } = selecting;
  /** Editors that exist now, by cell. */
  const editors = new Map<string, CellEditor>();
  const [failure, setFailure] = createSignal<unknown>(null);
  const [confirming, setConfirming] = createSignal(false);
  const [showingKeys, setShowingKeys] = createSignal(false);
  const [renaming, setRenaming] = createSignal(false);
  const [showingAuthors, setShowingAuthors] = createSignal(false);
  const [panel, setPanel] = createSignal<string | null>(null);
  const [vim, setVim] = createSignal(localStorage.getItem(VIM) === 'true');
  const [wide, setWide] = createSignal(localStorage.getItem(WIDE) === 'true');

  createEffect(() => {
    const person = me();
    if (person) shared.introduce(person);
  });
  const warn = (event: BeforeUnloadEvent): void => {
    if (shared.unsaved() && !shared.onDisk()) event.preventDefault();
  };
  window.addEventListener('beforeunload', warn);
  onCleanup(() => {
    window.removeEventListener('beforeunload', warn);
    shared.destroy();
  });

  const session = () => live.value?.session;

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

  const running = createRunning({ id, shared, cells, session, canRun, attempt });
  const formatting = createFormatting({ cells, canEdit, attempt });
  const reactive = createSetting(shared.doc, isReactive);
  const backend = createSetting(shared.doc, backendOf);
  const savingOutputs = createSetting(shared.doc, savesOutputs);
  const [peek, setPeek] = createSignal<Peek | null>(null);
  const ask = languageOf(id);
  const renames = createRenaming({
    ...{ doc: shared.doc, ask, canEdit, origin: STRUCTURE },
    received: () => shared.received(),
    change: (make) => cells.change(make),
  });
  const helpFor = (cell: string): CodeHelp => ({
    cell,
    ask,
    mayEdit: canEdit,
    foreign: () => foreign() !== null,
    go(target) {
      if ('file' in target) setPeek(target);
      else if (cells.get(target.cell)) {
        select(target.cell, { from: target.from, to: target.to });
      }
    },
    async rename(name, to) {
      const wish = wishAt(shared.doc, cell, name, to);
      return wish ? renames.propose(wish) : 'This cell is no longer there.';
    },
  });

  const comments = createComments({
    ...{ notebook: id, shared },
    // A snapshot that is refused is the sign that nothing will be told live; what there is can be read all the same.
    snapshot: () => live.value ?? live.status,
    openPanel: () => void setPanel('comments'),
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
    /** Name of the tensor engine that the notebook asks for; null: the best there is. Kernels obey it when they start. */
    backend,
    setBackend(name: string | null) {
      if (canEdit()) setBackend(shared.doc, name);
    },
    /** The file outside of the notebook that is being looked into. */
    peek,
    setPeek,
    /** What outputs draw from and answer to; given to them by `live-context.ts`. */
    answers,
    widgets: () => live.value?.widgets ?? [],
    prompts: () => live.value?.prompts ?? [],
    diagnosticsOf: (cell: string) => live.value?.diagnostics[cell] ?? [],
    /** What people say about the notebook. */
    comments,
    cells,
    mounting,
    ...selecting,
    ...editing,
    ...running,
    ...formatting,
    editors,
    finding,
    /** A name in code that is to be called otherwise, everywhere. */
    renames,
    /** Whether the list of keys is being looked at. */
    showingKeys,
    /** Id of the panel beside the sheet that was asked for; null: nobody chose one yet. */
    panel,
    setPanel,
    /** Whether it is shown who wrote which line. */
    showingAuthors,
    setShowingAuthors,
    vim,
    setVim(on: boolean) {
      setVim(on);
      localStorage.setItem(VIM, String(on));
    },
    wide,
    setWide(on: boolean) {
      setWide(on);
      localStorage.setItem(WIDE, String(on));
    },
    setShowingKeys,
    attempt,
    failure,
    dismiss: () => setFailure(null),
    foreign,
    canEdit,
    canRun,
    /** Whether outputs are written to the file. */
    savesOutputs: savingOutputs,
    setSavesOutputs(saves: boolean) {
      if (canEdit()) setSavesOutputs(shared.doc, saves);
    },
    /** Whether another path for its file is being asked for. */
    renaming,
    setRenaming,
    bringBack: () => attempt(() => call(files.restoreNotebook, { params: { id }, body: {} })),
    session,
    restoreFile: () => attempt(() => call(notebooks.restoreFile, { params: { id } })),
    /** Whether the person is being asked if they mean to restart. */
    confirming,
    setConfirming,
  };
}

const NotebookContext = createContext<Notebook>();
/** Gives the open notebook to all components below it; see {@link useNotebook}. */
export const NotebookProvider = NotebookContext.Provider;

/** The notebook around this component. */
export function useNotebook(): Notebook {
  const notebook = useContext(NotebookContext);
  if (!notebook) throw new Error('useNotebook is called outside of a notebook page');
  return notebook;
}
