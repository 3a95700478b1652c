/** `/api/contents` and `/files`: who may do what with which file, and in what form it is said. */
import { open } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { Readable } from 'node:stream';
import { may, type Person } from '@trialroom/shared/policy/policy';
import { z } from 'zod';
import { type Door, json, nothing } from '../door.ts';
import type { Contents, Visitor } from './contents.ts';
import { typeByName } from './models.ts';

const Type = z.enum(['directory', 'file', 'notebook']);
const Format = z.enum(['text', 'base64', 'json']);
/** What a client asks to see; by default all of it, in the form that its kind has. */
const Query = z.object({
  type: Type.optional(),
  format: Format.optional(),
  content: z.string().optional(),
  hash: z.string().optional(),
});
const Save = z.object({
  /** Without it, the path says. */
  type: Type.optional(),
  format: Format.nullish().transform((format) => format ?? null),
  content: z.unknown().optional(),
  chunk: z.number().int().optional(),
});
const Make = z.object({
  copy_from: z.string().optional(),
  type: Type.default('file'),
  ext: z
    .string()
    .max(32)
    .regex(/^[\w.-]*$/)
    .default(''),
});

/** Files were made by anyone: shown by a browser, they may run nothing and speak with nobody. */
const POLICY = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; media-src data:";

const visitorOf = ({ id, name, role }: Person): Visitor => ({ id, name, mayEdit: may(role, 'edit') });
const address = (path: string): string => `/api/contents/${path.split('/').map(encodeURIComponent).join('/')}`;

/** Adds the routes of the contents service to the door. */
export function contentsRoutes(door: Door, contents: Contents): void {
  door.on('GET', /\/api\/contents\/(?<path>.+)\/checkpoints/, 'read', async ({ params: { path = '' } }) =>
    json(await contents.checkpointsOf(path)),
  );
  door.on('POST', /\/api\/contents\/(?<path>.+)\/checkpoints/, 'edit', async ({ params: { path = '' } }) => {
    const checkpoint = await contents.checkpoint(path);
    return found(checkpoint, `${address(path)}/checkpoints/${checkpoint.id}`, 201);
  });
  const one = /\/api\/contents\/(?<path>.+)\/checkpoints\/(?<id>[^/]+)/;
  door.on('POST', one, 'edit', async ({ params: { path = '', id = '' }, person }) => {
    await contents.restore(path, id, visitorOf(person));
    return nothing();
  });
  door.on('DELETE', one, 'edit', async ({ params: { path = '', id = '' } }) => {
    await contents.dropCheckpoint(path, id);
    return nothing();
  });

  const any = /\/api\/contents(?:\/(?<path>.*))?/;
  door.on('GET', any, 'read', async ({ params: { path = '' }, asked, person }) => {
    const { type = null, format = null, content, hash } = asked(Query);
    const wanted = { type, format, content: content !== '0', hash: hash === '1' };
    return json(await contents.get(path, wanted, visitorOf(person)));
  });
  door.on('PUT', any, 'edit', async ({ params: { path = '' }, body, person }) => {
    const saved = await contents.save(path, await body(Save), visitorOf(person));
    return found(saved.model, address(saved.model.path), saved.made ? 201 : 200);
  });
  door.on('POST', any, 'edit', async ({ params: { path = '' }, body, person }) => {
    const { copy_from: from, type, ext } = await body(Make);
    const visitor = visitorOf(person);
    const made = await (from === undefined
      ? contents.untitled(path, type, ext, visitor)
      : contents.copy(from, path, visitor));
    return found(made, address(made.path), 201);
  });
  door.on('PATCH', any, 'edit', async ({ params: { path = '' }, body, person }) => {
    const { path: to } = await body(z.object({ path: z.string().min(1) }));
    const renamed = await contents.rename(path, to, visitorOf(person));
    return found(renamed, address(renamed.path), 200);
  });
  door.on('DELETE', any, 'edit', async ({ params: { path = '' }, person }) => {
    await contents.remove(path, visitorOf(person));
    return nothing();
  });

  door.on('GET', /\/files\/(?<path>.+)/, 'read', async ({ params: { path = '' }, query, request }) => {
    const thing = await contents.file(path);
    const type = typeByName(thing.path) ?? (extname(thing.path) === '.ipynb' ? 'application/json' : null);
    const headers = {
      'content-type':
        type === null ? 'application/octet-stream' : /^text\//.test(type) ? `${type}; charset=utf-8` : type,
      'content-length': String(thing.size),
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'content-disposition': `${query.has('download') || type === null ? 'attachment' : 'inline'}; filename*=UTF-8''${encodeURIComponent(basename(thing.path))}`,
    };
    if (request.method === 'HEAD' || thing.size === 0) return new Response(null, { headers });
    const file = await open(thing.full);
    const bytes = Readable.toWeb(file.createReadStream({ end: thing.size - 1 }));
    // Node's own type of a web stream is not quite the one that its fetch takes.
    return new Response(bytes as ReadableStream<Uint8Array>, { headers });
  });
}

/** An answer that says where the thing is now. */
function found(model: object, where: string, status: 200 | 201): Response {
  const response = json(model, status);
  response.headers.set('location', where);
  return response;
}
