/**
 * Everything that is answered over HTTP, on one app: health, the API with its guards, and pages. A guard stands before
 * the router so that no endpoint can be reached around it.
 */
import type { OpenAPIHono } from '@hono/zod-openapi';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { compress } from 'hono/compress';
import { type Accounts, bearerOf } from '../accounts/accounts.ts';
import type { Log } from '../log.ts';
import { allowTokens } from './cors.ts';
import { serveLogin } from './login.ts';
import { sameOrigin } from './origin.ts';
import { serveOutputFrame } from './output-frame.ts';
import { identifying, servePages, tokenInHeader } from './pages.ts';
import { Refusal } from './refusal.ts';
import type { Router } from './register.ts';
import { createHttpApp } from './router.ts';

export interface HttpOptions {
  accounts: Accounts;
  log: Log;
  /** Folder of the built client. */
  clientDir: string;
  version: string;
  /** Rejects when the server cannot work (its database does not answer). */
  healthy: () => Promise<void>;
}

export interface Http {
  fetch(request: Request): Response | Promise<Response>;
  readonly router: Router;
  /** Lets another interface answer what it knows; it does its own admission. */
  mount(guest: Guest): void;
}

/** Another interface on the same port, whose clients may be pages of other origins if they bring a token. */
export interface Guest {
  knows(path: string): boolean;
  answer(request: Request): Promise<Response>;
}

/** Largest body of a request, in bytes. */
const LARGEST_BODY = 32 * 1024 * 1024;
const CHANGES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Scripts from our own files only. What an output runs, it runs in the frame of `output-frame.ts`, which has its own policy. */
const POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self' ws: wss:",
  "worker-src 'self' blob:",
  "frame-src 'self' data: blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
};

/** Makes the app; capabilities then register with its router. */
export function createHttp({ accounts, log, clientDir, version, healthy }: HttpOptions): Http {
  const { app: api, router } = createHttpApp({
    authenticate: (headers) => accounts.authenticate(identifying(headers)),
    log,
    version,
  });
  const app = new Hono();
  const guests: Guest[] = [];

  app.onError((error, context) => {
    if (error instanceof Refusal) return context.json(error.problem, error.status);
    log.error({ err: error, path: context.req.path }, 'request failed');
    return context.json({ error: 'internal', message: 'something went wrong on the server; it has been logged' }, 500);
  });

  app.use(async (context, next) => {
    const began = performance.now();
    await next();
    const { headers, status } = context.res;
    for (const [name, value] of Object.entries(HEADERS)) if (!headers.has(name)) context.res.headers.set(name, value);
    // The path only: a query may hold a token.
    const { method, path } = context.req;
    log.debug({ method, path, status, ms: Math.round(performance.now() - began) }, 'request');
  });

  app.get('/healthz', async (context) => {
    try {
      await healthy();
      return context.json({ ok: true });
    } catch {
      return context.json({ ok: false, problem: 'the database does not answer' }, 503);
    }
  });

  app.use(async (context, next) => {
    const origin = context.req.header('origin');
    // A browser adds cookies by itself, but never a token: who sends one means it, wherever the page came from.
    const meant =
      bearerOf(context.req.header('authorization')) !== undefined &&
      guests.some((guest) => guest.knows(context.req.path));
    const host = context.req.header('host');
    if (!meant && CHANGES.has(context.req.method) && !sameOrigin({ origin, host })) {
      throw new Refusal(403, {
        error: 'foreign-origin',
        message: `a page of ${origin} may not change anything here`,
        fix: 'use the address that the server is reached at; behind a proxy, pass the Host header on as it came',
      });
    }
    await next();
  });

  serveApi(app, api, guests);
  serveOutputFrame(app);
  serveLogin(app, accounts);
  servePages(app, accounts, clientDir);
  return {
    fetch: (request) => app.fetch(tokenInHeader(request)),
    router,
    mount: (guest) => {
      guests.push(guest);
    },
  };
}

function serveApi(app: Hono, api: OpenAPIHono, guests: readonly Guest[]): void {
  allowTokens(app);
  app.use('/api/*', compress({ threshold: 2048 }));
  app.use(
    '/api/*',
    bodyLimit({
      maxSize: LARGEST_BODY,
      onError: () => {
        throw new Refusal(413, {
          error: 'too-large',
          message: `a request may have ${LARGEST_BODY / 1024 / 1024} MB at most`,
          where: 'body',
          fix: 'send less at once',
        });
      },
    }),
  );
  app.use(async (context, next) => {
    const guest = guests.find((one) => one.knows(context.req.path));
    return guest ? guest.answer(context.req.raw) : next();
  });
  api.notFound((context) =>
    context.json(
      { error: 'no-such-endpoint', message: `there is no ${context.req.method} ${context.req.path} here` },
      404,
    ),
  );
  // Asked for anew each time: capabilities register after the app is made.
  app.all('/api/*', (context) => api.fetch(context.req.raw));
}
