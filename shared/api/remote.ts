/**
 * How a script without a kernel tells a server of its trial: it opens the trial under an id of its own making, sends
 * numbered records (`remote/records.ts`) and gives signs of life. Everything may be repeated: a record counts once.
 */
import { z } from 'zod';
import { FromKernel, TrialOpen } from '../kernel/protocol.ts';
import { WireNumber } from '../trial/points.ts';
import { LogLine } from '../trial/trial.ts';
import { endpoint } from './endpoint.ts';

/** Version of what is said here. A server refuses another one, and says which side to update. */
export const REMOTE_VERSION = 1;

/** Most bytes of one request with records. */
export const MOST_BATCH = 24 * 1024 * 1024;

/** Without a word for this long, a script's trial is lost, in ms; and how often a script gives a sign of life. */
export const REMOTE_LEASE = { length: 7000, beat: 1000 };

/** Lines that the script printed; `seq` counts from 1 within the trial, so that a repeated line is known. */
const RemoteLog = z.object({ type: z.literal('remote.log'), lines: z.array(LogLine).max(20_000) });

/** Figures of the process and its machine by key (`system/…`) at one moment. They may be dropped when disk is short. */
const RemoteSamples = z.object({
  type: z.literal('remote.samples'),
  at: z.number(),
  /** The step logged last. */
  step: WireNumber,
  samples: z.record(z.string(), z.number()),
});

/** The script says that its trial is over. */
const RemoteFinish = z.object({
  type: z.literal('remote.finish'),
  end: z.enum(['completed', 'failed', 'stopped']),
  /** ms since the epoch, by the script's clock. */
  at: z.number(),
  reason: z.string().max(2000).optional(),
});

/** What a record may say of its own; trials' words of the kernel protocol (`trial.…`) are the rest. */
export const RemoteWord = z.discriminatedUnion('type', [RemoteLog, RemoteSamples, RemoteFinish]);
export type RemoteWord = z.infer<typeof RemoteWord>;

/** The header of a record. */
export const RemoteMessage = z.union([RemoteWord, FromKernel]);
export type RemoteMessage = z.infer<typeof RemoteMessage>;

/** What people want of the trial now. */
export const RemoteWish = z.enum(['go', 'pause', 'stop']);
export type RemoteWish = z.infer<typeof RemoteWish>;

const version = z.coerce.number().int();
/** ULID, as the script makes it. */
export const RemoteId = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/, 'give an id of 26 letters and digits (a ULID)');
const params = z.object({ id: RemoteId });

/** The answer to every word of a script. */
export const RemoteReply = z.object({
  /** All records up to this number are durable. */
  applied: z.number().int(),
  wish: RemoteWish,
  /** Records that can never be taken, with the reason; they count as applied. */
  refused: z.array(z.object({ number: z.number().int(), message: z.string() })),
});
export type RemoteReply = z.infer<typeof RemoteReply>;

export const remote = {
  open: endpoint({
    method: 'post',
    path: '/api/remote/trials',
    summary: 'Open a trial that a script runs, or take it up again',
    needs: 'run',
    body: z.object({
      version,
      id: RemoteId,
      open: TrialOpen,
      /** ms since the epoch, by the script's clock. */
      startedAt: z.number(),
      /** The same when it says so: how its clock and the server's differ. Absent: they agree. */
      sentAt: z.number().optional(),
      /** Given for what was recorded earlier: it is not taken for running, and never for lost. */
      past: z.boolean().default(false),
    }),
    reply: RemoteReply.extend({ room: z.string() }),
  }),
  beat: endpoint({
    method: 'post',
    path: '/api/remote/trials/{id}/beat',
    summary: 'A sign of life of the script that runs the trial; answers what people want of it',
    needs: 'run',
    params,
    body: z.object({ version }),
    reply: RemoteReply,
  }),
};

/**
 * `POST` with records as the body (`application/octet-stream`); answers a {@link RemoteReply}. `after`: every record up to
 * this number was delivered before, or given up. When the server has fewer, it answers 409 `records-missing` with
 * `applied`, and the script begins there.
 */
export const remoteRecords = {
  path: '/api/remote/trials/{id}/records',
  needs: 'run',
  summary: 'Numbered records of a trial that a script runs',
  query: z.object({ version, after: z.coerce.number().int().nonnegative() }),
} as const;

/** A run that was imported. */
export const ImportedAs = z.object({
  trial: z.string(),
  /** Path of its room. */
  room: z.string(),
  name: z.string(),
  points: z.number().int(),
  /** Pictures, histograms, tables and texts. */
  media: z.number().int(),
  /** It was there before: the same run, imported earlier. */
  already: z.boolean(),
  /** What was left out, or was not as it should be, a sentence each. */
  remarks: z.array(z.string()),
});
export type ImportedAs = z.infer<typeof ImportedAs>;

/**
 * `POST` with files as `multipart/form-data` (each under its path within the folder), or one file as the body, named by
 * `name`. Answers `{ imported: ImportedAs[] }`.
 */
export const imports = {
  path: '/api/imports',
  needs: 'run',
  summary: 'Import event files of TensorBoard, CSV, JSON or JSON lines as trials',
  query: z.object({
    experiment: z.string().min(1).max(200).default('imported'),
    name: z.string().min(1).max(1000).optional(),
    /** `true`: also what was imported before, as another trial. */
    again: z.enum(['true', 'false']).default('false'),
  }),
} as const;
export const ImportReply = z.object({ imported: z.array(ImportedAs) });
