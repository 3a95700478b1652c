/**
 * How the evaluator comes by what a cell threw. The inspector tells where, but only describes what: it writes out all of
 * it, which takes seconds for a message of a hundred megabytes. So the value itself is taken from the cell's promise,
 * before the inspector hears of it, and what would be long to write is never described.
 */
import type inspector from 'node:inspector';
import { types } from 'node:util';
import type { StackFrame } from '@trialroom/shared/notebook/outputs';
import { locate } from '../../cell/trace.ts';

/** Characters that the inspector writes out in no time worth mentioning. */
const SOON_WRITTEN = 100_000;

/** True for what the inspector would take long to describe. It never throws, whatever getters the value has. */
export function isLong(thrown: unknown): boolean {
  if (types.isNativeError(thrown)) return isLongIn(thrown, 'stack') || isLongIn(thrown, 'message');
  if (typeof thrown === 'symbol') return (thrown.description?.length ?? 0) > SOON_WRITTEN;
  return typeof thrown === 'bigint' || (typeof thrown === 'string' && thrown.length > SOON_WRITTEN);
}

function isLongIn(error: Error, key: 'stack' | 'message'): boolean {
  try {
    const text: unknown = Reflect.get(error, key);
    return typeof text === 'string' && text.length > SOON_WRITTEN;
  } catch {
    return false;
  }
}

/** The value of which the inspector has only a description. */
export function valueBehind(session: inspector.Session, remote: inspector.Runtime.RemoteObject | undefined): unknown {
  if (remote?.objectId === undefined) return remote?.value ?? remote?.unserializableValue ?? remote?.description;
  session.post('Runtime.callFunctionOn', {
    objectId: remote.objectId,
    functionDeclaration: `function () { globalThis[Symbol.for('${BOX_NAME}')].value = this; }`,
    silent: true,
  });
  const { value } = box;
  box.value = undefined;
  return value ?? new Error(remote.description);
}

const BOX_NAME = 'trialroom.thrown';
/** Where the inspector leaves a value. It is there from the start: a cell may have frozen the global object. */
const box: { value: unknown } = { value: undefined };
Object.defineProperty(globalThis, Symbol.for(BOX_NAME), { value: box });

/**
 * Errors of V8's parser have no frame; the inspector knows their place. A script that it could not read to its end, where
 * its name stands, is nameless: `unread` names it.
 */
export function placeOf(details: inspector.Runtime.ExceptionDetails, unread: string | undefined): StackFrame[] {
  const { url = unread, lineNumber, columnNumber, stackTrace } = details;
  const first = stackTrace?.callFrames[0];
  const found = url
    ? locate(url, lineNumber + 1, columnNumber + 1)
    : first && locate(first.url, first.lineNumber + 1, first.columnNumber + 1);
  return found ? [found.frame] : [];
}
