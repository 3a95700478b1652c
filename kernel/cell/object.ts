/**
 * Finds a cell that is an object literal alone, as in `{ a: 1 }`, which the grammar takes for a block with a label. What
 * is said about it in comments before and after changes nothing. It looks for the place; whether an object stands there
 * is for a parser to say.
 */

const BLANK = /\s*/y;
const LINE_END = /[\n\r\u2028\u2029]|$/g;

/** Index of the first character from `at` on that is neither white space nor part of a comment. */
function skipComments(source: string, at: number): number {
  for (let index = at; ; ) {
    BLANK.lastIndex = index;
    BLANK.test(source);
    index = BLANK.lastIndex;
    if (source.startsWith('//', index)) {
      LINE_END.lastIndex = index;
      index = LINE_END.exec(source)?.index ?? source.length;
    } else if (source.startsWith('/*', index)) {
      const end = source.indexOf('*/', index + 2);
      if (end < 0) return index;
      index = end + 2;
    } else return index;
  }
}

/** True where a cell begins with a brace. */
export const startsWithBrace = (source: string): boolean => source[skipComments(source, 0)] === '{';

/** Where an object that is all of a cell would stand; each possible one, as a brace may also be part of a comment. */
export function* loneObjects(source: string): Generator<{ start: number; end: number }> {
  const start = skipComments(source, 0);
  if (source[start] !== '{') return;
  for (let at = source.lastIndexOf('}'); at > start; at = source.lastIndexOf('}', at - 1)) {
    if (skipComments(source, at + 1) === source.length) yield { start, end: at + 1 };
  }
}
