/** `POST /api/imports`. */
import { ImportReply, imports, REMOTE_VERSION } from '@trialroom/shared/api/remote';
import { ulid } from 'ulid';
import { Refusal } from '../http/refusal.ts';
import type { Router } from '../http/register.ts';
import type { Remote } from '../remote/remote.ts';
import { importFiles } from './import.ts';
import type { ImportedFile } from './imported.ts';

export function importsRoutes(router: Router, remote: Remote): void {
  router.upload(imports.path, imports.needs, imports.summary, async ({ person, request }) => {
    const asked = imports.query.safeParse(Object.fromEntries(new URL(request.url).searchParams));
    if (!asked.success)
      throw badInput(asked.error.issues[0]?.message ?? 'is wrong', String(asked.error.issues[0]?.path[0]));
    const { experiment, name, again } = asked.data;
    const files = await filesOf(request, name);
    const imported = await importFiles(
      files,
      { experiment, copy: again === 'true' ? ulid() : undefined },
      {
        open: (given) => remote.open({ ...given, version: REMOTE_VERSION, past: true }, person),
        send: (id, after, bytes) => remote.take(id, { version: REMOTE_VERSION, after, bytes }),
      },
    );
    return Response.json(ImportReply.parse({ imported }));
  });
}

async function filesOf(request: Request, name: string | undefined): Promise<ImportedFile[]> {
  if (!request.headers.get('content-type')?.startsWith('multipart/form-data')) {
    if (name === undefined) throw badInput('say what the file is called', 'name');
    return [{ path: name, bytes: new Uint8Array(await request.arrayBuffer()) }];
  }
  const form = await request.formData().catch((error: unknown) => {
    throw badInput(`the form cannot be read: ${error instanceof Error ? error.message : error}`, 'body');
  });
  const files: ImportedFile[] = [];
  for (const [field, value] of form) {
    if (typeof value === 'string') continue;
    files.push({ path: value.name || field, bytes: new Uint8Array(await value.arrayBuffer()) });
  }
  return files;
}

const badInput = (message: string, where: string): Refusal =>
  new Refusal(400, {
    error: 'bad-input',
    message: `${where}: ${message}`,
    where,
    fix: 'send files as multipart/form-data, or one file as the body with ?name=metrics.csv',
  });
