import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpApp } from '../http/router.ts';
import { type Blobs, blobUrl, createBlobs, listBlobs, spillUrl } from './blobs.ts';
import { blobsRoutes } from './routes.ts';

let folder: string;
let blobs: Blobs;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trialroom-blobs-'));
  blobs = createBlobs(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('blobs', () => {
  it('names bytes by their hash and stores them once', async () => {
    const made = await blobs.put('abc');
    expect(made).toEqual({ sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', bytes: 3 });
    expect(await blobs.put(Buffer.from('abc'))).toEqual(made);
    expect(await listBlobs(folder)).toEqual([made.sha256]);
    expect(await readFile((await blobs.find(made.sha256))?.path ?? '', 'utf8')).toBe('abc');
  });

  it('takes a stream, and nothing of one that breaks off', async () => {
    async function* pieces(fails: boolean) {
      yield Buffer.from('stre');
      if (fails) throw new Error('cut');
      yield Buffer.from('am');
    }
    const made = await blobs.putStream(pieces(false));
    expect(made).toEqual(await blobs.put('stream'));
    await expect(blobs.putStream(pieces(true))).rejects.toThrow('cut');
    expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('finds nothing under names that are no hash or no execution', async () => {
    expect(await blobs.find('../../etc/passwd')).toBeNull();
    expect(await blobs.find('0'.repeat(64))).toBeNull();
    expect(await blobs.findSpill('..', 'stdout')).toBeNull();
    expect(await blobs.findSpill('x1', '../x1')).toBeNull();
    await expect(blobs.spill('../x', 'stdout')).rejects.toThrow('not the id of an execution');
  });

  it('grows a spill in the order of the calls', async () => {
    const spill = await blobs.spill('x1', 'stdout');
    const texts = Array.from({ length: 200 }, (_, i) => `${i} ü\n`);
    await Promise.all(texts.map((text) => spill.append(text)));
    expect(spill.lines).toBe(200);
    await spill.close();
    const found = await blobs.findSpill('x1', 'stdout');
    expect(await readFile(found?.path ?? '', 'utf8')).toBe(texts.join(''));
    expect(found?.bytes).toBe(spill.bytes);
    await blobs.dropSpills(['x1', 'never']);
    expect(await blobs.findSpill('x1', 'stdout')).toBeNull();
  });
});

describe('blobs over HTTP', () => {
  const { app, router } = createHttpApp({
    authenticate: async (headers) =>
      headers.get('authorization') === 'Bearer good' ? { id: 'a', name: 'Ann', colour: 'a', role: 'viewer' } : null,
    log: pino({ level: 'silent' }),
    version: 'test',
  });
  beforeAll(() => blobsRoutes(router, blobs));
  const get = async (url: string, headers: Record<string, string> = { authorization: 'Bearer good' }) =>
    app.request(url, { headers });

  it('serves bytes as a download, and a known type only where no script of it can run', async () => {
    const { sha256 } = await blobs.put('<script>alert(1)</script>');
    const plain = await get(blobUrl(sha256));
    expect(plain.headers.get('content-type')).toBe('application/octet-stream');
    expect(plain.headers.get('content-disposition')).toContain('attachment');
    for (const type of ['text/html', 'image/svg+xml', 'application/javascript']) {
      const reply = await get(`${blobUrl(sha256)}?type=${encodeURIComponent(type)}`);
      expect(reply.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
      expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
      expect(await reply.text()).toBe('<script>alert(1)</script>');
    }
    const script = await get(`${blobUrl(sha256)}?type=application/javascript`);
    expect(script.headers.get('content-type')).toBe('application/octet-stream');
  });

  it('serves the part asked for', async () => {
    const { sha256 } = await blobs.put('0123456789');
    const part = await get(blobUrl(sha256), { authorization: 'Bearer good', range: 'bytes=2-4' });
    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([206, '234', 'bytes 2-4/10']);
    const end = await get(blobUrl(sha256), { authorization: 'Bearer good', range: 'bytes=-3' });
    expect(await end.text()).toBe('789');
    const none = await get(blobUrl(sha256), { authorization: 'Bearer good', range: 'bytes=10-' });
    expect(none.status).toBe(416);
  });

  it('serves a stream that still grows, and says when there is none', async () => {
    const spill = await blobs.spill('x2', 'stderr');
    await spill.append('so far');
    const reply = await get(spillUrl('x2', 'stderr'));
    expect([reply.status, reply.headers.get('content-type'), await reply.text()]).toEqual([
      200,
      'text/plain; charset=utf-8',
      'so far',
    ]);
    await spill.close();
    expect((await get(spillUrl('x3', 'stdout'))).status).toBe(404);
  });

  it('serves nothing to strangers', async () => {
    const { sha256 } = await blobs.put('secret');
    expect((await get(blobUrl(sha256), {})).status).toBe(401);
    expect((await get(spillUrl('x2', 'stderr'), {})).status).toBe(401);
  });
});
