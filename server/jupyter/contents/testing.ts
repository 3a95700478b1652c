/** For tests: the contents of a whole server, asked for as clients do. */
import { afterAll, beforeAll, expect } from 'vitest';
import { z } from 'zod';
import { startTestServer, type TestServer } from '../testing.ts';

/** What clients may rely on. */
export const Model = z.strictObject({
  name: z.string(),
  path: z.string(),
  type: z.enum(['directory', 'file', 'notebook']),
  writable: z.boolean(),
  created: z.iso.datetime(),
  last_modified: z.iso.datetime(),
  mimetype: z.string().nullable(),
  format: z.enum(['json', 'text', 'base64']).nullable(),
  content: z.unknown(),
  size: z.number().int().nullable(),
  hash: z.string().length(64).nullable(),
  hash_algorithm: z.literal('sha256').nullable(),
});
const Problem = z.object({ message: z.string(), reason: z.string(), error: z.string() });

/** An answer over HTTP; a refusal has the form that clients expect. */
interface Answer {
  status: number;
  value: unknown;
  headers: Headers;
}

/** The contents of a test's server. */
export interface TestContents {
  readonly server: TestServer;
  ask(method: string, path: string, body?: unknown, role?: 'editor' | 'viewer' | null): Promise<Answer>;
  /** The same, where the answer is a model. */
  model(method: string, path: string, body?: unknown): Promise<z.infer<typeof Model>>;
  /** Source of each cell of a notebook. */
  sources(path: string): Promise<string[]>;
}

/** A server for the tests of one `describe`. Called once, in the `describe`. */
export function useContents(): TestContents {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  const ask = async (method: string, path: string, body?: unknown, role: 'editor' | 'viewer' | null = 'editor') => {
    const response = await server.ask(role, method, `/api/contents/${path}`, body);
    const text = await response.text();
    const value: unknown = text === '' ? null : JSON.parse(text);
    if (!response.ok) expect(Problem.safeParse(value).error).toBeUndefined();
    return { status: response.status, value, headers: response.headers };
  };
  const model = async (method: string, path: string, body?: unknown) => {
    const { value } = await ask(method, path, body);
    if (Model.safeParse(value).success) return Model.parse(value);
    throw new Error(`${method} ${path} gave no model: ${JSON.stringify(value)}`);
  };
  const sources = async (path: string): Promise<string[]> => {
    const { content } = await model('GET', `${path}?type=notebook`);
    return z
      .object({ cells: z.array(z.object({ source: z.string() })) })
      .parse(content)
      .cells.map(({ source }) => source);
  };

  return {
    get server() {
      return server;
    },
    ask,
    model,
    sources,
  };
}
