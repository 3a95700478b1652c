/**
 * Calls the server's endpoints as `shared/api` declares them: one function, typed by the endpoint, replies parsed.
 * Refusals and broken connections become a {@link ProblemError}, which says what was wrong and what to do.
 */
import { Bytes, type Endpoint, Problem } from '@trialroom/shared/api/endpoint';
import type { z } from 'zod';
import { fillPath, queryString } from './address.ts';

/** A refused or failed call; `status` is 0 when the server was not reached. */
export class ProblemError extends Error {
  readonly status: number;
  readonly problem: Problem;

  constructor(status: number, problem: Problem) {
    super(problem.message);
    this.name = 'ProblemError';
    this.status = status;
    this.problem = problem;
  }
}

/** Whether what failed may well succeed a little later: the server was not reached, or not able to answer. */
export const isPassing = (thrown: unknown): boolean =>
  thrown instanceof ProblemError && (thrown.status === 0 || thrown.status >= 500);

/** What was wrong, as a {@link Problem}, whatever was thrown. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof ProblemError) return thrown.problem;
  return { error: 'unexpected', message: thrown instanceof Error ? thrown.message : String(thrown) };
}

/** The parts of a call that the endpoint declares; parts it declares as empty may be left out. */
type Parts<E extends Endpoint> = Part<'params', z.input<E['params']>> &
  Part<'query', z.input<E['query']>> &
  Part<'body', z.input<E['body']>> & { signal?: AbortSignal };
type Part<Name extends string, T> = Record<never, never> extends T ? { [K in Name]?: T } : { [K in Name]: T };
type Arguments<E extends Endpoint> = Record<never, never> extends Parts<E> ? [parts?: Parts<E>] : [parts: Parts<E>];

/**
 * Calls an endpoint.
 * @example const { notebooks } = await call(api.notebooks.list);
 * @example await call(api.trials.stop, { params: { id } });
 * @throws ProblemError when the server refuses, cannot be reached, or replies with something else than declared
 */
export async function call<E extends Endpoint>(endpoint: E, ...[parts]: Arguments<E>): Promise<z.output<E['reply']>> {
  const sent: { params?: unknown; query?: unknown; body?: unknown; signal?: AbortSignal } = parts ?? {};
  const address = fillPath(endpoint.path, sent.params) + queryString(sent.query);
  let response: Response;
  try {
    response = await fetch(address, {
      method: endpoint.method.toUpperCase(),
      credentials: 'same-origin',
      headers: sent.body === undefined ? {} : { 'content-type': 'application/json' },
      ...(sent.body === undefined ? {} : { body: JSON.stringify(sent.body) }),
      ...(sent.signal ? { signal: sent.signal } : {}),
    });
  } catch (error) {
    if (sent.signal?.aborted) throw error;
    throw new ProblemError(0, {
      error: 'unreachable',
      message: 'The server cannot be reached.',
      fix: 'Check that it is running and that you are connected, then try again.',
    });
  }
  if (response.ok && endpoint.reply === Bytes) {
    return new Uint8Array(await response.arrayBuffer()) as z.output<E['reply']>;
  }
  const text = await response.text();
  const json = parseJson(text);
  if (!response.ok) {
    const problem = Problem.safeParse(json);
    throw new ProblemError(
      response.status,
      problem.success ? problem.data : { error: 'refused', message: `The server answered ${response.status}.` },
    );
  }
  const reply = endpoint.reply.safeParse(json ?? {});
  if (!reply.success) {
    throw new ProblemError(response.status, {
      error: 'unreadable-reply',
      message: `The reply of ${endpoint.method.toUpperCase()} ${endpoint.path} is not what this page expects.`,
      where: reply.error.issues[0]?.path.join('.') ?? '',
      fix: 'Reload the page; the server may have been updated.',
    });
  }
  // The schema is the endpoint's own; only its generic type hides that from the compiler.
  return reply.data as z.output<E['reply']>;
}

function parseJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
