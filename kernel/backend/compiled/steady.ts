/**
 * Whether a function still does what was recorded. A number that a loss takes from a variable of JavaScript goes into
 * the recording as it was then; when it has another value later, the recording is wrong, and nobody would be told.
 */
import type { Constant, Recording } from './recording.ts';
import { spellPlace } from './where.ts';

/** What is different in the second recording, in words; undefined: nothing. */
export function changeBetween(before: Recording, after: Recording): string | undefined {
  const advice = 'what changes from step to step must come with the batch, or as a tf.variable';
  for (const [index, operation] of after.operations.entries()) {
    const known = before.operations[index];
    const place = spellPlace(operation.place);
    if (known?.kernel !== operation.kernel) return `it does not call the same operations in every step${place}`;
    const [was, is] = [spell(known.attrs), spell(operation.attrs)];
    if (was !== is) return `${operation.kernel} was called with ${was}, and now with ${is}${place}: ${advice}`;
  }
  if (before.operations.length !== after.operations.length) return 'it does not call the same operations in every step';
  for (const [index, constant] of after.constants.entries()) {
    const known = before.constants[index];
    const place = spellPlace(constant.place);
    if (!known || known.values.length !== constant.values.length) return `it makes other tensors in every step${place}`;
    const at = constant.random ? -1 : constant.values.findIndex((value, i) => !Object.is(value, known.values[i]));
    if (at < 0) continue;
    return `the number ${digits(known, at)} became ${digits(constant, at)} between two steps${place}: ${advice}`;
  }
  return undefined;
}

const spell = (attrs: object): string =>
  JSON.stringify(attrs, (_, value: unknown) => (typeof value === 'function' ? 'function' : value)) ?? '';

const digits = ({ values }: Constant, at: number): string => String(Number((values[at] ?? 0).toPrecision(6)));
