/**
 * Looks at the main thread's values without changing anything: V8 refuses an expression as soon as it would have a side
 * effect. The inspector is answered between two instructions of whatever runs, in well under a millisecond, so a look
 * works while a cell loops or waits; only native code, such as a child process that is waited for, keeps it out.
 */
import { isPlatformName } from '../../cell/bindings.ts';
import type { InspectorAnswer, MainInspector } from '../main-inspector.ts';

/** Longest time a look may take, in ms. */
const PATIENCE = 2500;

/** What V8 says of a value. */
export interface Remote {
  type: string;
  subtype: string | undefined;
  className: string | undefined;
  description: string | undefined;
  value: unknown;
  unserializable: string | undefined;
  objectId: string | undefined;
  preview: unknown;
}

/** A look that has failed, in words for a person. */
export class LookError extends Error {}

let group = 0;
let last: Promise<unknown> = Promise.resolve();

/**
 * Runs one look at a time; what it holds of the main thread's is let go after it.
 * @throws LookError when the main thread does not answer
 */
export function look<T>(main: MainInspector, work: (objectGroup: string) => Promise<T>): Promise<T> {
  const turn = last.then(() => lookNow(main, work));
  last = turn.catch(() => {});
  return turn;
}

async function lookNow<T>(main: MainInspector, work: (objectGroup: string) => Promise<T>): Promise<T> {
  const objectGroup = `look-${++group}`;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new LookError('The kernel is busy in native code; try again.')), PATIENCE);
  });
  try {
    return await Promise.race([work(objectGroup), late]);
  } finally {
    clearTimeout(timer);
    main.post('Runtime.releaseObjectGroup', { objectGroup }).catch(() => {});
  }
}

/**
 * Evaluates an expression in the cells' scope; `throwOnSideEffect` is given up only for code that is all our own.
 * @throws LookError when it fails, or would change something
 */
export async function evaluate(
  main: MainInspector,
  expression: string,
  options: { objectGroup?: string; returnByValue?: boolean; generatePreview?: boolean; throwOnSideEffect?: boolean },
): Promise<Remote> {
  const answer = await main.post('Runtime.evaluate', {
    throwOnSideEffect: true,
    ...options,
    expression,
    silent: true,
    timeout: PATIENCE / 2,
  });
  return resultOf(answer);
}

/** The value in an answer. @throws LookError when the answer is a failure */
function resultOf({ result, exceptionDetails }: InspectorAnswer): Remote {
  if (typeof exceptionDetails === 'object' && exceptionDetails !== null) {
    const text = textIn(Reflect.get(exceptionDetails, 'exception'), 'description');
    throw new LookError(text?.split('\n')[0] ?? 'The expression failed.');
  }
  return toRemote(result);
}

/** What the inspector says of a value → what we read of it. */
export function toRemote(said: unknown): Remote {
  return {
    type: textIn(said, 'type') ?? 'undefined',
    subtype: textIn(said, 'subtype'),
    className: textIn(said, 'className'),
    description: textIn(said, 'description'),
    value: fieldOf(said, 'value'),
    unserializable: textIn(said, 'unserializableValue'),
    objectId: textIn(said, 'objectId'),
    preview: fieldOf(said, 'preview'),
  };
}

/** A field of something that is not known to have it. */
export const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

/** A field that should be text. */
export function textIn(value: unknown, name: string): string | undefined {
  const field = fieldOf(value, name);
  return typeof field === 'string' ? field : undefined;
}

/** A field that should be a list. */
export function listIn(value: unknown, name: string): unknown[] {
  const field = fieldOf(value, name);
  return Array.isArray(field) ? field : [];
}

/** Ends the names that cells share with the platform: see `kernel/cell/bindings.ts`. */
const MARK = '\u200d';

/** A name as its cell wrote it. */
export const asWritten = (name: string): string => (name.endsWith(MARK) ? name.slice(0, -MARK.length) : name);

/** The names that cells have declared, as V8 knows them. */
export async function lexicalNames(main: MainInspector): Promise<string[]> {
  const { names } = await main.post('Runtime.globalLexicalScopeNames');
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string' && !name.startsWith('__')) : [];
}

/** An expression of a person's, with the name at its beginning as V8 knows it. */
export async function asKnown(main: MainInspector, expression: string): Promise<string> {
  const first = /^\s*([\p{ID_Start}$_][\p{ID_Continue}$]*)/u.exec(expression);
  const name = first?.[1];
  if (first === null || name === undefined || !isPlatformName(name)) return expression;
  if (!(await lexicalNames(main)).includes(name + MARK)) return expression;
  return `${first[0]}${MARK}${expression.slice(first[0].length)}`;
}
