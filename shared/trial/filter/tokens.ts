/** The query line cut into tokens, each with its place. What a word means is the parser's business; see `parse.ts`. */

export interface Token {
  type: 'word' | 'quoted' | 'operator' | 'open' | 'close' | 'comma' | 'colon' | 'expression' | 'broken' | 'end';
  /** As it stands, but for `quoted` and `expression`: what is between the marks. */
  text: string;
  from: number;
  to: number;
}

const OPERATOR = /^(?:<=|>=|!=|==|=|<|>|~)/;
const SIGN: Readonly<Record<string, Token['type']>> = { '(': 'open', ')': 'close', ',': 'comma', ':': 'colon' };
/** What ends a bare word. A value may hold colons: times and addresses do. */
const WORD = /^[^\s()=<>!~,:"]+/;
const VALUE = /^[^\s()=<>!~,"]+/;

/**
 * The token that begins at or after `from`.
 * @param asValue a value is expected: words may hold colons, and `/…/` is an expression
 */
export function tokenAt(text: string, from: number, asValue = false): Token {
  const start = from + (/^\s*/.exec(text.slice(from))?.[0].length ?? 0);
  const rest = text.slice(start);
  const token = (type: Token['type'], length: number, said = rest.slice(0, length)): Token => ({
    type,
    text: said,
    from: start,
    to: start + length,
  });
  if (rest === '') return token('end', 0);
  if (rest.startsWith('"')) return quotedIn(rest, token);
  if (asValue && rest.startsWith('/')) return expressionIn(rest, token);
  const operator = OPERATOR.exec(rest)?.[0];
  if (operator) return token('operator', operator.length, operator === '==' ? '=' : operator);
  const sign = SIGN[rest.charAt(0)];
  if (sign) return token(sign, 1);
  const word = (asValue ? VALUE : WORD).exec(rest)?.[0];
  return word ? token('word', word.length) : token('broken', 1);
}

type Make = (type: Token['type'], length: number, said?: string) => Token;

/** A text in double quotes; `\"` and `\\` are the signs themselves. */
function quotedIn(rest: string, token: Make): Token {
  const match = /^"((?:[^"\\]|\\[\s\S])*)"/.exec(rest);
  if (!match) return token('broken', rest.length);
  return token('quoted', match[0].length, (match[1] ?? '').replace(/\\([\s\S])/g, '$1'));
}

/** An expression between slashes; `\/` is a slash. A slash with no partner is the beginning of a word. */
function expressionIn(rest: string, token: Make): Token {
  const match = /^\/((?:[^/\\\n]|\\[^\n])+)\/(?=$|[\s),])/.exec(rest);
  if (match)
    return token(
      'expression',
      match[0].length,
      (match[1] ?? '').replace(/\\[\s\S]/g, (pair) => (pair === '\\/' ? '/' : pair)),
    );
  const word = VALUE.exec(rest)?.[0] ?? '/';
  return token('word', word.length);
}
