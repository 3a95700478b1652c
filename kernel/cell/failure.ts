/**
 * Whatever was thrown → an error as a reader sees it: name, message, the user's own frames, the lines around the
 * innermost one, and what caused it. It never throws itself: a thrown value may be anything, hostile getters included.
 */
import { inspect } from 'node:util';
import type { CellError, StackFrame } from '@trialroom/shared/notebook/outputs';
import { unmarked } from './contract.ts';
import { excerpt } from './excerpt.ts';
import { sourceOf, userFrames } from './trace.ts';

/** Whoever shows it keeps the whole and shows the beginning; what is longer still would hold up all else, in characters. */
const LONGEST_MESSAGE = 8 * 1024 * 1024;
/** The same of what led to an error. */
const LONGEST_CAUSE = 20_000;
const LONGEST_NAME = 200;
const MOST_CAUSES = 8;

type Described = Pick<CellError, 'name' | 'message' | 'frames'>;

/** Describes a thrown value. `fallback` is used when nothing says where it came from. */
export function describeFailure(thrown: unknown, fallback: StackFrame[] = []): CellError {
  const described = describe(thrown);
  const frames = described.frames.length > 0 ? described.frames : fallback;
  const shown = frames[0] && excerptAt(frames[0]);
  const causes = causesOf(thrown);
  return {
    ...described,
    frames,
    ...(shown ? { excerpt: shown } : {}),
    ...(causes.length > 0 ? { causes } : {}),
  };
}

function describe(thrown: unknown): Described {
  try {
    if (thrown instanceof Error || isErrorLike(thrown)) {
      const name = Reflect.get(thrown, 'name');
      const message = Reflect.get(thrown, 'message');
      return {
        name: typeof name === 'string' && name !== '' ? cut(name, LONGEST_NAME) : 'Error',
        message: unmarked(cut(typeof message === 'string' ? message : inspect(message))),
        frames: userFrames(thrown),
      };
    }
    return { name: 'Thrown', message: cut(typeof thrown === 'string' ? thrown : inspect(thrown)), frames: [] };
  } catch {
    return { name: 'Error', message: 'A value was thrown that cannot be shown', frames: [] };
  }
}

/** True also for errors from another realm, such as those of `vm`. */
const isErrorLike = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  typeof Reflect.get(value, 'message') === 'string' &&
  typeof Reflect.get(value, 'stack') === 'string';

function causesOf(thrown: unknown): Described[] {
  const found: Described[] = [];
  const seen = new Set<unknown>([thrown]);
  const add = (value: unknown): void => {
    if (value === undefined || value === null || seen.has(value) || found.length >= MOST_CAUSES) return;
    seen.add(value);
    const cause = describe(value);
    found.push({ ...cause, message: cut(cause.message, LONGEST_CAUSE) });
    follow(value);
  };
  const follow = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    try {
      // What `using` throws at the end of a block that was already failing.
      if (value instanceof SuppressedError) for (const key of ['error', 'suppressed']) add(Reflect.get(value, key));
      add(Reflect.get(value, 'cause'));
      const members: unknown = Reflect.get(value, 'errors');
      if (value instanceof AggregateError && Array.isArray(members)) for (const member of members) add(member);
    } catch {
      // A getter that throws has nothing to add.
    }
  };
  follow(thrown);
  return found;
}

function excerptAt(frame: StackFrame): string | undefined {
  const source = sourceOf(frame);
  return source === undefined ? undefined : excerpt(source, frame.line, frame.column);
}

const cut = (text: string, longest = LONGEST_MESSAGE): string =>
  text.length <= longest ? text : `${text.slice(0, longest)}… (${text.length} characters)`;
