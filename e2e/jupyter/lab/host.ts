/**
 * Serves JupyterLab's page, with what JupyterLab's own server gives beside Jupyter's interface: settings and workspaces,
 * kept for as long as this runs. Everything else the page asks of the Trialroom server that it is told of.
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { z } from 'zod';

const Setting = z.object({ id: z.string(), schema: z.unknown(), version: z.string() });
const Workspace = z.object({ metadata: z.object({ id: z.string() }) });

const TYPES: Record<string, string> = {
  ...{ '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.svg': 'image/svg+xml' },
  ...{ '.woff': 'font/woff', '.woff2': 'font/woff2', '.ttf': 'font/ttf', '.png': 'image/png' },
};

export interface Host {
  /** Of the page, e.g. `http://127.0.0.1:40001/lab`. */
  url: string;
  close(): Promise<void>;
}

/** @param folder that build.ts wrote into @param server e.g. `http://127.0.0.1:8700`, and its token */
export async function startHost(folder: string, server: { url: string; token: string }): Promise<Host> {
  const files = join(folder, 'page');
  const settings = z.array(Setting).parse(JSON.parse(await readFile(join(files, 'settings.json'), 'utf8')));
  const raw = new Map<string, string>();
  const workspaces = new Map<string, unknown>();

  const page = (workspace: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>JupyterLab</title>
<script id="jupyter-config-data" type="application/json">${JSON.stringify(options(workspace)).replace(/</g, '\\u003c')}</script>
<link rel="stylesheet" href="/page/lab.css"><script type="module" src="/page/lab.js"></script></head><body></body></html>`;
  const options = (workspace: string): Record<string, string> => ({
    ...{ serverUrl: `${server.url}/`, serverToken: server.token, baseUrl: '/', token: '', appUrl: '/lab' },
    ...{ appName: 'JupyterLab', appNamespace: 'lab', mode: 'multiple-document', workspace, treePath: '' },
    ...{ terminalsAvailable: 'false', federated_extensions: '[]', exposeAppInBrowser: 'true' },
  });

  const shown = ({ id, schema, version }: z.output<typeof Setting>) => {
    const text = raw.get(id) ?? '{}';
    return { id, schema, version, raw: text, settings: {}, created: null, last_modified: null };
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://local.invalid');
    const path = decodeURIComponent(pathname);
    const json = (value: unknown, status = 200): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    const about = /^\/lab\/api\/(settings|workspaces)(?:\/(.*))?$/.exec(path);
    if (about?.[1] === 'settings') {
      const found = settings.find(({ id }) => id === about[2]);
      if (!about[2]) return json({ settings: settings.map(shown) });
      if (!found) return json({ message: `no settings ${about[2]}` }, 404);
      if (request.method !== 'PUT') return json(shown(found));
      raw.set(found.id, z.object({ raw: z.string() }).parse(JSON.parse(await bodyOf(request))).raw);
      response.writeHead(204).end();
    } else if (about?.[1] === 'workspaces') {
      const id = about[2] ?? '';
      if (!id) return json({ workspaces: { ids: [...workspaces.keys()], values: [...workspaces.values()] } });
      if (request.method !== 'PUT') return json(workspaces.get(id) ?? { data: {}, metadata: { id } });
      const sent: unknown = JSON.parse(await bodyOf(request));
      workspaces.set(Workspace.parse(sent).metadata.id, sent);
      response.writeHead(204).end();
    } else if (path.startsWith('/kernelspecs/')) {
      // Pictures of kernels are asked for by path alone: here, the page's.
      const logo = await fetch(server.url + path, { headers: { authorization: `token ${server.token}` } });
      response.writeHead(logo.status, { 'content-type': logo.headers.get('content-type') ?? '' });
      response.end(Buffer.from(await logo.arrayBuffer()));
    } else if (path.startsWith('/page/')) {
      const file = join(files, normalize(path.slice('/page'.length)));
      const bytes = await readFile(file);
      response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(bytes);
    } else if (/^\/lab(?:\/|$)/.test(path)) {
      const workspace = /\/workspaces\/([^/]+)/.exec(path)?.[1] ?? 'default';
      response.writeHead(200, { 'content-type': 'text/html' }).end(page(workspace));
    } else json({ message: 'not here' }, 404);
  }

  const http = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(404).end(String(error)));
  }).listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('the page has no port');
  return {
    url: `http://127.0.0.1:${address.port}/lab`,
    async close() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}
