/**
 * Reads the query line. Clauses side by side must all hold; `and` may be written between them, `or` binds less, `not` more.
 * A bare name before an operator is a metric unless it is one of the words in `fields.ts`; names with odd characters
 * stand in quotes. A word with nothing after it is searched for in all texts.
 */
import { ExpressionError, readExpression } from './expression.ts';
import { fieldNamed, isQuality, isReading, kindOf, looksWithin, unfit } from './fields.ts';
import { type Token, tokenAt } from './tokens.ts';
import {
  both,
  EVERYTHING,
  either,
  type Field,
  type Filter,
  type FilterProblem,
  OPERATORS,
  type Operator,
  QUALITIES,
  type Value,
} from './types.ts';
import { quote, readValue } from './values.ts';

/** Longest filter, in characters, and most clauses in one. */
export const LONGEST_FILTER = 4000;
const MOST_CLAUSES = 200;
const DEEPEST = 40;

export type ParsedFilter = { ok: true; filter: Filter } | { ok: false; problem: FilterProblem };

/** Reads a filter; an empty text lets everything through. */
export function parseFilter(text: string): ParsedFilter {
  try {
    if (text.length > LONGEST_FILTER) {
      throw new Stop(
        LONGEST_FILTER,
        text.length,
        'this filter is too long',
        `${LONGEST_FILTER} characters at most`,
        'shorten it',
      );
    }
    return { ok: true, filter: new Parser(text).whole() };
  } catch (error) {
    if (error instanceof Stop) return { ok: false, problem: error.problem };
    throw error;
  }
}

class Stop extends Error {
  readonly problem: FilterProblem;
  constructor(from: number, to: number, message: string, expected: string, fix: string) {
    super(message);
    this.problem = { from, to, message, expected, fix };
  }
}

const isKeyword = (token: Token, word: string): boolean => token.type === 'word' && token.text.toLowerCase() === word;

/** What to do about a text in quotes that never end. */
const unclosed = ({ type, text }: Token): string | null =>
  type === 'broken' && text.startsWith('"') ? 'close the quotes' : null;

