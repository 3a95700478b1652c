/**
 * A fresh database, made once and kept as a tarball, so that a first start unpacks instead of running initdb. It is tied
 * to the version of PGlite: another version makes its own.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { z } from 'zod';

const require = createRequire(import.meta.url);

/** Where the tarball is kept: beside the installed packages, so that a reinstall renews it. */
export function preparedPath(): string {
  // The package's main file is in `dist/`, two below its own folder.
  const root = dirname(dirname(require.resolve('@electric-sql/pglite')));
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  return join(dirname(dirname(root)), '.cache', 'trialroom', `pgdata-${version}.tar`);
}

/** The tarball, made now when it is missing. Works (slower) where the packages' folder cannot be written. */
export async function preparedDirectory(): Promise<Blob> {
  const path = preparedPath();
  if (existsSync(path)) return new Blob([new Uint8Array(readFileSync(path))]);
  const database = await PGlite.create();
  try {
    const blob = await database.dumpDataDir('none');
    try {
      mkdirSync(dirname(path), { recursive: true });
      const draft = `${path}.${randomUUID()}`;
      writeFileSync(draft, new Uint8Array(await blob.arrayBuffer()));
      renameSync(draft, path);
    } catch {
      // A read-only installation: the next start makes it again.
    }
    return blob;
  } finally {
    await database.close();
  }
}
