/** What a browser loads: the built client, with headers that keep scripts of outputs out of the app's origin. */
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Hono, MiddlewareHandler } from 'hono';

const DIST = fileURLToPath(new URL('../../client/dist', import.meta.url));

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.ttf': 'font/ttf',
};

/**
 * Scripts only from our own files. Outputs run in frames of `srcdoc` with an opaque origin; those inherit this policy, so
 * inline scripts are allowed there by their own sandboxed document at `/output-frame`, not here.
 */
const POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self' ws: wss:",
  "frame-src 'self' data: blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Headers of every reply. */
export const securityHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  const { headers } = context.res;
  if (!headers.has('content-security-policy')) headers.set('content-security-policy', POLICY);
  headers.set('x-content-type-options', 'nosniff');
  headers.set('referrer-policy', 'same-origin');
  headers.set('cross-origin-opener-policy', 'same-origin');
};

/**
 * The document that outputs run in: it may run inline scripts and talk to its parent by messages, and nothing else. Its
 * origin is opaque even when someone opens the address itself, so a script in it can neither read cookies nor call the API.
 */
const FRAME_POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline' 'unsafe-eval' data: blob:",
  "style-src 'unsafe-inline' data:",
  'img-src data: blob:',
  'font-src data:',
  'media-src data: blob:',
  'sandbox allow-scripts',
].join('; ');

const FRAME = `<!doctype html><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>Output</title>
<style>html{overflow:hidden}body{margin:0;font:13px/1.4 system-ui,sans-serif;overflow:auto}</style><body><script>
addEventListener('message', function start(event) {
  if (event.source !== parent || !event.data || event.data.type !== 'trialroom:html') return;
  removeEventListener('message', start);
  if (event.data.css) document.head.appendChild(document.createElement('style')).textContent = event.data.css;
  document.body.innerHTML = event.data.html;
  for (const inert of document.body.querySelectorAll('script')) {
    const live = document.createElement('script');
    for (const { name, value } of inert.attributes) live.setAttribute(name, value);
    live.textContent = inert.textContent;
    inert.replaceWith(live);
  }
  const say = () => parent.postMessage({ type: 'trialroom:height', height: document.documentElement.offsetHeight }, '*');
  new ResizeObserver(say).observe(document.documentElement);
  say();
});
parent.postMessage({ type: 'trialroom:ready' }, '*');
</script>`;

/** Serves the client, the frame for outputs, and the client's page for every other path that asks for HTML. */
export function servePages(app: Hono): void {
  app.get('/output-frame', (context) => {
    context.header('content-security-policy', FRAME_POLICY);
    context.header('cache-control', 'public, max-age=3600');
    return context.html(FRAME);
  });

  app.get('*', async (context) => {
    const path = normalize(decodeURIComponent(new URL(context.req.url).pathname));
    const file = join(DIST, path);
    const type = TYPES[extname(path)];
    if (type && file.startsWith(DIST + sep)) {
      const bytes = await readFile(file).catch(() => undefined);
      if (bytes) {
        context.header('content-type', type);
        // Vite names these files by their content.
        context.header(
          'cache-control',
          path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
        );
        return context.body(new Uint8Array(bytes));
      }
    }
    if (type || path.startsWith('/api/'))
      return context.json({ error: 'not-found', message: `there is nothing at ${path}` }, 404);
    const page = await readFile(join(DIST, 'index.html'), 'utf8').catch(() => undefined);
    if (page === undefined) return context.text('the browser client is not built: run `npm run build`', 503);
    context.header('cache-control', 'no-cache');
    return context.html(page);
  });
}
