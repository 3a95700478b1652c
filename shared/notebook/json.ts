/**
 * JSON as notebooks need it: errors that say line and column, and text written exactly as Jupyter writes it, so that a
 * file changes only where its content did. It refuses what JSON refuses (NaN, comments, trailing commas).
 */

/** A place in a text where it stops being JSON. Lines and columns count from 1; columns count UTF-16 units. */
export interface JsonFault {
  line: number;
  column: number;
  /** What is there and what should be, e.g. `expected "," or "}" but found "<"`. */
  message: string;
}

/** Thrown by {@link parseJson}. */
export class JsonError extends Error {
  readonly fault: JsonFault;

  constructor(fault: JsonFault) {
    super(`line ${fault.line}, column ${fault.column}: ${fault.message}`);
    this.name = 'JsonError';
    this.fault = fault;
  }
}

/** Parses JSON; a byte order mark is skipped. Throws {@link JsonError}. */
export function parseJson(text: string): unknown {
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text;
  try {
    return JSON.parse(body);
  } catch {
    throw new JsonError(locate(body));
  }
}

const SPACE = /[ \t\n\r]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

const STRING_REST = 'the rest of a string (a closing quote or a valid escape)';

/** Walks the text with an explicit stack, since a broken file may also be a deeply nested one. */
function locate(text: string): JsonFault {
  let at = 0;
  const eat = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  /** Steps over a string; false with `at` on the fault, or unmoved when there is no string. */
  const eatString = (): boolean => {
    if (text[at] !== '"') return false;
    at++;
    for (;;) {
      const char = text[at];
      if (char === '"') {
        at++;
        return true;
      }
      if (char === undefined || char < ' ') return false;
      if (char !== '\\') at++;
      else if (!eat(ESCAPE)) return false;
    }
  };
  const fault = (expected: string): JsonFault => {
    const before = text.slice(0, at).split('\n');
    const last = before.at(-1) ?? '';
    const char = text.codePointAt(at);
    const found = char === undefined ? 'the text ends' : `found ${JSON.stringify(String.fromCodePoint(char))}`;
    return { line: before.length, column: last.length + 1, message: `expected ${expected} but ${found}` };
  };
  const stack: ('{' | '[')[] = [];
  let expects: 'value' | 'first' | 'key' | 'firstKey' | 'next' = 'value';
  for (;;) {
    eat(SPACE);
    const char = text[at];
    const top = stack.at(-1);
    if (expects === 'next') {
      if (top === undefined) return at < text.length ? fault('the end of the text') : fault('a value');
      if (char === ',') {
        at++;
        expects = top === '{' ? 'key' : 'value';
      } else if (char === (top === '{' ? '}' : ']')) {
        at++;
        stack.pop();
      } else return fault(top === '{' ? '"," or "}"' : '"," or "]"');
    } else if (expects === 'key' || expects === 'firstKey') {
      if (expects === 'firstKey' && char === '}') {
        at++;
        stack.pop();
        expects = 'next';
        continue;
      }
      if (!eatString()) return fault(char === '"' ? STRING_REST : expects === 'key' ? 'a key' : 'a key or "}"');
      eat(SPACE);
      if (text[at] !== ':') return fault('":"');
      at++;
      expects = 'value';
    } else if (expects === 'first' && char === ']') {
      at++;
      stack.pop();
      expects = 'next';
    } else if (char === '{' || char === '[') {
      at++;
      stack.push(char);
      expects = char === '{' ? 'firstKey' : 'first';
    } else if (eatString() || (char !== '"' && eat(SCALAR))) {
      expects = 'next';
    } else return fault(char === '"' ? STRING_REST : 'a value');
  }
}

/** Orders strings by code point, as Python does; JavaScript's own order is by UTF-16 unit. */
export function byCodePoint(a: string, b: string): number {
  const [left, right] = [a[Symbol.iterator](), b[Symbol.iterator]()];
  for (;;) {
    const [x, y] = [left.next(), right.next()];
    if (x.done || y.done) return (x.done ? 0 : 1) - (y.done ? 0 : 1);
    const gap = (x.value.codePointAt(0) ?? 0) - (y.value.codePointAt(0) ?? 0);
    if (gap !== 0) return gap;
  }
}

/**
 * JSON with keys sorted by code point, one space a level, nothing escaped that need not be, and a newline at the end:
 * Jupyter's own style. Undefined values are left out, as in `JSON.stringify`.
 */
export function writeJson(value: unknown): string {
  const parts: string[] = [];
  write(value, '\n', parts);
  parts.push('\n');
  return parts.join('');
}

function write(value: unknown, indent: string, parts: string[]): void {
  if (Array.isArray(value)) {
    if (value.length === 0) {
      parts.push('[]');
      return;
    }
    const inner = `${indent} `;
    value.forEach((item, index) => {
      parts.push(index === 0 ? '[' : ',', inner);
      write(item, inner, parts);
    });
    parts.push(indent, ']');
  } else if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    if (entries.length === 0) {
      parts.push('{}');
      return;
    }
    const inner = `${indent} `;
    entries
      .sort(([a], [b]) => byCodePoint(a, b))
      .forEach(([key, item], index) => {
        parts.push(index === 0 ? '{' : ',', inner, JSON.stringify(key), ': ');
        write(item, inner, parts);
      });
    parts.push(indent, '}');
  } else {
    parts.push(JSON.stringify(value) ?? 'null');
  }
}

/** True when two JSON values are the same; the order of keys does not matter. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => sameJson(item, b[index]))
    );
  }
  const left = Object.entries(a);
  const right = new Map(Object.entries(b));
  return left.length === right.size && left.every(([key, item]) => right.has(key) && sameJson(item, right.get(key)));
}
