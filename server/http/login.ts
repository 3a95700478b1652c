/**
 * Signing in the way of Jupyter's server, for programs that know no other: VS Code, given an address without a token, asks
 * for a password and sends it here. The password is a token of ours. They get a cookie, and are the person that this
 * token is everywhere else.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { type Accounts, cookieOf } from '../accounts/accounts.ts';
import { signInPage } from '../accounts/page.ts';
import { html, identifying, localPath } from './pages.ts';
import { Refusal } from './refusal.ts';

/** Name of the cookie and the field that must be the same, as no other site can make them. */
const XSRF = '_xsrf';
const LARGEST_FORM = 16 * 1024;

const WRONG =
  'That password is wrong. It is the token that the server printed when it started, or that of an invitation.';
const FOREIGN = 'This form was not asked for here. Load the page again, and send its _xsrf along.';

/** Answers `/login`. To be called before the pages, which answer everything. */
export function serveLogin(app: Hono, accounts: Accounts): void {
  const page = (next: string, problem: string | null, status: number): Response => {
    const reply = html(signInPage(next, problem), status);
    reply.headers.append('set-cookie', `${XSRF}=${randomBytes(16).toString('hex')}; Path=/; HttpOnly; SameSite=Lax`);
    return reply;
  };

  app.get('/login', async (c, next) => {
    const url = new URL(c.req.url);
    // The address signs in by itself.
    if (url.searchParams.has('token')) return next();
    const to = localPath(url.searchParams.get('next') ?? '/');
    if (await accounts.authenticate(identifying(c.req.raw.headers))) return c.redirect(to, 302);
    return page(to, null, 200);
  });

  const onError = (): never => {
    throw new Refusal(413, { error: 'too-large', message: 'this form is too large', where: 'body' });
  };
  app.post('/login', bodyLimit({ maxSize: LARGEST_FORM, onError }), async (c) => {
    // What is no form holds no password.
    const form: Record<string, unknown> = await c.req.parseBody().catch(() => ({}));
    const to = localPath(c.req.query('next') ?? '/');
    const known = cookieOf(c.req.header('cookie') ?? '', XSRF);
    if (!isSame(form[XSRF] ?? c.req.header('x-xsrftoken'), known)) return page(to, FOREIGN, 403);
    const cookie = typeof form.password === 'string' ? await accounts.admit(form.password.trim()) : null;
    if (cookie === null) return page(to, WRONG, 401);
    // These clients know 302 alone, and take the first cookie there is.
    return new Response(null, {
      status: 302,
      headers: { location: to, 'set-cookie': cookie, 'cache-control': 'no-store' },
    });
  });
}

function isSame(given: unknown, known: string | undefined): boolean {
  if (typeof given !== 'string' || !known || given.length !== known.length) return false;
  const [a, b] = [Buffer.from(given), Buffer.from(known)];
  return a.length === b.length && timingSafeEqual(a, b);
}
