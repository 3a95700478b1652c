/**
 * The regular expressions that filters may hold: those that mean the same in JavaScript and in PostgreSQL, and that take
 * time in proportion to the text. Letters, `.`, `[a-z]`, `\d \w \s`, `^ $`, `* + ? {2,5}`, `|` and groups.
 */

/** @throws RangeError with the place in the expression (`at`) and what is wrong there */
export function readExpression(source: string): string {
  if (source.length > 200) throw at(200, 'is longer than 200 characters');
  const reader = new Reader(source);
  const read = reader.alternatives(0).text;
  if (reader.at < source.length) throw at(reader.at, 'closes a group that was not opened');
  return read;
}

/** As JavaScript tests it. The expression must have been read before. */
export const toRegExp = (source: string): RegExp => new RegExp(readExpression(source), 'su');

export class ExpressionError extends RangeError {
  readonly at: number;
  constructor(place: number, what: string) {
    super(what);
    this.name = 'ExpressionError';
    this.at = place;
  }
}
const at = (place: number, what: string): ExpressionError => new ExpressionError(place, what);

const SETS: Readonly<Record<string, string>> = { d: '0-9', w: '0-9A-Za-z_', s: ' \\t\\n\\r\\f\\v' };
const LITERAL_ESCAPE = /[\^$\\.*+?()[\]{}|/-]/;

/** `plain`: without alternatives and quantifiers, so that repeating it stays cheap. */
interface Part {
  text: string;
  plain: boolean;
}

class Reader {
  at = 0;
  readonly #source: string;
  constructor(source: string) {
    this.#source = source;
  }

  alternatives(depth: number): Part {
    if (depth > 10) throw at(this.at, 'has groups more than ten deep');
    const all = [this.#sequence(depth)];
    while (this.#source[this.at] === '|') {
      this.at++;
      all.push(this.#sequence(depth));
    }
    return { text: all.map(({ text }) => text).join('|'), plain: all.length === 1 && all.every(({ plain }) => plain) };
  }

  #sequence(depth: number): Part {
    let text = '';
    let plain = true;
    while (this.at < this.#source.length && !'|)'.includes(this.#source[this.at] ?? '')) {
      const from = this.at;
      const atom = this.#atom(depth);
      const repeat = this.#quantifier();
      if (repeat !== '') {
        if (atom.text === '^' || atom.text === '$') throw at(from + 1, 'repeats a place, which means nothing');
        if (!atom.plain) throw at(from, 'repeats a group that itself repeats or has alternatives');
        plain = false;
      }
      plain &&= atom.plain;
      text += atom.text + repeat;
    }
    return { text, plain };
  }

  #atom(depth: number): Part {
    const letter = String.fromCodePoint(this.#source.codePointAt(this.at) ?? 0);
    const from = this.at;
    this.at += letter.length;
    if (letter === '(') {
      if (this.#source[this.at] === '?') throw at(this.at, 'begins a special group, which is not known here');
      const inner = this.alternatives(depth + 1);
      if (this.#source[this.at] !== ')') throw at(from, 'opens a group that is not closed');
      this.at++;
      return { text: `(${inner.text})`, plain: inner.plain };
    }
    if (letter === '[') return { text: this.#set(from), plain: true };
    if (letter === '\\') return { text: this.#escape(false), plain: true };
    if ('*+?{}]'.includes(letter))
      throw at(from, `has "${letter}" with nothing to repeat; write \\${letter} for the sign`);
    return { text: letter === '/' ? '\\/' : letter, plain: true };
  }

  #escape(inSet: boolean): string {
    const letter = this.#source[this.at] ?? '';
    const set = SETS[letter];
    if (set === undefined && !LITERAL_ESCAPE.test(letter)) {
      throw at(this.at - 1, `has "\\${letter}", which is not known here; there are \\d, \\w, \\s and escaped signs`);
    }
    this.at++;
    if (set !== undefined) return inSet ? set : `[${set}]`;
    return letter === '-' && !inSet ? '-' : `\\${letter}`;
  }

  #set(from: number): string {
    let text = '[';
    if (this.#source[this.at] === '^') {
      text += '^';
      this.at++;
    }
    const began = this.at;
    while (this.#source[this.at] !== ']') {
      if (this.at >= this.#source.length) throw at(from, 'opens a set that is not closed');
      const one = this.#member();
      if (this.#source[this.at] !== '-' || this.#source[this.at + 1] === ']') {
        text += one;
        continue;
      }
      const place = this.at++;
      const to = this.at < this.#source.length ? this.#member() : '';
      const ends = [one, to].map((end) => end.replace(/^\\(?=.)/, ''));
      if (
        ends.some((end) => [...end].length !== 1) ||
        (ends[0]?.codePointAt(0) ?? 0) > (ends[1]?.codePointAt(0) ?? 0)
      ) {
        throw at(place, 'has a range whose ends are not two characters in order');
      }
      text += `${one}-${to}`;
    }
    if (this.at === began) throw at(from, 'has an empty set');
    this.at++;
    return `${text}]`;
  }

  #member(): string {
    const letter = String.fromCodePoint(this.#source.codePointAt(this.at) ?? 0);
    this.at += letter.length;
    if (letter === '\\') return this.#escape(true);
    return /[\^[\]/.*+?(){}|$-]/.test(letter) ? `\\${letter}` : letter;
  }

  #quantifier(): string {
    const [found] = /^(?:[*+?]|\{\d{1,2}(?:,\d{0,2})?\})/.exec(this.#source.slice(this.at)) ?? [''];
    if (found.startsWith('{')) {
      const [least = 0, most = least] = found
        .slice(1, -1)
        .split(',')
        .map((text) => (text === '' ? 99 : Number(text)));
      if (least > most) throw at(this.at, 'repeats at least more often than at most');
    }
    this.at += found.length;
    if (found !== '' && /^[*+?{]/.test(this.#source.slice(this.at))) throw at(this.at, 'repeats a repetition');
    return found;
  }
}