class Parser {
  readonly #text: string;
  #at = 0;
  #clauses = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Filter {
    if (this.#peek().type === 'end') return EVERYTHING;
    const filter = this.#any(0);
    const rest = this.#peek();
    if (rest.type !== 'end')
      throw this.#stop(
        rest,
        'a clause, and, or',
        rest.text === ')' ? 'take this bracket away' : 'look at what stands before it',
      );
    return filter;
  }

  #any(depth: number): Filter {
    const parts = [this.#every(depth)];
    while (isKeyword(this.#peek(), 'or')) {
      this.#next();
      parts.push(this.#every(depth));
    }
    return either(...parts);
  }

  #every(depth: number): Filter {
    const parts = [this.#one(depth)];
    for (;;) {
      const token = this.#peek();
      if (token.type === 'end' || token.type === 'close' || isKeyword(token, 'or')) break;
      if (isKeyword(token, 'and')) this.#next();
      parts.push(this.#one(depth));
    }
    return both(...parts);
  }

  #one(depth: number): Filter {
    const token = this.#next();
    if (depth > DEEPEST)
      throw this.#stop(token, 'fewer brackets', `write at most ${DEEPEST} of them within one another`);
    if (isKeyword(token, 'not')) return { type: 'not', part: this.#one(depth + 1) };
    if (token.type === 'open') {
      if (this.#peek().type === 'close') return this.#nothingIn(this.#next());
      const inner = this.#any(depth + 1);
      const close = this.#next();
      if (close.type !== 'close')
        throw this.#stop(close, ')', `close the bracket that was opened at ${token.from + 1}`);
      return inner;
    }
    if (++this.#clauses > MOST_CLAUSES)
      throw this.#stop(token, `${MOST_CLAUSES} clauses at most`, 'ask for less at once');
    if (token.type === 'word' || token.type === 'quoted') return this.#clause(token);
    const fix = token.text.startsWith('"') ? 'close the quotes' : 'begin with a name or a word, such as status:running';
    throw this.#stop(token, 'a clause', fix);
  }

  #nothingIn(close: Token): Filter {
    throw this.#stop(close, 'a clause', 'write something between the brackets');
  }

  #clause(token: Token): Filter {
    const bare = token.type === 'word';
    if (bare && (isKeyword(token, 'and') || isKeyword(token, 'or') || isKeyword(token, 'in'))) {
      throw this.#stop(token, 'a clause', `to search for the word, write ${quote(token.text)}`);
    }
    const field = this.#field(token);
    const follows = this.#peek();
    if (follows.type === 'colon') return this.#short(token, field);
    if (follows.type === 'operator') return this.#comparison(this.#sure(field, token), this.#next());
    if (isKeyword(follows, 'in') && tokenAt(this.#text, follows.to).type === 'open') {
      this.#next();
      return this.#list(this.#sure(field, token));
    }
    if (field.called || token.to !== this.#at)
      throw this.#stop(follows, 'an operator', 'go on with =, !=, <, >, ~ or in (…)');
    return { type: 'word', text: token.text };
  }

  /** The field that begins here: `min(…)`, `params."odd key"`, a name, or quotes. */
  #field(token: Token): { field: Field; called: boolean } {
    const { text } = token;
    if (token.type === 'quoted') return { field: { of: 'metric', key: text, reading: 'last' }, called: false };
    if (isReading(text) && this.#text[this.#at] === '(') {
      this.#next();
      const key = this.#next(true);
      if (key.type !== 'word' && key.type !== 'quoted')
        throw this.#stop(key, 'the name of a metric', `write ${text}(val_loss)`);
      const close = this.#next();
      if (close.type !== 'close') throw this.#stop(close, ')', 'close the bracket after the name');
      return { field: { of: 'metric', key: key.text, reading: text }, called: true };
    }
    const [, group] = /^(params|summary|metrics)\.$/.exec(text) ?? [];
    if (group !== undefined && this.#text[this.#at] === '"') {
      const key = this.#next();
      if (key.type !== 'quoted') throw this.#stop(key, 'a name in quotes', 'close the quotes');
      const field: Field =
        group === 'metrics'
          ? { of: 'metric', key: key.text, reading: 'last' }
          : { of: group === 'params' ? 'params' : 'summary', key: key.text };
      return { field, called: false };
    }
    return { field: fieldNamed(text) ?? { of: 'metric', key: text, reading: 'last' }, called: false };
  }

  #sure({ field }: { field: Field }, token: Token): Field {
    if (token.type === 'word' && /^(is|since)$/i.test(token.text)) {
      throw this.#stop(this.#peek(), ':', `write ${token.text.toLowerCase()}:…`);
    }
    return field;
  }

  /** `name:value`. */
  #short(name: Token, { field, called }: { field: Field; called: boolean }): Filter {
    const colon = this.#next();
    const word = name.text.toLowerCase();
    if (name.type === 'word' && word === 'is') {
      const quality = this.#next(true);
      const said = quality.text.toLowerCase();
      if (!isQuality(said)) throw this.#stop(quality, QUALITIES.join(', '), 'write one of these after is:');
      return { type: 'is', quality: said };
    }
    if (name.type === 'word' && word === 'since') {
      const since: Field = { of: 'time', name: 'started' };
      return { type: 'compare', field: since, operator: '>=', value: this.#value(since, '>=') };
    }
    const operator = tokenAt(this.#text, colon.to);
    if (operator.type === 'operator') return this.#comparison(field, this.#next());
    if (field.of === 'metric' || called) {
      throw this.#stop(
        colon,
        'an operator',
        `${quote(field.of === 'metric' ? field.key : name.text)} is taken for a metric: compare it with =, < or >`,
      );
    }
    if (looksWithin(field)) {
      const value = this.#next(true);
      if (value.type === 'expression') return this.#fits(field, value);
      if (value.type === 'word' && value.text.toLowerCase() === 'none') {
        return { type: 'compare', field, operator: '=', value: { type: 'none' } };
      }
      if (value.type !== 'word' && value.type !== 'quoted')
        throw this.#stop(value, 'a text', unclosed(value) ?? `write it after ${word}:`);
      return { type: 'within', field, text: value.text };
    }
    return { type: 'compare', field, operator: '=', value: this.#value(field, '=') };
  }

  #comparison(field: Field, token: Token): Filter {
    if (token.text === '~') {
      const kind = kindOf(field);
      if (kind !== 'text' && kind !== 'any' && kind !== 'tag')
        throw this.#stop(token, '=, !=, <, >, in', 'only texts are looked into with ~');
      const value = this.#next(true);
      if (value.type === 'expression') return this.#fits(field, value);
      if (value.type !== 'word' && value.type !== 'quoted')
        throw this.#stop(value, 'a text or /an expression/', 'put the text in quotes');
      return { type: 'within', field, text: value.text };
    }
    const operator = OPERATORS.find((one) => one === token.text);
    if (!operator) throw this.#stop(token, 'an operator', 'write =, !=, <, <=, >, >=, ~ or in (…)');
    return { type: 'compare', field, operator, value: this.#value(field, operator) };
  }

  #list(field: Field): Filter {
    this.#next();
    const values: Value[] = [];
    for (;;) {
      values.push(this.#value(field, '='));
      const token = this.#next();
      if (token.type === 'close') return { type: 'in', field, values };
      if (token.type !== 'comma')
        throw this.#stop(token, ', or )', 'part the values with commas and close the bracket');
    }
  }

  #value(field: Field, operator: Operator): Value {
    const token = this.#next(true);
    if (token.type !== 'word' && token.type !== 'quoted') {
      const [expected, fix] = token.text.startsWith('"')
        ? ['"', 'close the quotes']
        : ['a value', 'write what to compare with'];
      throw this.#stop(token, expected, fix);
    }
    const value: Value =
      token.type === 'quoted' ? { type: 'text', value: token.text } : readValue(token.text, kindOf(field));
    const wrong = unfit(field, operator, value);
    if (wrong) throw this.#stop(token, wrong.expected, wrong.fix);
    return value;
  }

  #fits(field: Field, token: Token): Filter {
    try {
      readExpression(token.text);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      const at = Math.min(token.from + 1 + error.at, token.to);
      throw new Stop(
        at,
        token.to,
        `this expression ${error.message}`,
        'an expression',
        'look for a text in quotes instead, or change it here',
      );
    }
    return { type: 'fits', field, expression: token.text };
  }

  #peek(): Token {
    return tokenAt(this.#text, this.#at);
  }

  #next(asValue = false): Token {
    const token = tokenAt(this.#text, this.#at, asValue);
    this.#at = token.to;
    return token;
  }

  #stop(token: Token, expected: string, fix: string): Stop {
    const found =
      token.type === 'end' ? 'the filter ends here' : `"${this.#text.slice(token.from, token.to)}" cannot stand here`;
    return new Stop(token.from, Math.max(token.to, token.from), found, expected, fix);
  }
}
