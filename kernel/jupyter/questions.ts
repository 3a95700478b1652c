/**
 * What the adapter asks the kernel about live values. Answers come back in messages; one that does not come (native code
 * keeps the main thread from being looked into) is given up, since a person waits for the rest.
 */

import { isJson } from '@trialroom/shared/jupyter/messages';
import type { FromKernel, LiveMember, ToKernel } from '@trialroom/shared/kernel/protocol';

type Answer = Extract<FromKernel, { type: 'answer' }>;
type Question = Extract<ToKernel, { type: 'inspect' | 'complete' }>['type'];

/** A live value, as far as it could be seen. */
export interface Seen {
  /** JavaScript's `typeof`. */
  type: string;
  text: string;
  properties: [name: string, text: string][];
}

const PATIENCE_MS = 700;

/** Asks the main thread about its values, and matches the answers. */
export class Questions {
  #tell: (message: ToKernel) => void;
  #waiting = new Map<number, (answer: Answer | undefined) => void>();
  #asked = 0;

  constructor(tell: (message: ToKernel) => void) {
    this.#tell = tell;
  }

  /** Takes in an answer. */
  heard(answer: Answer): void {
    this.#waiting.get(answer.request)?.(answer);
  }

  /** The value of an expression without side effects; undefined where it has none or cannot be told. */
  async value(expression: string): Promise<Seen | undefined> {
    const answer = await this.#ask('inspect', expression);
    if (!answer?.ok || !isJson(answer.value)) return undefined;
    const { type, text, properties } = answer.value;
    if (type === 'undefined') return undefined;
    return {
      type: String(type),
      text: String(text),
      properties: Array.isArray(properties)
        ? properties.map((pair: unknown[]) => [String(pair[0]), String(pair[1])])
        : [],
    };
  }

  /** What can follow `expression.`; top-level names for an empty one. */
  async members(expression: string): Promise<LiveMember[]> {
    const answer = await this.#ask('complete', expression);
    return answer?.ok && Array.isArray(answer.value) ? answer.value.filter(isMember) : [];
  }

  #ask(type: Question, expression: string): Promise<Answer | undefined> {
    const request = ++this.#asked;
    return new Promise((resolve) => {
      const settle = (answer: Answer | undefined): void => {
        clearTimeout(timer);
        this.#waiting.delete(request);
        resolve(answer);
      };
      const timer = setTimeout(settle, PATIENCE_MS, undefined);
      this.#waiting.set(request, settle);
      this.#tell({ type, request, expression });
    });
  }
}

const KINDS: readonly unknown[] = ['function', 'class', 'variable', 'property'] satisfies LiveMember['kind'][];
const isMember = (value: unknown): value is LiveMember =>
  isJson(value) && typeof value.name === 'string' && KINDS.includes(value.kind);
