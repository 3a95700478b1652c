/** What keys do in the table: j and k or arrows move, with shift they choose, x chooses, Enter opens, Escape lets go. */
import type { Layout } from './layout.ts';
import type { SelectionOperation } from './selection.ts';

export interface KeyTarget {
  layout: Layout;
  cursor: number | null;
  /** The first line in sight: where the keyboard begins. */
  first: number;
  idAt: (line: number) => string | null;
  act: (operation: SelectionOperation) => void;
  reveal: (line: number) => void;
  fold: (group: number) => void;
  open: (id: string) => void;
}

export function handleKey(event: KeyboardEvent, target: KeyTarget): void {
  const { layout, cursor, act } = target;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target instanceof HTMLInputElement && event.target.type !== 'checkbox') return;
  // A button in the head has its own Enter and space.
  if (event.target instanceof HTMLButtonElement && (event.key === 'Enter' || event.key === ' ')) return;
  const step = (by: number): void => {
    const line = Math.max(0, Math.min(layout.lines - 1, cursor === null ? target.first : cursor + by));
    act(event.shiftKey ? { type: 'stretch', line } : { type: 'move', to: line });
    target.reveal(line);
  };
  const id = cursor === null ? null : target.idAt(cursor);
  switch (event.key) {
    case 'j':
    case 'J':
    case 'ArrowDown':
      step(1);
      break;
    case 'k':
    case 'K':
    case 'ArrowUp':
      step(-1);
      break;
    case 'Home':
      step(-layout.lines);
      break;
    case 'End':
      step(layout.lines);
      break;
    case 'x':
    case ' ':
      if (cursor !== null && id !== null) act({ type: 'toggle', id, line: cursor });
      break;
    case 'Enter': {
      const line = cursor === null || cursor >= layout.lines ? null : layout.lineAt(cursor);
      if (line?.type === 'group') target.fold(line.group);
      else if (id !== null) target.open(id);
      break;
    }
    case 'Escape':
      act({ type: 'clear' });
      break;
    default:
      return;
  }
  event.preventDefault();
}
