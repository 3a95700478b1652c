/**
 * An error with as much of its message as people read. Whoever keeps the whole does so beside it; all else, such as a
 * client of Jupyter's or a line in a terminal, gets this. Nothing here loads a schema library: kernels use it too.
 */
import type { CellError } from './outputs.ts';

/** Most characters of an error's message that are shown. */
export const MESSAGE_SHOWN = 20_000;

/** The text with its beginning only, and a line that says how much was left out. */
export const clip = (text: string): string =>
  text.length <= MESSAGE_SHOWN
    ? text
    : `${text.slice(0, MESSAGE_SHOWN)}\n… ${(text.length - MESSAGE_SHOWN).toLocaleString('en-US')} characters not shown …`;

/** The same error where its message and excerpt are short enough, else one with their beginnings. */
export function inBrief(error: CellError): CellError {
  const { message, excerpt = '' } = error;
  if (message.length <= MESSAGE_SHOWN && excerpt.length <= MESSAGE_SHOWN) return error;
  return {
    ...error,
    message: clip(message),
    ...(error.excerpt === undefined ? {} : { excerpt: clip(error.excerpt) }),
  };
}
