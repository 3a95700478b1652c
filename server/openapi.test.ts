/** The interface as the server describes it: every endpoint, with what it takes and answers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as endpoints from '@trialroom/shared/api/endpoints';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type RunningServer, startServer } from './app.ts';
import { readConfig } from './config.ts';

const folder = mkdtempSync(join(tmpdir(), 'trialroom-openapi-'));
let server: RunningServer;
beforeAll(async () => {
  server = await startServer(
    readConfig({ port: 0, dataDir: join(folder, 'data'), notebooksDir: join(folder, 'notebooks') }, {}),
  );
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const described = async (): Promise<unknown> => {
  const reply = await fetch(`${server.url}/api/openapi.json`, { headers: { authorization: `Bearer ${server.token}` } });
  return reply.json();
};

test('describes itself as OpenAPI', async () => {
  const document = z
    .object({ openapi: z.string(), paths: z.record(z.string(), z.record(z.string(), z.unknown())) })
    .parse(await described());
  expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(['/api/me', '/api/invites', '/api/status']));
  expect(JSON.stringify(document.paths['/api/invites']?.post)).toContain('viewer');
});

test('names every endpoint that is declared, with what it takes and answers', async () => {
  const Body = z.object({ schema: z.looseObject({}) });
  const Content = z.object({
    content: z.union([
      z.strictObject({ 'application/json': Body }),
      // What is read in numbers, not in words.
      z.strictObject({ 'application/octet-stream': Body }),
    ]),
  });
  const Operation = z.object({
    summary: z.string().min(1),
    responses: z.looseObject({ 200: Content }),
    requestBody: Content.optional(),
  });
  const Declared = z.object({ method: z.string(), path: z.string().startsWith('/api/'), reply: z.looseObject({}) });
  const document = z
    .object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })
    .parse(await described());
  const declared = Object.values(endpoints)
    .flatMap((group): unknown[] => (typeof group === 'object' ? Object.values(group) : []))
    .flatMap((one) => Declared.safeParse(one).data ?? []);
  expect(declared.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['/api/experiments/{id}/alerts/{rule}', '/api/remote/trials', '/api/comparison']),
  );
  for (const { method, path } of declared) {
    const operation = Operation.safeParse(document.paths[path]?.[method]);
    expect(operation.success ? 'described' : `${method} ${path}: ${operation.error.message}`).toBe('described');
    const schemas = [operation.data?.responses[200], ...(method === 'get' ? [] : [operation.data?.requestBody])];
    for (const one of schemas) {
      const [body] = Object.values(one?.content ?? {});
      expect(Object.keys(body?.schema ?? {}), `${method} ${path}`).not.toEqual([]);
    }
  }
});
