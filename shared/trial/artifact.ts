/** Files that a trial made: kept by content, so that equal ones are stored once and none can change unseen. */
import { z } from 'zod';

export const ArtifactKind = z.enum([
  'model',
  'checkpoint',
  'predictions',
  'parameters',
  'environment',
  'media',
  'file',
]);
export type ArtifactKind = z.infer<typeof ArtifactKind>;

/** Bytes of an artifact that travel in one message. */
export const ARTIFACT_PIECE = 4 * 1024 * 1024;

/**
 * A name of an artifact: like a relative path, with `/` between its parts. Refused are empty parts, `.` and `..`, backslashes
 * and control characters, so that a downloaded archive stays in its folder.
 */
export const ArtifactName = z
  .string()
  .min(1)
  .max(300)
  .regex(/^(?!.*(?:^|\/)\.{0,2}(?:\/|$))[^\\\p{Cc}]+$/u, 'give a relative path without ".", ".." or backslashes');

export const Artifact = z.object({
  name: ArtifactName,
  kind: ArtifactKind,
  /** Counts the files of this name from 1; the newest is what the name means. */
  version: z.number().int().positive(),
  bytes: z.number().int().nonnegative(),
  /** SHA-256 of the content, in hex. */
  sha256: z.string().length(64),
  /** ms since the epoch. */
  at: z.number(),
});
export type Artifact = z.infer<typeof Artifact>;
