/** Where trials of a script or a headless run go, from what it was told and from its environment. */
import { resolve } from 'node:path';
import { SPOOL_LIMITS } from './spool.ts';

/** How a script reaches a server. What is not given comes from the environment. */
export interface RemoteOptions {
  /** Address of the server (`TRIALROOM_URL`). */
  url?: string | undefined;
  /** Its owner's token, or one that an owner has invited with (`TRIALROOM_TOKEN`). */
  token?: string | undefined;
  /** `offline`: everything is kept, and delivered by `trialroom sync` (`TRIALROOM_MODE`). */
  mode?: 'online' | 'offline' | undefined;
  /** Folder in which trials are kept until they are delivered (`TRIALROOM_SPOOL`; default `trialroom-spool`). */
  spool?: string | undefined;
  /** Whether what the script prints becomes the trial's log; default true. */
  console?: boolean | undefined;
}

/** Where trials go, with what was left out filled in. */
export interface RemoteSettings {
  /** Null: offline. */
  server: { url: string; token: string | undefined } | null;
  url: string | null;
  spool: string;
  limits: typeof SPOOL_LIMITS;
  console: boolean;
  /** How long the end of a trial waits for a server that is away, in ms. */
  patience: number;
}

/**
 * The settings; null when nothing says where trials go: then they are only shown in the terminal.
 * @throws TypeError when what is given makes no sense
 */
export function remoteSettings(options: RemoteOptions, env: NodeJS.ProcessEnv): RemoteSettings | null {
  const given = options.url ?? (env.TRIALROOM_URL || undefined);
  const mode = options.mode ?? (env.TRIALROOM_MODE || 'online');
  if (mode !== 'online' && mode !== 'offline') {
    throw new TypeError(`TRIALROOM_MODE is "${mode}"; give online or offline`);
  }
  if (given === undefined && mode === 'online') return null;
  const address = given === undefined ? undefined : addressIn(given);
  const url = address?.url;
  const token = options.token ?? (env.TRIALROOM_TOKEN || address?.token);
  return {
    server: mode === 'offline' || url === undefined ? null : { url, token },
    url: url ?? null,
    spool: resolve(options.spool ?? (env.TRIALROOM_SPOOL || 'trialroom-spool')),
    limits: { ...SPOOL_LIMITS, bytes: amount(env, 'TRIALROOM_SPOOL_MB', SPOOL_LIMITS.bytes / 2 ** 20) * 2 ** 20 },
    console: options.console ?? true,
    patience: amount(env, 'TRIALROOM_FINISH_SECONDS', 10) * 1000,
  };
}

/**
 * The address of a server. People paste the one that they sign in with: its token is taken out, since the address is kept
 * on the disk and shown.
 */
function addressIn(given: string): { url: string; token: string | undefined } {
  if (!/^https?:\/\//.test(given) || !URL.canParse(given)) {
    throw new TypeError(`TRIALROOM_URL is "${given}"; give an address such as http://127.0.0.1:8700`);
  }
  const { origin, pathname, searchParams } = new URL(given);
  return { url: pathname === '/' ? origin : origin + pathname, token: searchParams.get('token') ?? undefined };
}

function amount(env: NodeJS.ProcessEnv, name: string, otherwise: number): number {
  const text = env[name];
  if (text === undefined || text === '') return otherwise;
  const value = Number(text);
  if (!(value >= 0)) throw new TypeError(`${name} is "${text}"; give a number from 0 on`);
  return value;
}
