/**
 * Text in which a program moved the cursor, as a terminal would show it: lines that were gone back to, erased and written
 * over, as progress bars do. The result is text again, with a sequence at its end that puts the cursor where it was
 * left, so that what is said next goes on from there. Colours stay with what was written in them.
 */

const ESCAPE = String.fromCharCode(27);
const BACKSPACE = String.fromCharCode(8);
const BELL = String.fromCharCode(7);
/** A command with its numbers. */
const MOVE = String.raw`${ESCAPE}\[[0-9;]*[ABCDEFGHJKf]`;
/** What a link is made of, and what else goes to the terminal itself; it ends with BEL or ST. */
const OSC = String.raw`${ESCAPE}\][^${BELL}${ESCAPE}]*`;
const ENDED = String.raw`(?:${BELL}|${ESCAPE}\\)`;
/** What moves the cursor or erases: backspace, and the sequences that progress bars are made of. */
const MOVES = new RegExp(`${BACKSPACE}|${MOVE}`);
const FIRST = new RegExp(`[\r${BACKSPACE}]|${MOVE}`);
/** Lines gone up, or a sequence that may lead anywhere. */
const UPWARDS = new RegExp(String.raw`${ESCAPE}\[(?:(\d*)[AF]|[0-9;]*([Hf]|[23]J))`, 'g');
/** Colours and links. */
const STYLES = new RegExp(String.raw`${ESCAPE}\[[0-9;:]*m|${OSC}${ENDED}`, 'g');
/** A sequence, whole. */
const SEQUENCE = new RegExp(String.raw`${ESCAPE}\[[0-?]*[ -/]*[@-~]|${OSC}${ENDED}|${ESCAPE}[^[\]${ESCAPE}]`, 'y');
/** A sequence, or half a character, that the next text may complete. */
const OPEN = new RegExp(String.raw`(?:${ESCAPE}\[[0-?]*[ -/]*|${OSC}${ESCAPE}?|${ESCAPE}|[\ud800-\udbff])$`);
const RESET = new RegExp(String.raw`^${ESCAPE}\[(?:0*;)*0*m$`);
/** The end of a sequence whose beginning was cut off. */
const BROKEN = new RegExp(`^[^${ESCAPE}]+`);
/** Colours set one after another without a reset are many at most; then the last ones count. */
const LONGEST_STYLE = 200;
/** A cursor goes no further right than this many columns, or than its line: what is between becomes spaces. */
const WIDEST = 500;

/** True when a text goes elsewhere than to its end, or to the beginning of a line without colours. */
export const movesCursor = (text: string): boolean =>
  MOVES.test(text) || (text.includes('\r') && text.includes(ESCAPE));

interface Cell {
  text: string;
  /** Sequences that were in force when it was written. */
  style: string;
}

/** The text as shown, and where the cursor is. Text that was shown before is taken up where its end says. */
export function moveCursor(text: string): string {
  const at = reach(text);
  const before = text.slice(0, at);
  return before + moved(text.slice(at), styleAfter(before));
}

/** Where the first line begins that may be gone back to. */
function reach(text: string): number {
  const first = text.search(FIRST);
  if (first < 0) return text.length;
  let up = 0;
  for (const [, lines, anywhere] of text.slice(first).matchAll(UPWARDS)) {
    if (anywhere !== undefined) return 0;
    up += Math.max(1, Number(lines));
  }
  let start = first;
  for (; up >= 0 && start >= 0; up--) start = start === 0 ? -1 : text.lastIndexOf('\n', start - 1);
  return Math.max(0, start + 1);
}

/** What colours are in force after a text that moves nowhere. */
function styleAfter(text: string): string {
  let style = '';
  for (const [sequence] of text.matchAll(STYLES)) style = restyled(style, sequence);
  return style;
}

const restyled = (style: string, sequence: string): string =>
  RESET.test(sequence) ? '' : (style + sequence).slice(-LONGEST_STYLE).replace(BROKEN, '');

