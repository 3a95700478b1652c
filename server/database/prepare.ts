/** Run at install: makes the prepared database, so that the first start need not. */
import { preparedDirectory } from './prepared.ts';

/** Makes the tarball unless it is there. Rejects when PGlite does not run here. */
export async function prepare(): Promise<void> {
  await preparedDirectory();
}
