/**
 * Requests of pages of other origins. They may come and read the answer when they bring a token: where any origin is
 * allowed a browser sends no cookie along, so this opens nothing that the token does not.
 */
import type { Hono } from 'hono';
import { bearerOf } from '../accounts/accounts.ts';

const ORIGIN = 'access-control-allow-origin';
const PREFLIGHT = {
  [ORIGIN]: '*',
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers': 'authorization, content-type, x-xsrftoken',
  'access-control-max-age': '600',
};

export function allowTokens(app: Hono): void {
  app.use(async (context, next) => {
    const asks = context.req.header('access-control-request-method') !== undefined;
    if (context.req.method === 'OPTIONS' && asks) return new Response(null, { status: 204, headers: PREFLIGHT });
    await next();
    if (bearerOf(context.req.header('authorization')) !== undefined) context.res.headers.set(ORIGIN, '*');
  });
}
