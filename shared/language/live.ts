/**
 * Where types end and the running kernel knows more: which expression at a place may be read in the kernel, and how what
 * it says is added to what the types say. Only names and members of names are ever read, never calls. Pure.
 */
import type { LiveMember } from '../kernel/protocol.ts';
import type { LanguageAnswer, LanguageQuery } from './language.ts';

/** An expression in a cell's text. */
export interface Chain {
  /** E.g. `model.layers`; empty: the top level itself. */
  expression: string;
  from: number;
  to: number;
}

const NAME = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*`;
const BEFORE_NAME = new RegExp(String.raw`(?:(${NAME}(?:\s*\??\.\s*${NAME})*)\s*\??\.\s*)?((?:${NAME})?)$`, 'u');
const UP_TO_NAME = new RegExp(String.raw`(?:${NAME}\s*\??\.\s*)*${NAME}$`, 'u');
const WORD_END = /[\p{ID_Continue}$\u200c\u200d]*$/u;
const REST_OF_NAME = /^[\p{ID_Continue}$\u200c\u200d]*/u;

/** The expression whose members can be completed at an offset; null where no name can stand. */
export function chainBefore(source: string, offset: number): Chain | null {
  if (inText(source, offset)) return null;
  const before = source.slice(0, offset);
  const [whole = '', expression = ''] = BEFORE_NAME.exec(before) ?? [];
  const from = offset - whole.length;
  // A member of a call, say, or a number.
  if (!standsAlone(before, from)) return null;
  return { expression: plain(expression), from, to: from + expression.length };
}

/** The name or member at an offset, with what it is a member of; null where there is none. */
export function chainAt(source: string, offset: number): Chain | null {
  if (inText(source, offset)) return null;
  const end = offset + (REST_OF_NAME.exec(source.slice(offset))?.[0].length ?? 0);
  const before = source.slice(0, end);
  const [whole] = UP_TO_NAME.exec(before) ?? [];
  if (whole === undefined) return null;
  const from = end - whole.length;
  return standsAlone(before, from) ? { expression: plain(whole), from, to: end } : null;
}

const plain = (expression: string): string => expression.replace(/\s+/g, '');

/** Whether what begins here is no member of something before it, and no end of a number or name. */
const standsAlone = (text: string, from: number): boolean =>
  !/(?:[^.]|^)\??\.\s*$|[\p{ID_Continue}$#]$/u.test(text.slice(0, from));

const OPENS_REGEX = /(?:^|[(,=:[!&|?{;+\-*%~^]|=>|\b(?:return|typeof|case|in|of|do|else|void|delete|await|yield))\s*$/;

/** Whether an offset lies in a comment, a string, the text of a template or a regular expression. */
export function inText(source: string, offset: number): boolean {
  /** Depth of braces in each open `${`. */
  const templates: number[] = [];
  let at = 0;
  const skipText = (): boolean => {
    // In the text of a template: up to `${` or its end.
    for (; at < offset; at++) {
      if (source[at] === '\\') at++;
      else if (source[at] === '`') {
        at++;
        return true;
      } else if (source.startsWith('${', at)) {
        at += 2;
        templates.push(0);
        return true;
      }
    }
    return false;
  };
  const skip = (end: RegExp): boolean => {
    end.lastIndex = at;
    const found = end.exec(source);
    const next = found ? found.index + found[0].length : source.length;
    // A comment to the end of the line goes on until the end is passed; at the end of a string one is out of it.
    if (next > offset || (next === offset && !found)) return false;
    at = next;
    return true;
  };
  while (at < offset) {
    const sign = source[at];
    const pair = source.slice(at, at + 2);
    at++;
    if (pair === '//') {
      at++;
      if (!skip(/$|\n/g)) return true;
      if (source[at - 1] !== '\n') return true;
    } else if (pair === '/*') {
      at++;
      if (!skip(/\*\//g)) return true;
    } else if (sign === '"' || sign === "'") {
      if (!skip(sign === '"' ? /(?:\\[\s\S]|[^"\\\n])*(?:"|\n)/gy : /(?:\\[\s\S]|[^'\\\n])*(?:'|\n)/gy)) return true;
    } else if (sign === '`') {
      if (!skipText()) return true;
    } else if (sign === '/' && OPENS_REGEX.test(source.slice(Math.max(0, at - 20), at - 1))) {
      if (!skip(/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])*(?:\/|\n)/gy)) return true;
    } else if (templates.length > 0 && (sign === '{' || sign === '}')) {
      const depth = (templates.pop() ?? 0) + (sign === '{' ? 1 : -1);
      if (depth >= 0) templates.push(depth);
      else if (!skipText()) return true;
    }
  }
  return false;
}

type Completed = Extract<LanguageAnswer, { ask: 'complete' }>;

/** Adds live members after the typed ones that have not the same name. */
export function withLive(answer: Completed, chain: Chain, members: readonly LiveMember[]): Completed {
  const known = new Set(answer.items.map(({ label }) => label));
  const added = members.filter(({ name }) => !known.has(name) && IS_NAME.test(name));
  const kinds = { function: chain.expression === '' ? 'function' : 'method', class: 'class' } as const;
  return {
    ...answer,
    items: [
      ...answer.items,
      ...added.map(({ name, kind }) => ({
        label: name,
        kind: kind === 'function' || kind === 'class' ? kinds[kind] : kind,
        live: true,
      })),
    ],
  };
}

const IS_NAME = new RegExp(`^${NAME}$`, 'u');

/** The answer when nobody knows the types. */
export function unknownAnswer(query: LanguageQuery): LanguageAnswer {
  const { ask, source, offset } = query;
  switch (ask) {
    case 'complete': {
      const word = WORD_END.exec(source.slice(0, offset))?.[0] ?? '';
      return { ask, from: offset - word.length, items: [], incomplete: true };
    }
    case 'hover':
      return { ask, hover: null };
    case 'signature':
      return { ask, signature: null };
    case 'definition':
      return { ask, definition: null };
    case 'rename':
      return { ask, edits: [], cells: [], problem: 'The language service is not available right now; try again soon.' };
  }
}
