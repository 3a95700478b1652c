/** Texts of bounded length. */

/** Text of at most so many characters, which says how many it left out. */
export const cut = (text: string, longest: number): string =>
  text.length <= longest
    ? text
    : `${text.slice(0, longest)}\n… ${(text.length - longest).toLocaleString('en-US')} characters not shown`;

/** What was thrown, in a line; the thrown value may be anything. */
export function reasonOf(thrown: unknown): string {
  try {
    const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
    return text.slice(0, 500);
  } catch {
    return 'something was thrown that cannot be shown either';
  }
}
