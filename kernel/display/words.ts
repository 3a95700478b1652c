/** Texts of bounded length. */

/** Text of at most so many characters, which says how many it left out. */
export const cut = (text: string, longest: number): string =>
  text.length <= longest ? text : `${text.slice(0, longest)}\n… ${grouped(text.length - longest)} characters not shown`;

/** What was thrown, in a line; the thrown value may be anything. */
export function reasonOf(thrown: unknown): string {
  try {
    const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
    return text.slice(0, 500);
  } catch {
    return 'something was thrown that cannot be shown either';
  }
}

/** Where in a cell something was thrown, to be put behind what was; nothing where no cell had a part in it. */
export function placeOf(thrown: unknown): string {
  try {
    const stack = thrown instanceof Error ? String(thrown.stack) : '';
    const [, place] = /^ {4}at (.{0,300}\bcell \[\d+\]:\d+:\d+\)?)$/m.exec(stack) ?? [];
    return place === undefined ? '' : `, at ${place}`;
  } catch {
    return '';
  }
}

/**
 * A number with the digits before its point in groups of three, as English writes it: 1,234,567.8. Not by
 * `toLocaleString`: the first call of that loads a library of languages, which takes some 30 ms of a cell.
 */
export const grouped = (value: number): string => String(value).replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ',');
