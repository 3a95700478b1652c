/**
 * How deep a text is nested. The parser descends into what is nested on the stack of its thread, and where that is over,
 * the process is.
 */

/** Longest source whose nesting, whatever it is, fits the stack of the thread that compiles (`kernel/main.js`). */
const SMALL = 128 * 1024;
/** Brackets in brackets that fit as well, in a longer one. */
const DEEPEST = 50_000;
/** The same on the stack that a process has by itself. */
const DEEPEST_BY_ITSELF = 1000;

/** True for a source that must not be compiled. */
export const isTooDeep = (source: string): boolean => source.length > SMALL && depthOf(source) > DEEPEST;

/** True for a source that must not be parsed outside the thread that compiles. */
export const isDeep = (source: string): boolean =>
  source.length > 2 * DEEPEST_BY_ITSELF && depthOf(source) > DEEPEST_BY_ITSELF;

/** How many brackets are open at most. Those in texts count too, which are hardly ever so many more than close. */
function depthOf(source: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < source.length; at++) {
    switch (source[at]) {
      case '(':
      case '[':
      case '{':
        if (++depth > deepest) deepest = depth;
        break;
      case ')':
      case ']':
      case '}':
        if (depth > 0) depth--;
    }
  }
  return deepest;
}
