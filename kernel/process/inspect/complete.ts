/**
 * What can follow `expression.`, read from the live value: its own properties and those of its prototypes. Getters are
 * not called, and an expression that would change anything is refused.
 */
import type { LiveMember } from '@trialroom/shared/kernel/protocol';
import { isPlatformName } from '../../cell/bindings.ts';
import { GLIMPSE_NAME } from '../channel.ts';
import type { MainInspector } from '../main-inspector.ts';
import { asKnown, asWritten, evaluate, fieldOf, look, textIn } from './look.ts';
import { variableNames } from './variables.ts';

const MOST = 500;

/** Elements of long lists are not listed, nor is what nobody can write after a dot; the rest is sorted out later. */
const MEMBERS = `(value) => {
  const found = [];
  const seen = new Set();
  let object = value === undefined || value === null ? null : Object(value);
  for (let depth = 0; object !== null && depth < 20 && found.length < ${MOST * 2}; depth++) {
    const list = Array.isArray(object) || ArrayBuffer.isView(object) || typeof value === 'string';
    const names = list && object.length > 1000 ? ['length'] : Object.getOwnPropertyNames(object);
    for (let i = 0; i < names.length && found.length < ${MOST * 2}; i++) {
      if (seen.has(names[i])) continue;
      seen.add(names[i]);
      const property = Object.getOwnPropertyDescriptor(object, names[i]);
      const held = property && 'value' in property ? property.value : undefined;
      const made = typeof held === 'function' && Object.getOwnPropertyDescriptor(held, 'prototype');
      found[found.length] = [names[i], typeof held !== 'function' ? 'property' : made && !made.writable ? 'class' : 'function'];
    }
    object = Object.getPrototypeOf(object);
  }
  return found;
}`;

const isIdentifier = (name: string): boolean => /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name);

const NAME = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$]*`;
/** A variable, and names of properties on the way from it. */
const PATH = new RegExp(String.raw`^${NAME}(?:\??\.${NAME})*$`, 'u');

/** The members of what a plain path leads to, without V8 watching; undefined where it has to. */
async function glance(main: MainInspector, expression: string): Promise<LiveMember[] | undefined> {
  if (!PATH.test(expression)) return undefined;
  const [root = '', ...path] = expression.split(/\??\./);
  if (isPlatformName(root) || NOT_VARIABLES.has(root)) return undefined;
  const call = `${GLIMPSE_NAME}.members(${JSON.stringify(root)}, () => ${root}, ${JSON.stringify(path)})`;
  const options = { returnByValue: true, throwOnSideEffect: false };
  const { value } = await evaluate(main, call, options).catch(() => ({ value: undefined }));
  if (!Array.isArray(value)) return undefined;
  const pairs = Array.from({ length: value.length / 2 }, (_, index) => [value[2 * index], value[2 * index + 1]]);
  return members(pairs).slice(0, MOST);
}

const NOT_VARIABLES: ReadonlySet<string> = new Set(['this', 'super', 'new', 'import', 'arguments', 'await', 'yield']);

/** Lists the members of a value; of nothing, the top-level names. @throws LookError in words for a person */
export function listMembers(main: MainInspector, expression: string): Promise<LiveMember[]> {
  return look(main, async (objectGroup) => {
    const path = expression.trim();
    if (path === '') return topLevel(main, objectGroup);
    const seen = await glance(main, path);
    if (seen) return seen;
    const known = await asKnown(main, expression);
    const { value } = await evaluate(main, `(${MEMBERS})((${known}\n))`, { objectGroup, returnByValue: true });
    return members(value).slice(0, MOST);
  });
}

async function topLevel(main: MainInspector, objectGroup: string): Promise<LiveMember[]> {
  const names = await variableNames(main, objectGroup);
  const reads = names.map((name) => `k(() => ${name})`).join(',');
  const kind = `(read) => { try { const value = read(); if (typeof value !== 'function') return 'variable'; const made = Object.getOwnPropertyDescriptor(value, 'prototype'); return made && !made.writable ? 'class' : 'function' } catch { return 'variable' } }`;
  const { value } = await evaluate(main, `((k) => [${reads}])(${kind})`, { objectGroup, returnByValue: true });
  return members(Array.isArray(value) ? value.map((each: unknown, i) => [asWritten(names[i] ?? ''), each]) : []);
}

function members(pairs: unknown): LiveMember[] {
  if (!Array.isArray(pairs)) return [];
  return pairs.flatMap((pair: unknown): LiveMember[] => {
    const name = textIn(pair, '0') ?? '';
    const kind = fieldOf(pair, '1');
    if (!isIdentifier(name)) return [];
    return [{ name, kind: kind === 'function' || kind === 'class' || kind === 'variable' ? kind : 'property' }];
  });
}
