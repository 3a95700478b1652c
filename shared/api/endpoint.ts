/**
 * One HTTP endpoint, said once: the server registers it (validation, OpenAPI), the browser calls it (types, parsing).
 */
import { z } from 'zod';
import type { Action } from '../policy/policy.ts';

export interface Endpoint<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Reply extends z.ZodType = z.ZodType,
> {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** OpenAPI style, e.g. `/api/notebooks/{id}`. */
  path: string;
  summary: string;
  /** What the caller must be allowed to do. */
  needs: Action;
  params: Params;
  query: Query;
  body: Body;
  reply: Reply;
}

const nothing = z.object({});

/** The reply of an endpoint that answers with bytes, not with JSON. */
export const Bytes = z.instanceof(Uint8Array);

/** Declares an endpoint; parts left out accept nothing. */
export function endpoint<
  Params extends z.ZodType = typeof nothing,
  Query extends z.ZodType = typeof nothing,
  Body extends z.ZodType = typeof nothing,
  Reply extends z.ZodType = typeof nothing,
>(
  parts: Pick<Endpoint, 'method' | 'path' | 'summary' | 'needs'> & {
    params?: Params;
    query?: Query;
    body?: Body;
    reply?: Reply;
  },
): Endpoint<Params, Query, Body, Reply> {
  return {
    params: nothing as unknown as Params,
    query: nothing as unknown as Query,
    body: nothing as unknown as Body,
    reply: nothing as unknown as Reply,
    ...parts,
  };
}

/** Every refusal looks like this, with a fitting HTTP status. */
export const Problem = z.object({
  /** Short machine name, e.g. `notebook-broken`. */
  error: z.string(),
  /** What was wrong. */
  message: z.string(),
  /** Where: a path, a field, a line. */
  where: z.string().optional(),
  /** What to do about it. */
  fix: z.string().optional(),
});
export type Problem = z.infer<typeof Problem>;
