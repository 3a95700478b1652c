/** What browsers navigate to: signing in, static files, and the app's page for everything else. */
import type { Hono } from 'hono';
import { type Accounts, bearerOf, type IdentifyingHeaders } from '../accounts/accounts.ts';
import { signInPage } from '../accounts/page.ts';
import { createStatic } from './static.ts';

const WRONG =
  'That token is wrong. Use the sign-in address that the server printed when it started; a restart with other data has another token.';

/** The headers that say who asks, out of a fetch request's. */
export const identifying = (headers: Headers): IdentifyingHeaders => ({
  cookie: headers.get('cookie') ?? undefined,
  authorization: headers.get('authorization') ?? undefined,
});

/**
 * Programs may put their token into the address of an API request, as Jupyter's do. It then counts as the header would,
 * and a cookie beside it does not. Pages are another matter: there the token signs a browser in.
 */
export function tokenInHeader(request: Request): Request {
  if (!request.url.includes('token=')) return request;
  const url = new URL(request.url);
  const token = url.searchParams.get('token');
  if (token === null || !/^\/(api|files|kernelspecs)(\/|$)/.test(url.pathname)) return request;
  if (request.headers.has('authorization')) return request;
  const headers = new Headers(request.headers);
  headers.set('authorization', `token ${token}`);
  return new Request(request, { headers });
}

/** A path of this site: what would lead elsewhere becomes the home page. */
export function localPath(next: string): string {
  try {
    const base = 'http://local.invalid';
    const url = new URL(next, base);
    const path = `/${url.pathname.replace(/^[/\\]+/, '')}${url.search}`;
    return url.origin === base && !/^\/(signin|login)\/?$/.test(url.pathname) ? path : '/';
  } catch {
    return '/';
  }
}

export function servePages(app: Hono, accounts: Accounts, clientDir: string): void {
  const files = createStatic(clientDir);

  const enter = async (token: string, next: string, request: Request): Promise<Response> => {
    const entered = await accounts.signIn(token.trim(), identifying(request.headers));
    if (!entered) return html(signInPage(next, WRONG), 401);
    const headers = new Headers({ location: next, 'cache-control': 'no-store' });
    if (entered.cookie !== undefined) headers.set('set-cookie', entered.cookie);
    return new Response(null, { status: 303, headers });
  };

  app.post('/signin', async (c) => {
    const form = await c.req.parseBody();
    const token = typeof form.token === 'string' ? form.token : '';
    const next = typeof form.next === 'string' ? form.next : '/';
    return enter(token, localPath(next), c.req.raw);
  });

  app.get('*', async (c) => {
    const url = new URL(c.req.url);
    const token = url.searchParams.get('token');
    if (token !== null) {
      url.searchParams.delete('token');
      return enter(token, localPath(url.pathname + url.search), c.req.raw);
    }
    const { headers } = c.req.raw;
    const file = await files.file(decoded(url.pathname), headers);
    if (file) return file;
    if (/\.\w+$/.test(url.pathname) && !(headers.get('accept') ?? '').includes('text/html')) {
      return c.text('There is no such file.\n', 404);
    }
    // A browser that goes to a page sends no token in a header: this is a program, which a page would only puzzle.
    if (url.pathname !== '/' && bearerOf(headers.get('authorization') ?? undefined) !== undefined) {
      return c.json({ error: 'no-such-endpoint', message: `there is no GET ${url.pathname} here` }, 404);
    }
    const person = await accounts.authenticate(identifying(headers));
    if (!person) return html(signInPage(localPath(url.pathname + url.search), null), 401);
    if (url.pathname === '/signin') return c.redirect('/', 303);
    const page = await files.page(headers);
    return page ?? c.text('The client has not been built. Run "npm run build" and load this page again.\n', 503);
  });
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return '/';
  }
}

/** A page. */
export const html = (text: string, status: number): Response =>
  new Response(text, {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
  });
