/** Which trials are chosen, and where the keyboard stands. A pure reducer: the table draws what it says. */

export interface Selection {
  /** In the order they were chosen; empty while all are. */
  chosen: readonly string[];
  /** Set where all that fit the filter are chosen, read or not: those that are left out. */
  left: readonly string[] | null;
  /** The line that the keyboard stands on; null: none. */
  cursor: number | null;
  /** Where a stretch begins that shift extends. */
  anchor: number | null;
}

export const NOTHING: Selection = { chosen: [], left: null, cursor: null, anchor: null };

export type SelectionOperation =
  /** Chooses or drops one; what stands there becomes the beginning of a stretch. */
  | { type: 'toggle'; id: string; line: number }
  /** Chooses all from the anchor to this line. */
  | { type: 'stretch'; line: number }
  | { type: 'move'; to: number }
  /** Chooses all that fit. */
  | { type: 'all' }
  | { type: 'clear' };

export const isChosen = ({ chosen, left }: Selection, id: string): boolean =>
  left ? !left.includes(id) : chosen.includes(id);

/** @param total how many fit */
export const countChosen = ({ chosen, left }: Selection, total: number): number =>
  left ? Math.max(0, total - left.length) : chosen.length;

/** @param idAt the trial on a line; null for the head of a group and for what is not read yet */
export function select(
  state: Selection,
  operation: SelectionOperation,
  idAt: (line: number) => string | null,
): Selection {
  switch (operation.type) {
    case 'toggle': {
      const { id, line } = operation;
      const turned = (ids: readonly string[]): string[] =>
        ids.includes(id) ? ids.filter((one) => one !== id) : [...ids, id];
      const at = { cursor: line, anchor: line };
      return state.left
        ? { ...state, left: turned(state.left), ...at }
        : { ...state, chosen: turned(state.chosen), ...at };
    }
    case 'stretch': {
      const anchor = state.anchor ?? state.cursor ?? operation.line;
      const [from, to] = anchor < operation.line ? [anchor, operation.line] : [operation.line, anchor];
      const ids: string[] = [];
      for (let line = from; line <= to; line++) {
        const id = idAt(line);
        if (id !== null && !isChosen(state, id)) ids.push(id);
      }
      const at = { cursor: operation.line, anchor };
      return state.left
        ? { ...state, left: state.left.filter((id) => !ids.includes(id)), ...at }
        : { ...state, chosen: [...state.chosen, ...ids], ...at };
    }
    case 'move':
      return { ...state, cursor: operation.to, anchor: operation.to };
    case 'all':
      return { ...state, chosen: [], left: [], anchor: null };
    case 'clear':
      return { ...state, chosen: [], left: null, anchor: null };
  }
}
