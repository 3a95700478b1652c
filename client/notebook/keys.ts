/**
 * Jupyter's keys as a pure function of mode, what was pressed before, and what is pressed now. It decides what a key
 * means; it touches neither the page nor the document, and it leaves every key it does not name to the editor.
 */

/** In `command` mode keys act on cells; in `edit` mode they go to the cell's text. */
export type Mode = 'command' | 'edit';

/** What a key can ask for. */
export type Command =
  | 'run'
  | 'run-next'
  | 'run-insert'
  | 'edit'
  | 'leave'
  | 'insert-above'
  | 'insert-below'
  | 'delete'
  | 'to-code'
  | 'to-markdown'
  | 'to-raw'
  | 'next'
  | 'previous'
  | 'first'
  | 'last'
  | 'move-up'
  | 'move-down'
  | 'interrupt'
  | 'restart'
  | 'undo'
  | 'redo';

/** A key as pressed. `mod` is Ctrl, or ⌘ on Apple machines. */
export interface KeyPress {
  key: string;
  shift: boolean;
  alt: boolean;
  mod: boolean;
  /** ms, from any clock that only grows. */
  at: number;
}

/** The first half of a key pressed twice (`d d`), and when. */
export interface Chord {
  key: string;
  at: number;
}

export interface Decision {
  command: Command | null;
  chord: Chord | null;
}

/** The second press of a key pressed twice must follow within this many ms. */
export const CHORD_MS = 800;

const NOTHING: Decision = { command: null, chord: null };

const SINGLE: Readonly<Record<string, Command>> = {
  enter: 'edit',
  a: 'insert-above',
  b: 'insert-below',
  m: 'to-markdown',
  y: 'to-code',
  r: 'to-raw',
  j: 'next',
  k: 'previous',
  arrowdown: 'next',
  arrowup: 'previous',
  home: 'first',
  end: 'last',
  z: 'undo',
};

const TWICE: Readonly<Record<string, Command>> = { d: 'delete', i: 'interrupt', '0': 'restart' };

/** What this key means here; `command: null` leaves it to whoever has the focus. */
export function decide(mode: Mode, chord: Chord | null, press: KeyPress): Decision {
  const key = press.key.toLowerCase();
  const anywhere = runs(key, press) ?? moves(key, press);
  if (anywhere) return { command: anywhere, chord: null };
  if (mode === 'edit') return key === 'escape' && plain(press) ? { command: 'leave', chord: null } : NOTHING;
  if (press.mod && !press.alt && key === 'z') return { command: press.shift ? 'redo' : 'undo', chord: null };
  if (press.mod && !press.alt && !press.shift && key === 'y') return { command: 'redo', chord: null };
  if (!plain(press)) return press.shift && key === 'z' ? { command: 'redo', chord: null } : NOTHING;
  const twice = TWICE[key];
  if (twice) {
    const second = chord?.key === key && press.at - chord.at <= CHORD_MS;
    return second ? { command: twice, chord: null } : { command: null, chord: { key, at: press.at } };
  }
  return { command: SINGLE[key] ?? null, chord: null };
}

const plain = (press: KeyPress): boolean => !press.mod && !press.alt && !press.shift;

function runs(key: string, press: KeyPress): Command | null {
  if (key !== 'enter') return null;
  if (press.shift && !press.mod && !press.alt) return 'run-next';
  if (press.mod && !press.shift && !press.alt) return 'run';
  if (press.alt && !press.shift && !press.mod) return 'run-insert';
  return null;
}

function moves(key: string, press: KeyPress): Command | null {
  if (!press.mod || !press.shift || press.alt) return null;
  return key === 'arrowup' ? 'move-up' : key === 'arrowdown' ? 'move-down' : null;
}