function moved(text: string, initial: string): string {
  const lines: Cell[][] = [[]];
  let [row, column, style] = [0, 0, initial];
  /** After a return, what is written replaces the line. */
  let returned = false;
  const line = (): Cell[] => {
    while (lines.length <= row) lines.push([]);
    return lines[row] ?? [];
  };
  const write = (character: string): void => {
    const cells = line();
    if (returned) cells.length = 0;
    returned = false;
    while (cells.length < column) cells.push({ text: ' ', style: '' });
    cells[column++] = { text: character, style };
  };
  const move = (command: string, numbers: readonly number[]): void => {
    const [first = 0] = numbers;
    const count = Math.min(Math.max(1, first), 10_000);
    const cells = line();
    if (command !== 'J' && command !== 'K') returned = false;
    if (command === 'A' || command === 'F') row = Math.max(0, row - count);
    else if (command === 'B' || command === 'E') row = Math.min(lines.length - 1, row + count);
    else if (command === 'C') column = Math.min(column + count, Math.max(WIDEST, cells.length));
    else if (command === 'D') column = Math.max(0, column - count);
    else if (command === 'G') column = Math.min(count - 1, Math.max(WIDEST, cells.length));
    else if (command === 'H' || command === 'f') [row, column] = [0, 0];
    else if (command === 'K' && first === 0) cells.length = Math.min(cells.length, column);
    else if (command === 'K' && first === 2) cells.length = 0;
    else if (command === 'K') cells.fill({ text: ' ', style: '' }, 0, Math.min(column + 1, cells.length));
    else if (command === 'J' && first === 0) {
      cells.length = Math.min(cells.length, column);
      lines.length = row + 1;
    } else if (command === 'J' && first >= 2) {
      lines.splice(0, lines.length, []);
      [row, column] = [0, 0];
    }
    if (command === 'E' || command === 'F') column = 0;
  };

  const rest = OPEN.exec(text)?.[0] ?? '';
  const end = text.length - rest.length;
  for (let at = 0; at < end; ) {
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    SEQUENCE.lastIndex = at;
    const sequence = character === ESCAPE ? (SEQUENCE.exec(text)?.[0] ?? character) : character;
    at += sequence.length;
    if (sequence === '\n') {
      row++;
      column = 0;
      returned = false;
      line();
    } else if (sequence === '\r') {
      column = 0;
      returned = true;
    } else if (sequence === '\b') {
      column = Math.max(0, column - 1);
      returned = false;
    } else if (character !== ESCAPE) write(character);
    else if (MOVES.test(sequence)) move(sequence.at(-1) ?? '', sequence.slice(2, -1).split(';').map(Number));
    else style = restyled(style, sequence);
  }
  return written(lines, initial, style) + placed(lines, row, column, returned) + rest;
}

/** The lines as text, after one of this style and before one of that. */
function written(lines: readonly Cell[][], before: string, style: string): string {
  const parts: string[] = [];
  let now = before;
  const turn = (to: string): void => {
    if (to === now) return;
    parts.push(now === '' || to.startsWith(now) ? to.slice(now.length) : `${ESCAPE}[0m${to}`);
    now = to;
  };
  lines.forEach((cells, index) => {
    if (index > 0) parts.push('\n');
    for (const cell of cells) {
      turn(cell.style);
      parts.push(cell.text);
    }
  });
  turn(style);
  return parts.join('');
}

/** What puts the cursor there from the end of the text. */
function placed(lines: readonly Cell[][], row: number, column: number, returned: boolean): string {
  const up = lines.length - 1 - row;
  const last = lines.at(-1)?.length ?? 0;
  if (up === 0 && column === last && !returned) return '';
  const vertical = up > 0 ? `${ESCAPE}[${up}A` : '';
  return returned ? `${vertical}\r` : `${vertical}${ESCAPE}[${column + 1}G`;
}
