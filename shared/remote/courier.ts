/** Brings the words of a script's trial to a server over HTTP, and the server's answers back. */
import { z } from 'zod';
import { Problem } from '../api/endpoint.ts';
import { REMOTE_VERSION, RemoteReply } from '../api/remote.ts';
import type { SpoolOpening } from './spool.ts';

/** Longest time for one request, in ms. */
const PATIENCE = 20_000;

/** The server cannot be reached, or cannot answer now: what was said is to be said again later. */
export class ServerAway extends Error {
  override readonly name = 'ServerAway';
}

/** The server will not take it, however often it is said: the token is wrong, the role too low, the version another. */
export class ServerRefused extends Error {
  override readonly name = 'ServerRefused';
  readonly status: number;
  readonly problem: Problem;

  constructor(status: number, problem: Problem) {
    super([problem.message, problem.fix].filter(Boolean).join('; '));
    this.status = status;
    this.problem = problem;
  }
}

export interface CourierOptions {
  /** e.g. `http://127.0.0.1:8700` */
  url: string;
  token: string | undefined;
  /** Ends requests. */
  signal?: AbortSignal;
}

export class Courier {
  readonly #options: CourierOptions;

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  /** Opens the trial, or takes it up again. `past`: it was recorded earlier, and nobody gives signs of life. */
  async open({ id, open, startedAt }: SpoolOpening, past: boolean): Promise<RemoteReply & { room: string }> {
    const body = { version: REMOTE_VERSION, id, open, startedAt, sentAt: Date.now(), past };
    const reply = await this.#post('/api/remote/trials', JSON.stringify(body), 'application/json');
    return RemoteReply.extend({ room: z.string() }).parse(reply);
  }

  /** A sign of life. */
  async beat(id: string): Promise<RemoteReply> {
    const body = JSON.stringify({ version: REMOTE_VERSION });
    return RemoteReply.parse(await this.#post(`/api/remote/trials/${id}/beat`, body, 'application/json'));
  }

  /** Sends records; everything up to `after` was delivered before, or given up. */
  async send(id: string, after: number, records: Uint8Array): Promise<RemoteReply> {
    const path = `/api/remote/trials/${id}/records?version=${REMOTE_VERSION}&after=${after}`;
    return RemoteReply.parse(await this.#post(path, records, 'application/octet-stream'));
  }

  /** @throws ServerAway, ServerRefused */
  async #post(path: string, body: string | Uint8Array, type: string): Promise<unknown> {
    const { url, token, signal } = this.#options;
    const patience = AbortSignal.timeout(PATIENCE);
    let response: Response;
    let text: string;
    try {
      response = await fetch(new URL(path, url), {
        method: 'POST',
        headers: { 'content-type': type, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
        body: typeof body === 'string' ? body : new Uint8Array(body),
        signal: signal ? AbortSignal.any([signal, patience]) : patience,
      });
      text = await response.text();
    } catch (error) {
      throw new ServerAway(reasonOf(error));
    }
    if (response.ok) return JSON.parse(text);
    const problem = problemIn(text) ?? { error: 'unknown', message: `${url} answered ${response.status}` };
    if (response.status >= 500 || response.status === 429) throw new ServerAway(problem.message);
    throw new ServerRefused(response.status, problem);
  }
}

function problemIn(text: string): Problem | undefined {
  try {
    return Problem.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** `fetch` says only that it failed; the cause says why. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return cause.message || ('code' in cause ? String(cause.code) : cause.name);
}
