/**
 * Records of a file of separated values, a piece of the file at a time: so that a file of any size needs the memory of
 * one piece, and errors can say in which line they are.
 */
import Papa from 'papaparse';
import { DataError } from '../../error.ts';
import type { Dialect } from './dialect.ts';

/** Some records, and where they are. */
export interface Block {
  rows: string[][];
  /** Line on which one of them begins, from 1. Takes reading the piece again: for errors. */
  lineOf(row: number): number;
}

/** Bytes that are read at once. */
export const PIECE = 1 << 20;
/** Longest record; a longer one has a quote that is never closed. */
const LONGEST = 64 << 20;

/**
 * The records in pieces of a file, its header left out.
 * @param name of the file, for errors
 * @throws DataError for bytes that are no text, quotes that are not closed, and lines with too many or too few values
 */
export function* records(pieces: Iterable<Uint8Array>, dialect: Dialect, name: string): Generator<Block, void> {
  let line = 1;
  let header = dialect.header;
  for (const text of wholeRecords(texts(pieces, dialect.encoding, name), dialect, name)) {
    const all = parse(text, dialect, name, line);
    const first = line;
    const lineOf = (row: string[] | undefined): number =>
      first + (row ? linesBefore(all, all.indexOf(row), text, dialect) : 0);
    const rows = dataOf(all, header);
    checkWidths(rows, dialect, name, lineOf);
    const good = dialect.skipBad ? rows.filter((row) => row.length === dialect.names.length) : rows;
    if (good.length > 0) yield { rows: good, lineOf: (index) => lineOf(good[index]) };
    if (all.some((row) => !isEmpty(row))) header = false;
    line += countLines(text, dialect.newline);
  }
}

const isEmpty = (row: readonly string[]): boolean => row.length === 1 && row[0] === '';

/** Leaves out empty lines and the header. */
function dataOf(all: string[][], header: boolean): string[][] {
  const rows = all.filter((row) => !isEmpty(row));
  return header ? rows.slice(1) : rows;
}

function* texts(pieces: Iterable<Uint8Array>, encoding: string, name: string): Generator<string, void> {
  const decoder = decoderOf(encoding, name);
  let before = 0;
  const decode = (piece?: Uint8Array): string => {
    try {
      return piece ? decoder.decode(piece, { stream: true }) : decoder.decode();
    } catch (error) {
      const offset = piece ? before + firstBad(piece, encoding) : before;
      throw new DataError(`this byte is no ${encoding.toUpperCase()} text`, {
        place: { file: name, offset },
        advice: "Name the file's encoding, e.g. { encoding: 'windows-1252' }",
        cause: error,
      });
    }
  };
  for (const piece of pieces) {
    yield decode(piece);
    before += piece.length;
  }
  yield decode();
}

/** @throws DataError when there is no such encoding */
export function decoderOf(encoding: string, name: string): TextDecoder {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch (error) {
    throw new DataError(`there is no encoding "${encoding}"`, {
      place: { file: name },
      advice: "There are, among others, 'utf-8', 'windows-1252', 'utf-16le', 'shift_jis'",
      cause: error,
    });
  }
}

/** Where in a piece the first byte is that cannot be decoded: by halving, since decoding says only that there is one. */
function firstBad(piece: Uint8Array, encoding: string): number {
  let [good, bad] = [0, piece.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    try {
      new TextDecoder(encoding, { fatal: true }).decode(piece.subarray(0, middle), { stream: true });
      good = middle;
    } catch {
      bad = middle;
    }
  }
  return good;
}

/** Texts that end where a record ends. */
function* wholeRecords(pieces: Iterable<string>, dialect: Dialect, name: string): Generator<string, void> {
  let held = '';
  for (const piece of pieces) {
    held += piece;
    const end = lastEnd(held, dialect);
    if (end > 0) {
      yield held.slice(0, end);
      held = held.slice(end);
    } else if (held.length > LONGEST) {
      throw new DataError(`there is a line of more than ${LONGEST >> 20} million letters`, {
        place: { file: name },
        advice: `A quote ${dialect.quote} may be open; if it is no quote, give another one: { quote: '' }`,
      });
    }
  }
  if (held !== '') yield held;
}

