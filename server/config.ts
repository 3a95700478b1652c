/** Settings of a server or worker: flags win over the environment, the environment over defaults. Parsed once, at the door. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { Refusal } from './http/refusal.ts';

const Port = z.coerce.number().int().min(0).max(65_535);

const Settings = z.object({
  /** 0 takes any free port. */
  port: Port,
  host: z.string().min(1),
  /** Absolute folder of everything that is kept besides notebooks. */
  dataDir: z.string(),
  /** Absolute folder of `.ipynb` files. */
  notebooksDir: z.string(),
  /** `postgres://…`; absent: the embedded database. */
  databaseUrl: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  /** PostgreSQL schema to live in; absent: `public`. */
  databaseSchema: z
    .string()
    .regex(/^[a-z_][a-z0-9_]*$/)
    .optional(),
  /** `redis://…`; absent: one process does everything. */
  redisUrl: z.url({ protocol: /^rediss?$/ }).optional(),
  /** Begins every Redis key and channel, so that workspaces can share one Redis. */
  redisPrefix: z.string().regex(/^[\w.-]+$/),
  /** Address that people use, when it is not the one listened on. */
  publicUrl: z.url({ protocol: /^https?$/ }).optional(),
  /** The owner's token; absent: made at the first start and kept in the data folder. */
  token: z.string().min(8).optional(),
  /** Memory limit of a kernel in MB. */
  kernelMemoryMb: z.coerce.number().int().min(160),
  /** How many kernels to keep started ahead of need; `auto`: one, while the machine has memory to spare. */
  warmKernels: z.union([z.literal('auto'), z.coerce.number().int().min(0).max(16)]),
  /** Most seconds that one execution may take; absent: as long as it likes. */
  cellTimeoutS: z.coerce.number().positive().optional(),
  /** Minutes after which a kernel ends that nobody watches and in which nothing runs; 0: never. */
  idleMinutes: z.coerce.number().min(0),
  /** Days after which what lies in the trash is erased. */
  trashDays: z.coerce.number().min(1),
  /** Days for which a deleted trial can be brought back. */
  purgeDays: z.coerce.number().min(1),
  /** A version of a notebook is kept when nobody has edited it for so many seconds. */
  historyPauseS: z.coerce.number().positive(),
  /** Where the structured log goes: a file in the data folder, or standard output. */
  log: z.enum(['file', 'stdout']),
});

/** Settings, parsed. */
export type Config = z.output<typeof Settings>;

/** Flags as the command line gives them. */
export interface Flags {
  port?: number | undefined;
  host?: string | undefined;
  dataDir?: string | undefined;
  notebooksDir?: string | undefined;
}

/** The variables that each setting is read from, for error messages. */
const SOURCE: Record<keyof Config, string> = {
  port: '--port or PORT',
  host: '--host or HOST',
  dataDir: '--data or TRIALROOM_DATA',
  notebooksDir: '--notebooks or TRIALROOM_NOTEBOOKS',
  databaseUrl: 'DATABASE_URL',
  databaseSchema: 'TRIALROOM_DATABASE_SCHEMA',
  redisUrl: 'REDIS_URL',
  redisPrefix: 'TRIALROOM_REDIS_PREFIX',
  publicUrl: 'TRIALROOM_URL',
  token: 'TRIALROOM_TOKEN',
  kernelMemoryMb: 'TRIALROOM_KERNEL_MEMORY_MB',
  warmKernels: 'TRIALROOM_WARM_KERNELS',
  cellTimeoutS: 'TRIALROOM_CELL_TIMEOUT',
  idleMinutes: 'TRIALROOM_IDLE_MINUTES',
  trashDays: 'TRIALROOM_TRASH_DAYS',
  purgeDays: 'TRIALROOM_PURGE_DAYS',
  historyPauseS: 'TRIALROOM_HISTORY_PAUSE',
  log: 'LOG',
};

/**
 * Reads settings.
 * @throws Refusal that names the flag or variable which is wrong; secrets are never repeated in it
 */
export function readConfig(flags: Flags = {}, env: NodeJS.ProcessEnv = process.env): Config {
  const parsed = Settings.safeParse({
    port: flags.port ?? (env.PORT || 8700),
    host: flags.host ?? (env.HOST || '127.0.0.1'),
    dataDir: resolve(flags.dataDir ?? (env.TRIALROOM_DATA || '.trialroom')),
    notebooksDir: resolve(flags.notebooksDir ?? (env.TRIALROOM_NOTEBOOKS || 'notebooks')),
    databaseUrl: env.DATABASE_URL || undefined,
    databaseSchema: env.TRIALROOM_DATABASE_SCHEMA || undefined,
    redisUrl: env.REDIS_URL || undefined,
    redisPrefix: env.TRIALROOM_REDIS_PREFIX || 'trialroom',
    publicUrl: env.TRIALROOM_URL || undefined,
    token: env.TRIALROOM_TOKEN || undefined,
    kernelMemoryMb: env.TRIALROOM_KERNEL_MEMORY_MB || 4096,
    // Tests start many servers for a moment each; those that are about warm kernels ask for them.
    warmKernels: env.TRIALROOM_WARM_KERNELS || (process.env.NODE_ENV === 'test' ? 0 : 'auto'),
    cellTimeoutS: env.TRIALROOM_CELL_TIMEOUT || undefined,
    idleMinutes: env.TRIALROOM_IDLE_MINUTES || 24 * 60,
    trashDays: env.TRIALROOM_TRASH_DAYS || 30,
    purgeDays: env.TRIALROOM_PURGE_DAYS || 30,
    historyPauseS: env.TRIALROOM_HISTORY_PAUSE || 120,
    log: env.LOG === 'stdout' ? 'stdout' : 'file',
  });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const setting = issue?.path[0] as keyof Config | undefined;
  throw new Refusal(400, {
    error: 'bad-setting',
    message: `a setting is wrong: ${issue?.message ?? 'unknown'}`,
    ...(setting ? { where: SOURCE[setting], fix: `correct or unset ${SOURCE[setting]}` } : {}),
  });
}
