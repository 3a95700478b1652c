/** How a file of separated values is written, and what it says of itself in its first lines. */
import Papa from 'papaparse';
import type { Kind, Schema } from '../../table/column.ts';
import { kindOfText, MISSING } from '../../table/texts.ts';

/** How to read a file of separated values. All of it is found out where it is not given. */
export interface CsvOptions<S extends Schema = Schema> {
  /** Between two values: one of `,` `;` tab `|` when not given. */
  delimiter?: string;
  /** Whether the first line names the columns. When not given: unless it looks like the other lines. */
  header?: boolean;
  /** Names of the columns, instead of the file's. */
  names?: readonly string[];
  /**
   * Kinds of all columns that are wanted; others are left out. The table then knows its columns by name and type.
   * @example { sepalLength: 'float64', species: 'categorical' }
   */
  schema?: S;
  /** Kinds of some columns, where what is found out is not what is wanted. */
  kinds?: Readonly<Record<string, Kind>>;
  /** Texts that stand for "missing"; by default the empty one, NA, N/A, NaN, null, None, ?. */
  missing?: readonly string[];
  /** Sign before fractions; a point when not given. */
  decimal?: '.' | ',';
  /** Around values that hold a delimiter; `"` when not given. */
  quote?: string;
  /** Lines that begin with it are left out. */
  comment?: string;
  /** Of the text, e.g. `windows-1252`; UTF-8 when not given (UTF-16 where a mark says so). */
  encoding?: string;
  /** What to do with lines that have too many or too few values: `error` when not given. */
  badLines?: 'error' | 'skip';
}

/** All that is needed to read records. Plain data: it is sent to other threads. */
export interface Dialect {
  delimiter: string;
  quote: string;
  newline: '\n' | '\r\n' | '\r';
  decimal: '.' | ',';
  comment: string | false;
  encoding: string;
  missing: readonly string[];
  skipBad: boolean;
  /** True: the first record is not data. */
  header: boolean;
  /** Names of all columns in the file, in order. */
  names: readonly string[];
}

/** The encoding that the first bytes tell, or UTF-8. */
export function encodingOf(bytes: Uint8Array, options: Pick<CsvOptions, 'encoding'>): string {
  if (options.encoding !== undefined) return options.encoding;
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
}

/** Records that are looked at to find out how a file is written. */
const SAMPLE = 20;

/** Finds out how a file is written from its beginning. An empty text has no columns. */
export function dialectOf(text: string, encoding: string, options: CsvOptions): Dialect {
  const { quote = '"', comment, decimal = '.', missing = MISSING } = options;
  const newline = newlineOf(text);
  const sample = Papa.parse<string[]>(text, {
    ...(options.delimiter === undefined
      ? { delimitersToGuess: [',', '\t', ';', '|'] }
      : { delimiter: options.delimiter }),
    quoteChar: quote,
    newline,
    preview: SAMPLE,
    skipEmptyLines: true,
    comments: comment ?? false,
  });
  const [first = [], ...rest] = sample.data;
  const header = options.header ?? looksLikeHeader(first, rest, missing);
  return {
    delimiter: options.delimiter ?? (sample.meta.delimiter || ','),
    quote,
    newline,
    decimal,
    comment: comment ?? false,
    encoding,
    missing,
    skipBad: options.badLines === 'skip',
    header,
    names: options.names ?? (header ? distinctNames(first) : first.map((_, index) => `column${index + 1}`)),
  };
}

function newlineOf(text: string): Dialect['newline'] {
  const at = text.search(/[\r\n]/);
  if (at < 0 || text[at] === '\n') return '\n';
  return text[at + 1] === '\n' ? '\r\n' : '\r';
}

/**
 * A first line names the columns unless it holds what lines of data hold: numbers and dates in the same columns. Where all
 * is text, it is taken for names.
 */
function looksLikeHeader(
  first: readonly string[],
  rest: readonly (readonly string[])[],
  missing: readonly string[],
): boolean {
  const kinds = first.map((text) => (missing.includes(text) ? undefined : kindOfText(text)));
  if (kinds.every((kind) => kind === 'string')) return true;
  const next = rest[0];
  if (!next) return false;
  // A number above a text, or the other way round, cannot be data of one column.
  return first.some((_, column) => {
    const below = rest.map((row) => row[column] ?? '').filter((text) => !missing.includes(text));
    return kinds[column] === 'string' && below.length > 0 && below.every((text) => kindOfText(text) !== 'string');
  });
}

/** Names as the header has them; empty and repeated ones are told apart. */
export function distinctNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((given, index) => {
    const bare = given.trim() || `column${index + 1}`;
    let name = bare;
    for (let copy = 2; taken.has(name); copy++) name = `${bare}_${copy}`;
    taken.add(name);
    return name;
  });
}