/** Position after the last record that has ended. Within quotes, the end of a line ends nothing. */
export function lastEnd(
  text: string,
  { quote, delimiter, newline }: Pick<Dialect, 'quote' | 'delimiter' | 'newline'>,
): number {
  const last = newline.at(-1) ?? '\n';
  if (quote === '' || !text.includes(quote)) return text.lastIndexOf(last) + 1;
  let end = 0;
  let at = 0;
  let start = true;
  while (at < text.length) {
    if (start && text.startsWith(quote, at)) {
      const close = closingQuote(text, at + 1, quote);
      // A quote at the very end may be the first of two, which stand for one.
      if (close < 0 || close === text.length - 1) return end;
      at = close + 1;
      start = false;
      continue;
    }
    const letter = text[at];
    if (letter === last) end = at + 1;
    start = letter === last || letter === delimiter;
    at++;
  }
  return end;
}

function closingQuote(text: string, from: number, quote: string): number {
  for (let at = from; ; ) {
    const close = text.indexOf(quote, at);
    if (close < 0 || text[close + 1] !== quote) return close;
    at = close + 2;
  }
}

function parse(text: string, dialect: Dialect, name: string, line: number): string[][] {
  const { delimiter, newline, quote, comment } = dialect;
  const { data, errors } = Papa.parse<string[]>(text, {
    delimiter,
    newline,
    quoteChar: quote === '' ? '\u0000' : quote,
    comments: comment,
  });
  const wrong = errors.find(({ type }) => type === 'Quotes');
  if (wrong) {
    const before = text.slice(0, wrong.index ?? 0);
    const found =
      wrong.code === 'MissingQuotes'
        ? `a quote ${quote} is opened here and never closed`
        : `after the closing quote ${quote} a delimiter was expected`;
    throw new DataError(found, {
      place: { file: name, line: line + countLines(before, newline) },
      advice: `Within quotes, write ${quote}${quote} for ${quote}; if quotes mean nothing in this file, give { quote: '' }`,
    });
  }
  return data;
}

/** @throws DataError for the first line that has another number of values, unless such lines are left out */
function checkWidths(
  rows: readonly string[][],
  { names, delimiter, skipBad }: Dialect,
  name: string,
  lineOf: (row: string[]) => number,
): void {
  const wrong = skipBad ? undefined : rows.find((row) => row.length !== names.length);
  if (!wrong) return;
  const named = `${names.slice(0, 6).join(', ')}${names.length > 6 ? ', …' : ''}`;
  throw new DataError(`this line has ${wrong.length} values; the others have ${names.length} (${named})`, {
    place: { file: name, line: lineOf(wrong) },
    advice: `Is the delimiter "${delimiter}" right? To leave out such lines, give { badLines: 'skip' }`,
  });
}

/** Lines before a row. Values may hold ends of lines; comments are lines that are no rows. */
function linesBefore(rows: readonly (readonly string[])[], index: number, text: string, dialect: Dialect): number {
  const { newline, comment } = dialect;
  let [lines, at] = [0, 0];
  const skip = (count: number): void => {
    for (let each = 0; each < count; each++) at = text.indexOf(newline, at) + newline.length;
    lines += count;
  };
  for (let row = 0; row <= index; row++) {
    while (comment !== false && text.startsWith(comment, at)) skip(1);
    if (row < index) skip(1 + (rows[row]?.reduce((sum, value) => sum + countLines(value, newline), 0) ?? 0));
  }
  return lines;
}

/** Ends of lines in a text. */
function countLines(text: string, newline: string): number {
  let count = 0;
  for (let at = text.indexOf(newline); at >= 0; at = text.indexOf(newline, at + newline.length)) count++;
  return count;
}
