/**
 * Jupyter's keys as a pure function of mode, what was pressed before, and what is pressed now. It decides what a key
 * means; it touches neither the page nor the document, and it leaves every key it does not name to the editor. One table
 * says it all: the list of keys that people can look at is made from it.
 */

/** In `command` mode keys act on cells; in `edit` mode they go to the cell's text. */
export type Mode = 'command' | 'edit';

/** What a key can ask for. */
export type Command = (typeof BINDINGS)[number]['command'];

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

/** What a press means: a command to carry out, the beginning of a chord to remember, or nothing. */
export interface Decision {
  command: Command | null;
  chord: Chord | null;
}

interface Shortcut {
  command: string;
  /** What it does, for the list of keys. */
  text: string;
  group: 'Run' | 'Choose' | 'Change' | 'Show';
  /** Where it holds. */
  mode: Mode | 'both';
  /** As {@link write} reads it: `mod+shift+enter`; a key pressed twice stands twice. */
  keys: readonly string[];
}

/** The second press of a key pressed twice must follow within this many ms. */
export const CHORD_MS = 800;

/** Every key, by what it does. */
export const BINDINGS = [
  { command: 'run-next', text: 'Run and go to the next cell', group: 'Run', mode: 'both', keys: ['shift+enter'] },
  { command: 'run', text: 'Run and stay', group: 'Run', mode: 'both', keys: ['mod+enter'] },
  { command: 'run-insert', text: 'Run and add a cell below', group: 'Run', mode: 'both', keys: ['alt+enter'] },
  { command: 'interrupt', text: 'Interrupt what runs', group: 'Run', mode: 'command', keys: ['i i'] },
  { command: 'restart', text: 'Restart the kernel', group: 'Run', mode: 'command', keys: ['0 0'] },

  { command: 'next', text: 'Next cell', group: 'Choose', mode: 'command', keys: ['j', 'arrowdown'] },
  { command: 'previous', text: 'Previous cell', group: 'Choose', mode: 'command', keys: ['k', 'arrowup'] },
  { command: 'first', text: 'First cell', group: 'Choose', mode: 'command', keys: ['home'] },
  { command: 'last', text: 'Last cell', group: 'Choose', mode: 'command', keys: ['end'] },
  {
    command: 'extend-down',
    text: 'Choose the next one too',
    group: 'Choose',
    mode: 'command',
    keys: ['shift+j', 'shift+arrowdown'],
  },
  {
    command: 'extend-up',
    text: 'Choose the previous one too',
    group: 'Choose',
    mode: 'command',
    keys: ['shift+k', 'shift+arrowup'],
  },
  { command: 'select-all', text: 'Choose all cells', group: 'Choose', mode: 'command', keys: ['mod+a'] },
  { command: 'edit', text: 'Write in the cell', group: 'Choose', mode: 'command', keys: ['enter'] },
  { command: 'leave', text: 'Back to the cell', group: 'Choose', mode: 'edit', keys: ['escape'] },

  { command: 'insert-above', text: 'Add a cell above', group: 'Change', mode: 'command', keys: ['a'] },
  { command: 'insert-below', text: 'Add a cell below', group: 'Change', mode: 'command', keys: ['b'] },
  { command: 'delete', text: 'Delete', group: 'Change', mode: 'command', keys: ['d d'] },
  { command: 'cut', text: 'Cut', group: 'Change', mode: 'command', keys: ['x'] },
  { command: 'copy', text: 'Copy', group: 'Change', mode: 'command', keys: ['c'] },
  { command: 'paste-below', text: 'Paste below', group: 'Change', mode: 'command', keys: ['v'] },
  { command: 'paste-above', text: 'Paste above', group: 'Change', mode: 'command', keys: ['shift+v'] },
  { command: 'move-up', text: 'Move up', group: 'Change', mode: 'both', keys: ['mod+shift+arrowup'] },
  { command: 'move-down', text: 'Move down', group: 'Change', mode: 'both', keys: ['mod+shift+arrowdown'] },
  { command: 'merge', text: 'Merge, or merge with the one below', group: 'Change', mode: 'command', keys: ['shift+m'] },
  {
    command: 'split',
    text: 'Split at the cursor',
    group: 'Change',
    mode: 'edit',
    keys: ['mod+shift+-', 'mod+shift+_'],
  },
  { command: 'format', text: 'Format code', group: 'Change', mode: 'both', keys: ['alt+shift+f'] },
  { command: 'format', text: 'Format code', group: 'Change', mode: 'command', keys: ['shift+f'] },
  { command: 'to-code', text: 'Make it code', group: 'Change', mode: 'command', keys: ['y'] },
  { command: 'to-markdown', text: 'Make it text', group: 'Change', mode: 'command', keys: ['m'] },
  { command: 'to-raw', text: 'Make it raw', group: 'Change', mode: 'command', keys: ['r'] },
  { command: 'heading-1', text: 'Heading 1', group: 'Change', mode: 'command', keys: ['1'] },
  { command: 'heading-2', text: 'Heading 2', group: 'Change', mode: 'command', keys: ['2'] },
  { command: 'heading-3', text: 'Heading 3', group: 'Change', mode: 'command', keys: ['3'] },
  { command: 'heading-4', text: 'Heading 4', group: 'Change', mode: 'command', keys: ['4'] },
  { command: 'heading-5', text: 'Heading 5', group: 'Change', mode: 'command', keys: ['5'] },
  { command: 'heading-6', text: 'Heading 6', group: 'Change', mode: 'command', keys: ['6'] },
  { command: 'undo', text: 'Undo', group: 'Change', mode: 'command', keys: ['z', 'mod+z'] },
  { command: 'redo', text: 'Redo', group: 'Change', mode: 'command', keys: ['shift+z', 'mod+shift+z', 'mod+y'] },

  // Where Alt makes another letter of it, the browser says that letter.
  {
    command: 'comment',
    text: 'Comment on the cell, or on what is selected in it',
    group: 'Show',
    mode: 'both',
    keys: ['mod+alt+m', 'mod+alt+µ'],
  },
  { command: 'find', text: 'Find and replace', group: 'Show', mode: 'command', keys: ['f'] },
  { command: 'find', text: 'Find and replace', group: 'Show', mode: 'both', keys: ['mod+f'] },
  { command: 'toggle-outputs', text: 'Hide or show outputs', group: 'Show', mode: 'command', keys: ['o'] },
  { command: 'toggle-source', text: 'Hide or show the source', group: 'Show', mode: 'command', keys: ['shift+s'] },
  { command: 'fold', text: 'Fold what is below a heading', group: 'Show', mode: 'command', keys: ['arrowleft'] },
  { command: 'unfold', text: 'Unfold it', group: 'Show', mode: 'command', keys: ['arrowright'] },
  { command: 'history', text: 'Versions of this notebook', group: 'Show', mode: 'command', keys: ['shift+h'] },
  { command: 'authors', text: 'Who wrote which line', group: 'Show', mode: 'command', keys: ['shift+w'] },
  { command: 'palette', text: 'Find and do anything', group: 'Show', mode: 'command', keys: ['p', 'mod+shift+p'] },
  { command: 'keys', text: 'This list', group: 'Show', mode: 'command', keys: ['h', '?', 'shift+?'] },
  { command: 'save', text: 'Nothing; all is saved as written', group: 'Show', mode: 'both', keys: ['mod+s'] },
  { command: 'save', text: 'Nothing; all is saved as written', group: 'Show', mode: 'command', keys: ['s'] },
] as const satisfies readonly Shortcut[];

const NOTHING: Decision = { command: null, chord: null };

const byMode: Readonly<Record<Mode, ReadonlyMap<string, Command>>> = {
  command: tableOf('command'),
  edit: tableOf('edit'),
};

function tableOf(mode: Mode): ReadonlyMap<string, Command> {
  const table = new Map<string, Command>();
  for (const { command, mode: where, keys } of BINDINGS) {
    if (where === mode || where === 'both') for (const key of keys) table.set(key, command);
  }
  return table;
}

/** What this key means here; `command: null` leaves it to whoever has the focus. */
export function decide(mode: Mode, chord: Chord | null, press: KeyPress): Decision {
  const key = write(press);
  const twice = byMode[mode].get(`${key} ${key}`);
  if (twice) {
    const second = chord?.key === key && press.at - chord.at <= CHORD_MS;
    return second ? { command: twice, chord: null } : { command: null, chord: { key, at: press.at } };
  }
  const command = byMode[mode].get(key);
  return command ? { command, chord: null } : NOTHING;
}

/** A key as the table says it. */
function write({ key, mod, alt, shift }: KeyPress): string {
  return `${mod ? 'mod+' : ''}${alt ? 'alt+' : ''}${shift ? 'shift+' : ''}${key.toLowerCase()}`;
}
