/**
 * The door to Jupyter's HTTP interface. Its paths hold slashes and its replies have statuses of their own, which our
 * endpoints cannot declare; so routes are patterns here. Each says what it needs, and nobody gets past without.
 */
import type { Action, Person } from '@trialroom/shared/policy/policy';
import type { z } from 'zod';
import { requireRole } from '../accounts/accounts.ts';
import { Refusal } from '../http/refusal.ts';
import type { Log } from '../log.ts';

/** One request that was let in. */
export interface Visit {
  person: Person;
  /** Named groups of the route's pattern, decoded; a group that took no part is an empty text. */
  params: Record<string, string>;
  query: URLSearchParams;
  request: Request;
  /** What is asked behind the `?`, in this form; a name that stands there twice counts as it stood last. @throws Refusal (400) */
  asked<Schema extends z.ZodType>(schema: Schema): z.output<Schema>;
  /** The body as JSON of this form; no body counts as `{}`. @throws Refusal (400) */
  body<Schema extends z.ZodType>(schema: Schema): Promise<z.output<Schema>>;
}

/** The methods that routes may have; a HEAD is answered as a GET. */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Routes by pattern, and who may pass. */
export interface Door {
  /** @param pattern matches the whole path */
  on(method: Method, pattern: RegExp, needs: Action, handler: (visit: Visit) => Promise<Response>): void;
  /** Whether a path is one of Jupyter's. */
  knows(path: string): boolean;
  answer(request: Request): Promise<Response>;
}

interface Route {
  method: Method;
  pattern: RegExp;
  needs: Action;
  handler(visit: Visit): Promise<Response>;
}

/** A reply of JSON. */
export const json = (value: unknown, status = 200): Response => Response.json(value, { status });
/** A reply of nothing. */
export const nothing = (): Response => new Response(null, { status: 204 });

/** Makes a door without routes. */
export function createDoor(options: { authenticate(headers: Headers): Promise<Person | null>; log: Log }): Door {
  const routes: Route[] = [];

  async function visit(request: Request, url: URL, route: Route, match: RegExpExecArray): Promise<Response> {
    const person = await options.authenticate(request.headers);
    if (!person) {
      throw new Refusal(401, {
        error: 'not-signed-in',
        message: 'you are not signed in, or the token is wrong',
        fix: 'give the token that the server printed when it started: in the address (?token=…) or as Authorization: token …',
      });
    }
    requireRole(person, route.needs);
    return route.handler({
      person,
      params: decoded(match.groups ?? {}),
      query: url.searchParams,
      request,
      asked: (schema) => parsed('query', schema, Object.fromEntries(url.searchParams)),
      body: async (schema) => {
        const text = await request.text();
        return parsed('body', schema, text.trim() === '' ? {} : JSON.parse(text));
      },
    });
  }

  async function enter(request: Request, url: URL): Promise<Response> {
    const there = routes.filter(({ pattern }) => pattern.test(url.pathname));
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const route = there.find((one) => one.method === method);
    try {
      const match = route?.pattern.exec(url.pathname);
      if (route && match) return await visit(request, url, route, match);
      return told(405, { error: 'no-such-method', message: `${url.pathname} does not take ${request.method}` });
    } catch (error) {
      return refused(error, (unexpected) =>
        options.log.error({ err: unexpected, path: url.pathname }, 'request failed'),
      );
    }
  }

  return {
    on(method, pattern, needs, handler) {
      routes.push({ method, pattern: new RegExp(`^(?:${pattern.source})/?$`), needs, handler });
    },
    knows: (path) => routes.some(({ pattern }) => pattern.test(path)),
    answer: (request) => enter(request, new URL(request.url)),
  };
}

/** A part of a request in this form. @throws Refusal (400) that says which field is wrong */
function parsed<Schema extends z.ZodType>(part: 'query' | 'body', schema: Schema, value: unknown): z.output<Schema> {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  const where = [part, ...(issue?.path.map(String) ?? [])].join('.');
  throw new Refusal(400, { error: 'bad-input', message: `${where}: ${issue?.message ?? 'is wrong'}`, where });
}

function decoded(groups: Record<string, string | undefined>): Record<string, string> {
  try {
    return Object.fromEntries(Object.entries(groups).map(([name, text]) => [name, decodeURIComponent(text ?? '')]));
  } catch {
    throw new Refusal(400, { error: 'bad-path', message: 'the path is not percent-encoded UTF-8', where: 'path' });
  }
}

/** Our way to say no and Jupyter's in one. */
const told = (status: number, problem: Refusal['problem']): Response =>
  json({ ...problem, reason: problem.error }, status);

function refused(error: unknown, unexpected: (error: unknown) => void): Response {
  if (error instanceof Refusal) return told(error.status, error.problem);
  if (error instanceof SyntaxError) {
    return told(400, { error: 'bad-json', message: `the body is not JSON: ${error.message}` });
  }
  unexpected(error);
  return told(500, { error: 'internal', message: 'something went wrong on the server; it has been logged' });
}
