/**
 * What the outputs of cells need of the running notebook beyond their own data: the widgets and prompts that are alive
 * in it, and the ways to answer them. Everyone in the notebook sees the same values; the server decides which one holds.
 */
import type { InputPrompt, WidgetState } from '@trialroom/shared/notebook/widgets';
import { createContext, useContext } from 'solid-js';

/**
 * The running notebook around an output, as far as widgets and prompts need it: what they show, and who hears answers.
 */
export interface LiveNotebook {
  /** Id of the notebook. */
  readonly notebook: string;
  /** The widget of this id as everyone sees it now; undefined while the server has not spoken of it. Tracked. */
  widget(id: string): WidgetState | undefined;
  /** What this cell asks people for right now, oldest first. Tracked. */
  promptsOf(cell: string): readonly InputPrompt[];
  /** Whether this person may change widgets and answer. Tracked. */
  canAnswer(): boolean;
  /**
   * Gives a widget a value for everyone; `content` is the file as base64, for file widgets. The value shown changes when
   * the server has taken it. Rejects with a `ProblemError` when it refuses.
   */
  setWidget(id: string, value: unknown, content?: string): Promise<void>;
  /** Answers what a cell asks for. Rejects with a `ProblemError`, e.g. when someone else was first. */
  answerInput(request: number, value: string): Promise<void>;
}

const LiveContext = createContext<LiveNotebook>();
/** Gives the running notebook to all outputs below it. */
export const LiveNotebookProvider = LiveContext.Provider;

/** The running notebook around this component. */
export function useLiveNotebook(): LiveNotebook {
  const live = useContext(LiveContext);
  if (!live) throw new Error('useLiveNotebook is called outside of a notebook page');
  return live;
}
