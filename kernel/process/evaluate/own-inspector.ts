/**
 * The inspector as the thread that is inspected asks it itself. A question is written as JSON, and a cell may have said
 * for all objects how they are written: Node ends the process when nothing is what comes of it.
 */
import inspector from 'node:inspector';
import { fasten } from '../guard/intrinsics.ts';

const { defineProperty, getOwnPropertyDescriptor } = Reflect;
const { prototype: ofAll } = Object;

/** A session with this thread's own inspector. */
export function openInspector(): inspector.Session {
  const session = fasten(new inspector.Session(), ['connect', 'post', 'disconnect']);
  session.connect();
  return session;
}

/**
 * Runs `question`, which asks the inspector one thing. The message is written as it is; by the time the inspector acts,
 * `toJSON` is again what cells have made of it. Parameters must have no prototype.
 */
export function asWritten(question: () => void): void {
  const theirs = getOwnPropertyDescriptor(ofAll, 'toJSON');
  if (theirs?.configurable !== true) {
    question();
    return;
  }
  let back = false;
  const giveBack = (): void => {
    back = true;
    defineProperty(ofAll, 'toJSON', theirs);
  };
  const value = function (this: unknown): unknown {
    giveBack();
    return this;
  };
  defineProperty(ofAll, 'toJSON', { __proto__: null, value, configurable: true, writable: true } as object);
  try {
    question();
  } finally {
    // Where V8 was asked to end what runs, it would do so at a call: here, and not in the code that is meant.
    if (!back) giveBack();
  }
}
