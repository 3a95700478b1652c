import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { sameOrigin } from './origin.ts';
import { localPath } from './pages.ts';
import { createStatic } from './static.ts';

const root = mkdtempSync(join(tmpdir(), 'trialroom-static-'));
const dir = join(root, 'dist');
mkdirSync(join(dir, 'assets'), { recursive: true });
const script = 'export const x = 1;\n'.repeat(500);
writeFileSync(join(dir, 'index.html'), '<!doctype html><title>app</title>');
writeFileSync(join(dir, 'assets', 'main-abc123.js'), script);
writeFileSync(join(dir, 'icon.png'), 'png');
writeFileSync(join(dir, '.secret'), 'hidden');
writeFileSync(join(root, 'outside.txt'), 'outside');
afterAll(() => rmSync(root, { recursive: true, force: true }));
const files = createStatic(dir);

test('hashed assets may be kept for ever, the page may not', async () => {
  const asset = await files.file('/assets/main-abc123.js', new Headers());
  expect(asset?.headers.get('cache-control')).toContain('immutable');
  expect(asset?.headers.get('content-type')).toContain('javascript');
  expect(await asset?.text()).toBe(script);
  expect((await files.page(new Headers()))?.headers.get('cache-control')).toBe('no-cache');
  expect((await files.file('/icon.png', new Headers()))?.headers.get('cache-control')).toBe('no-cache');
});

test('text is compressed for those who take it, and says so', async () => {
  const zipped = await files.file('/assets/main-abc123.js', new Headers({ 'accept-encoding': 'br, gzip' }));
  expect(zipped?.headers.get('content-encoding')).toBe('gzip');
  expect(zipped?.headers.get('vary')).toBe('accept-encoding');
  const body = zipped?.body?.pipeThrough(new DecompressionStream('gzip'));
  expect(await new Response(body ?? null).text()).toBe(script);
  const picture = await files.file('/icon.png', new Headers({ 'accept-encoding': 'gzip' }));
  expect(picture?.headers.get('content-encoding')).toBeNull();
});

test('what has not changed is not sent again, and what has is', async () => {
  const etag = (await files.page(new Headers()))?.headers.get('etag') ?? '';
  const again = await files.page(new Headers({ 'if-none-match': etag }));
  expect([again?.status, await again?.text()]).toEqual([304, '']);
  writeFileSync(join(dir, 'index.html'), '<!doctype html><title>another app</title>');
  const changed = await files.page(new Headers({ 'if-none-match': etag }));
  expect(await changed?.text()).toContain('another app');
});

test.each([
  '/../outside.txt',
  '/assets/../../outside.txt',
  '/.secret',
  '/assets/.hidden',
  '/',
  '/index.html',
  '/a\0b.js',
])('does not serve %j as a file', async (path) => {
  expect(await files.file(path, new Headers())).toBeNull();
});

test('without a build there is no page', async () => {
  expect(await createStatic(join(root, 'none')).page(new Headers())).toBeNull();
});

test.each([
  ['/trials/1?x=2', '/trials/1?x=2'],
  ['https://evil.example/x', '/'],
  ['//evil.example/x', '/'],
  ['/\\evil.example', '/'],
  ['javascript:alert(1)', '/'],
  ['/signin', '/'],
])('goes on from %s to %s', (asked, expected) => {
  expect(localPath(asked)).toBe(expected);
});

test.each([
  [{ host: 'a:1' }, true],
  [{ host: 'a:1', origin: 'http://a:1' }, true],
  [{ host: 'A:1', origin: 'https://a:1' }, true],
  [{ host: 'a:1', origin: 'http://a:2' }, false],
  [{ host: 'a', origin: 'http://b' }, false],
  [{ host: 'a', origin: 'null' }, false],
  [{ origin: 'http://a' }, false],
])('%o is of this server: %s', (headers, expected) => {
  expect(sameOrigin(headers)).toBe(expected);
});
