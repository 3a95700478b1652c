/**
 * The router joins each endpoint of `shared/api` with its handler over Hono: input is parsed by the endpoint's schemas, the
 * caller's role is checked against what the endpoint needs, and the OpenAPI document comes from the same declaration.
 * It refuses to serve a route that declares no need.
 */
import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { Bytes, type Endpoint, Problem } from '@trialroom/shared/api/endpoint';
import { type Action, may, type Person } from '@trialroom/shared/policy/policy';
import type { Context } from 'hono';
import type { z } from 'zod';
import type { Log } from '../log.ts';
import { Refusal } from './refusal.ts';
import type { Call, RawCall, Router } from './register.ts';

/** Who is asking; null when nobody is signed in. */
export type Authenticate = (headers: Headers) => Promise<Person | null>;

/** An app that answers the HTTP interface, and the router that capabilities register with. */
export interface HttpApp {
  app: OpenAPIHono;
  router: Router;
}

/** Makes the app with error replies and `/api/openapi.json`; routes come from the capabilities. */
export function createHttpApp({
  authenticate,
  log,
  version,
}: {
  authenticate: Authenticate;
  log: Log;
  version: string;
}): HttpApp {
  const app = new OpenAPIHono({
    defaultHook: (result) => {
      if (!result.success) throw badInput(result.target, result.error);
    },
  });

  app.onError((error, context) => {
    if (error instanceof Refusal) return context.json(error.problem, error.status);
    if (error instanceof SyntaxError) {
      return context.json(
        { error: 'bad-json', message: `the body is not JSON: ${error.message}` } satisfies Problem,
        400,
      );
    }
    // Hono's own refusals, such as a body that is not JSON, carry a status.
    const status = 'status' in error && typeof error.status === 'number' ? error.status : 500;
    if (status >= 400 && status < 500) {
      return context.json({ error: 'bad-request', message: error.message } satisfies Problem, 400);
    }
    log.error({ err: error, path: context.req.path }, 'request failed');
    return context.json(
      {
        error: 'internal',
        message: 'something went wrong on the server; it has been logged',
        where: context.req.path,
        fix: 'try again; if it happens again, look at the end of the server log',
      } satisfies Problem,
      500,
    );
  });

  app.doc31('/api/openapi.json', { openapi: '3.1.0', info: { title: 'Trialroom', version } });

  const router: Router = {
    on<E extends Endpoint>(endpoint: E, handler: (call: Call<E>) => Promise<z.input<E['reply']>>): void {
      const route = createRoute({
        method: endpoint.method,
        path: endpoint.path,
        summary: endpoint.summary,
        description: `Needs the right to ${endpoint.needs}.`,
        request: {
          params: endpoint.params as z.ZodObject,
          query: endpoint.query as z.ZodObject,
          ...(endpoint.method === 'get'
            ? {}
            : { body: { content: { 'application/json': { schema: endpoint.body } }, required: true } }),
        },
        responses: {
          200: { description: 'Done', content: contentOf(endpoint) },
          default: { description: 'Refused', content: { 'application/json': { schema: Problem } } },
        },
      });
      // The role is checked before the input is looked at, so that a stranger learns nothing from error messages.
      app.use(honoPath(endpoint.path), async (context, next) => {
        if (context.req.method.toLowerCase() !== endpoint.method) return next();
        const person = await allowed(context, endpoint);
        people.set(context.req.raw, person);
        return next();
      });
      const handle = async (context: Context): Promise<Response> => {
        const person = people.get(context.req.raw);
        if (!person) throw unauthenticated();
        const params: Call<E>['params'] = context.req.valid('param' as never);
        const query: Call<E>['query'] = context.req.valid('query' as never);
        const body: Call<E>['body'] = context.req.valid((endpoint.method === 'get' ? 'query' : 'json') as never);
        const reply = await handler({ params, query, body, person });
        return reply instanceof Uint8Array ? bytesOf(reply) : context.json(reply as never);
      };
      // Hono would type the reply by status and schema; both come from the endpoint, whose type parameter it cannot follow.
      app.openapi(route, handle as never);
    },

    raw(path, needs, summary, handler): void {
      app.openAPIRegistry.registerPath({
        method: 'get',
        path,
        summary,
        responses: { 200: { description: 'The bytes' } },
      });
      app.get(honoPath(path), bytes(path, needs, handler));
    },

    upload(path, needs, summary, handler): void {
      app.openAPIRegistry.registerPath({
        method: 'post',
        path,
        summary,
        request: { body: { content: { 'application/octet-stream': { schema: {} } }, required: true } },
        responses: {
          200: { description: 'Done' },
          default: { description: 'Refused', content: { 'application/json': { schema: Problem } } },
        },
      });
      app.post(honoPath(path), bytes(path, needs, handler));
    },
  };

  const people = new WeakMap<Request, Person>();

  const bytes =
    (path: string, needs: Action, handler: (call: RawCall) => Promise<Response>) =>
    async (context: Context): Promise<Response> => {
      const person = await allowed(context, { path, needs });
      return handler({ params: context.req.param() as Record<string, string>, person, request: context.req.raw });
    };

  async function allowed(context: Context, endpoint: Pick<Endpoint, 'path' | 'needs'>): Promise<Person> {
    const person = await authenticate(context.req.raw.headers);
    if (!person) throw unauthenticated();
    if (!may(person.role, endpoint.needs)) throw forbidden(person, endpoint);
    return person;
  }

  return { app, router };
}

const BYTES = 'application/octet-stream';

function contentOf({ reply }: Endpoint) {
  return reply === Bytes
    ? { [BYTES]: { schema: { type: 'string', format: 'binary' } as const } }
    : { 'application/json': { schema: reply } };
}

const bytesOf = (bytes: Uint8Array): Response =>
  new Response(bytes as Uint8Array<ArrayBuffer>, {
    headers: { 'content-type': BYTES, 'content-length': String(bytes.byteLength), 'cache-control': 'no-store' },
  });

/** The reply to someone who is not signed in. */
export const unauthenticated = (): Refusal =>
  new Refusal(401, {
    error: 'not-signed-in',
    message: 'you are not signed in, or the token is wrong',
    fix: 'open the address with ?token=… that the server printed when it started, or send Authorization: Bearer TOKEN',
  });

const forbidden = (person: Person, endpoint: Pick<Endpoint, 'path' | 'needs'>): Refusal =>
  new Refusal(403, {
    error: 'not-allowed',
    message: `as ${person.role} you may not ${endpoint.needs} here`,
    where: endpoint.path,
    fix: 'ask an owner of this workspace for a link with another role',
  });

function badInput(target: string, error: z.ZodError | { issues: readonly z.core.$ZodIssue[] }): Refusal {
  const issue = error.issues[0];
  const field = [target === 'json' ? 'body' : target, ...(issue?.path.map(String) ?? [])].join('.');
  return new Refusal(400, { error: 'bad-input', message: `${field}: ${issue?.message ?? 'is wrong'}`, where: field });
}

/** `/api/notebooks/{id}` → `/api/notebooks/:id` */
const honoPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');
