/**
 * The page that HTML outputs run in. A frame of our own pages would inherit their policy, under which no inline script runs;
 * this one has a policy of its own and an origin that is nobody's.
 */
import type { Hono } from 'hono';

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
  "frame-ancestors 'self'",
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

/** Serves `/output-frame`; it holds nothing of the workspace, so anyone may load it. */
export function serveOutputFrame(app: Hono): void {
  app.get('/output-frame', (context) => {
    context.header('content-security-policy', FRAME_POLICY);
    context.header('cross-origin-resource-policy', 'cross-origin');
    context.header('cache-control', 'public, max-age=3600');
    return context.html(FRAME);
  });
}
