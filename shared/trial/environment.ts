/** What a trial ran on: read once by the kernel when the trial is opened, compared between trials, repeated by `reproduce`. */
import { z } from 'zod';

export const TrialEnvironment = z.object({
  /** Version of Node, e.g. `24.21.0`. */
  node: z.string().max(100),
  /** e.g. `linux x64` */
  platform: z.string().max(200),
  /** Model name of the processor. */
  cpu: z.string().max(300),
  cores: z.number().int().nonnegative(),
  /** Bytes of main memory. */
  memory: z.number().nonnegative(),
  /** Name of the graphics card that is used; null: none. */
  gpu: z.string().max(300).nullable(),
  /** Label of the tensor engine, e.g. `CPU · compiled`. */
  backend: z.string().max(200).nullable(),
  /** The seed that all chance of the run follows from; null: none was set. */
  seed: z.number().nullable(),
  /** Versions of the packages that the run could import, by name. */
  packages: z.record(z.string().max(300), z.string().max(200)),
  /** SHA-256 of the package lock that is nearest to the notebook, in hex; null: there is none. */
  lockHash: z.string().max(64).nullable(),
  /** The commit that the notebook's folder is at; null outside of git. */
  git: z.object({ commit: z.string().max(64), branch: z.string().max(300), dirty: z.boolean() }).nullable(),
});
export type TrialEnvironment = z.infer<typeof TrialEnvironment>;
