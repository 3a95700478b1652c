/** `/api/kernels` and `/api/sessions`: who may start, stop and look at what. */
import { z } from 'zod';
import { type Door, json, nothing } from '../door.ts';
import type { JupyterSessions } from './jupyter-sessions.ts';
import type { Kernels } from './kernels.ts';
import { requireKernelName } from './kernelspecs.ts';

const text = z.string().max(1000);
const Kernel = z.object({ id: text.nullish(), name: text.nullish() }).nullish();
const Start = z.object({ name: text.nullish(), path: text.nullish() });
const Wish = z.object({
  path: text.nullish(),
  name: text.nullish(),
  type: text.nullish(),
  kernel: Kernel,
  /** As old clients ask. */
  notebook: z.object({ path: text }).nullish(),
});

const wishOf = ({ path, name, type, kernel, notebook }: z.output<typeof Wish>) => ({
  path: path ?? notebook?.path,
  name: name ?? undefined,
  type: type ?? undefined,
  kernel: kernel?.id ?? undefined,
});

/** Adds the routes of kernels and sessions to the door. */
export function kernelRoutes(door: Door, kernels: Kernels, sessions: JupyterSessions): void {
  const one = /\/api\/kernels\/(?<id>[^/]+)/;
  door.on('GET', /\/api\/kernels/, 'read', async () => json(kernels.list().map((kernel) => kernels.model(kernel))));
  door.on('POST', /\/api\/kernels/, 'run', async ({ body, person }) => {
    const { name, path } = await body(Start);
    requireKernelName(name);
    return made('kernels', kernels.model(await kernels.start(path || `a kernel of ${person.name}`)));
  });
  door.on('GET', one, 'read', async ({ params: { id = '' } }) => json(kernels.model(kernels.find(id))));
  door.on('DELETE', one, 'run', async ({ params: { id = '' } }) => {
    await kernels.shutdown(id);
    return nothing();
  });
  door.on('POST', /\/api\/kernels\/(?<id>[^/]+)\/interrupt/, 'run', async ({ params: { id = '' } }) => {
    await kernels.interrupt(id);
    return nothing();
  });
  door.on('POST', /\/api\/kernels\/(?<id>[^/]+)\/restart/, 'run', async ({ params: { id = '' } }) =>
    json(kernels.model(await kernels.restart(id))),
  );

  const session = /\/api\/sessions\/(?<id>[^/]+)/;
  door.on('GET', /\/api\/sessions/, 'read', async () => json(sessions.list()));
  door.on('POST', /\/api\/sessions/, 'run', async ({ body }) => {
    const wish = await body(Wish.refine((asked) => wishOf(asked).path, { error: 'a path is needed', path: ['path'] }));
    const { path = '', ...rest } = wishOf(wish);
    requireKernelName(wish.kernel?.name);
    return made('sessions', await sessions.open({ ...rest, path }));
  });
  door.on('GET', session, 'read', async ({ params: { id = '' } }) => json(sessions.find(id)));
  door.on('PATCH', session, 'run', async ({ params: { id = '' }, body }) => {
    const wish = await body(Wish);
    requireKernelName(wish.kernel?.name);
    const changed = await sessions.change(id, wishOf(wish));
    // To name a kernel without saying which is to ask for a new one.
    if (wish.kernel?.name && !wish.kernel.id) await kernels.restart(changed.kernel.id);
    return json(sessions.find(changed.id));
  });
  door.on('DELETE', session, 'run', async ({ params: { id = '' } }) => {
    await sessions.end(id);
    return nothing();
  });
}

function made(kind: 'kernels' | 'sessions', model: { id: string }): Response {
  const response = json(model, 201);
  response.headers.set('location', `/api/${kind}/${model.id}`);
  return response;
}
