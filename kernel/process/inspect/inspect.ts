/**
 * Reads one value for a person: its JavaScript type, a short text and its first properties.
 */

import type { MainInspector } from '../main-inspector.ts';
import { asKnown, evaluate, fieldOf, LookError, listIn, look, type Remote, textIn } from './look.ts';

/** An answer to a question of the parent's: a value when ok, else a sentence. */
export interface Answer {
  ok: boolean;
  value: unknown;
}

/** Does the work of an answer; a failure becomes a sentence. */
export async function answer(work: () => Promise<unknown>): Promise<Answer> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, value: error instanceof LookError || error instanceof Error ? error.message : String(error) };
  }
}

/** What was seen of a value. */
export interface Inspected {
  type: string;
  text: string;
  /** The first properties of an object, as `[name, text]` pairs. */
  properties?: [string, string][];
}

const LONGEST = 10_000;

/** Evaluates an expression in the cells' scope. @throws LookError in words for a person */
export function inspectValue(main: MainInspector, expression: string): Promise<Inspected> {
  return look(main, async (objectGroup) => {
    const known = await asKnown(main, expression);
    const seen = await evaluate(main, known, { objectGroup, generatePreview: true });
    const properties = listIn(seen.preview, 'properties').map((property): [string, string] => [
      textIn(property, 'name') ?? '',
      String(fieldOf(property, 'value') ?? fieldOf(property, 'type')),
    ]);
    return { type: seen.type, text: textOf(seen).slice(0, LONGEST), ...(properties.length > 0 ? { properties } : {}) };
  });
}

const textOf = ({ description, unserializable, value }: Remote): string =>
  description ?? unserializable ?? String(value);
