/**
 * Joins an endpoint of `shared/api` with its handler: validation, role check and OpenAPI come from the declaration,
 * so a route cannot be served without them.
 */
import type { Endpoint } from '@trialroom/shared/api/endpoint';
import type { Action, Person } from '@trialroom/shared/policy/policy';
import type { z } from 'zod';

/** What a handler gets: parsed input and who asks. */
export interface Call<E extends Endpoint> {
  params: z.output<E['params']>;
  query: z.output<E['query']>;
  body: z.output<E['body']>;
  person: Person;
}

/** Registers endpoints; implemented by the app. */
export interface Router {
  on<E extends Endpoint>(endpoint: E, handler: (call: Call<E>) => Promise<z.input<E['reply']>>): void;
  /** Serves what is not JSON with GET: files, streams. `path` as in an endpoint, e.g. `/api/blobs/{sha256}`. */
  raw(path: string, needs: Action, summary: string, handler: (call: RawCall) => Promise<Response>): void;
  /** Takes what is not JSON with POST: files, records. The body is not read yet. */
  upload(path: string, needs: Action, summary: string, handler: (call: RawCall) => Promise<Response>): void;
}

/** What a handler of bytes gets; the parameters are not validated yet. */
export interface RawCall {
  params: Record<string, string>;
  person: Person;
  request: Request;
}
