/** Whether a function could run in another thread, where nothing of the notebook exists. */
import { createRequire } from 'node:module';
import { resolveScopes } from '../../../cell/scope.ts';
import { DataError, listed } from '../error.ts';

const require = createRequire(import.meta.url);

/** @throws DataError when a function uses names that mean nothing outside its notebook, or has no source text */
export function checkSelfContained(change: (...args: never[]) => unknown): void {
  const source = `(${String(change)})`;
  // Loaded when it is needed: few notebooks do.
  const { parseSync }: typeof import('oxc-parser') = require('oxc-parser');
  const { program, errors } = parseSync('map.js', source);
  if (errors.length > 0) {
    throw new DataError('map(): this function has no source text that could be sent to another thread', {
      advice: 'Write it as an arrow function (…) => …, not as a method or a bound or built-in function',
    });
  }
  const names = resolveScopes(program).references.map(({ name }) => name);
  const outside = [...new Set(names)].filter((name) => !STANDARD.has(name));
  if (outside.length === 0) return;
  throw new DataError(`map(): the function uses ${listed(outside)}, which the worker thread does not have`, {
    advice: "Define what it needs inside it, or let it run on the main thread: map(f, { thread: 'main' })",
  });
}

const STANDARD = new Set(
  (
    'undefined NaN Infinity Math Number String Boolean Array Object JSON Date Map Set WeakMap Symbol BigInt RegExp Error ' +
    'RangeError TypeError parseInt parseFloat isNaN isFinite structuredClone console Uint8Array Uint8ClampedArray ' +
    'Int8Array Uint16Array Int16Array Uint32Array Int32Array Float32Array Float64Array ArrayBuffer DataView arguments'
  ).split(' '),
);
