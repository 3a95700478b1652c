/**
 * The history of a notebook: versions, each the notebook as it was at one moment, with who had changed it since the one
 * before. Versions are never rewritten; restoring one makes another.
 */
import { z } from 'zod';
import { Author } from '../annotation/annotation.ts';
import { Output } from '../notebook/outputs.ts';

/**
 * Why a version was kept. `auto`: people paused · `named`: someone asked · `restored`: an earlier one was brought back ·
 * `outside`: another program changed the file.
 */
export const VersionKind = z.enum(['auto', 'named', 'restored', 'outside']);
export type VersionKind = z.infer<typeof VersionKind>;

/** What changed since the version before, in cells. */
export const VersionChanges = z.object({
  added: z.number().int(),
  removed: z.number().int(),
  changed: z.number().int(),
  moved: z.number().int(),
});
export type VersionChanges = z.infer<typeof VersionChanges>;

/** A version in the timeline. */
export const Version = z.object({
  id: z.string(),
  /** ms since the epoch. */
  at: z.number(),
  kind: VersionKind,
  name: z.string().nullable(),
  /** Who changed something since the version before; empty when that was a program. */
  authors: z.array(Author),
  /** For `restored`: the version that was brought back. */
  from: z.string().nullable(),
  cells: z.number().int(),
  changes: VersionChanges,
});
export type Version = z.infer<typeof Version>;

/** A cell as a version holds it. */
export const VersionCell = z.object({
  id: z.string(),
  type: z.enum(['code', 'markdown', 'raw']),
  source: z.string(),
  metadata: z.record(z.string(), z.unknown()),
  extra: z.record(z.string(), z.unknown()),
  /** As shown. */
  outputs: z.array(Output),
  /** The outputs are the same as in the version beside which this one was asked for, and are left out. */
  sameOutputs: z.literal(true).optional(),
  count: z.number().int().nullable(),
});
export type VersionCell = z.infer<typeof VersionCell>;

/** Lines of a cell that one person wrote, `from`…`to` (1-based, both included). Null: from the file. */
export const LineAuthors = z.array(
  z.object({ from: z.number().int(), to: z.number().int(), author: Author.nullable() }),
);
export type LineAuthors = z.infer<typeof LineAuthors>;
