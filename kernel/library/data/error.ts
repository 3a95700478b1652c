/** Errors about data, which say where in which file, what was found, and what to do about it. */

/** Where something is wrong. Lines and columns count from 1, offsets (in bytes) and rows from 0. */
export interface Place {
  /** Path or name of the file, or of what else the data came in. */
  file: string;
  line?: number;
  column?: number;
  offset?: number;
}

/** Data that cannot be read, or not be trained on. */
export class DataError extends Error {
  override readonly name = 'DataError';
  /** Where it is wrong, when it is known. */
  readonly place: Place | undefined;

  /**
   * @param what what was found and what was expected instead
   * @param advice what to do, a sentence in the imperative
   */
  constructor(what: string, options: { place?: Place; advice?: string; cause?: unknown } = {}) {
    const { place, advice, cause } = options;
    super(
      `${place ? `${described(place)}: ` : ''}${what}${advice ? `. ${advice}` : ''}`,
      cause === undefined ? {} : { cause },
    );
    this.place = place;
  }
}

function described({ file, line, column, offset }: Place): string {
  const parts = [file];
  if (line !== undefined) parts.push(`line ${line}`);
  if (column !== undefined) parts.push(`column ${column}`);
  if (offset !== undefined) parts.push(`byte ${offset}`);
  return parts.join(', ');
}

/** The reason of a thrown value, in one line. */
export const reasonOf = (thrown: unknown): string =>
  (thrown instanceof Error ? thrown.message : String(thrown)).split('\n', 1)[0] ?? '';

/** Names listed for a sentence, the tail of long lists counted. */
export function listed(names: readonly string[], most = 8): string {
  const shown = names.slice(0, most).map((name) => `"${name}"`);
  return names.length > most ? `${shown.join(', ')} and ${names.length - most} more` : shown.join(', ');
}
