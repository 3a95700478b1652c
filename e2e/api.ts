/** The HTTP interface as a script would use it: a bearer token, JSON, and an error that shows the refusal. */
import { z } from 'zod';
import type { RunningServer } from './server.ts';

/** Calls an endpoint and returns the parsed reply. Throws with status and body when it is refused. */
export async function call<Reply extends z.ZodType>(
  server: Pick<RunningServer, 'url' | 'token'>,
  method: string,
  path: string,
  reply: Reply,
  body?: unknown,
): Promise<z.output<Reply>> {
  const response = await fetch(server.url + path, {
    method,
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return reply.parse(JSON.parse(text));
}

const Listing = z.object({ notebooks: z.array(z.object({ id: z.string(), path: z.string(), title: z.string() })) });

/** Id of the notebook at this path of the notebooks folder. */
export async function notebookId(server: Pick<RunningServer, 'url' | 'token'>, path: string): Promise<string> {
  const { notebooks } = await call(server, 'GET', '/api/notebooks', Listing);
  const found = notebooks.find((notebook) => notebook.path === path);
  if (!found)
    throw new Error(`no notebook ${path}; there are ${notebooks.map((notebook) => notebook.path).join(', ')}`);
  return found.id;
}
