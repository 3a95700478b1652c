/**
 * A fresh database, made once and kept as a tarball, so that a first start unpacks instead of running initdb and every
 * migration. It is tied to the version of PGlite and to the text of the migrations: where either changes, another is made.
 */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { z } from 'zod';

const require = createRequire(import.meta.url);

/** The two states that are kept: without any table, and with the tables of the newest migration. */
export type Preparation = 'empty' | 'migrated';

/** Where a tarball is kept: beside the installed packages, so that a reinstall renews it. */
export function preparedPath(preparation: Preparation): string {
  // The package's main file is in `dist/`, two below its own folder.
  const root = dirname(dirname(require.resolve('@electric-sql/pglite')));
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const name = preparation === 'empty' ? version : `${version}-${migrationsHash()}`;
  return join(dirname(dirname(root)), '.cache', 'trialroom', `pgdata-${name}.tar`);
}

/** Of the files themselves: to import them would take the time that this is to save. */
function migrationsHash(): string {
  const folder = new URL('./migrations/', import.meta.url);
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).sort()) hash.update(name).update(readFileSync(new URL(name, folder)));
  return hash.digest('hex').slice(0, 16);
}

/** What a new database is unpacked from: with its tables where that is there, else empty, made now if need be. */
export async function preparedDirectory(): Promise<Blob> {
  const migrated = preparedPath('migrated');
  return read(existsSync(migrated) ? migrated : await emptyDirectory());
}

/** Keeps a closed database's directory as the one that new databases with tables are made from. */
export async function keepMigrated(dir: string): Promise<void> {
  const database = await PGlite.create({ dataDir: dir });
  try {
    const path = preparedPath('migrated');
    await keep(path, await database.dumpDataDir('none'));
    const kept = [path, preparedPath('empty')].map((file) => basename(file));
    for (const name of readdirSync(dirname(path))) {
      if (/^pgdata-.*\.tar$/.test(name) && !kept.includes(name)) rmSync(join(dirname(path), name), { force: true });
    }
  } finally {
    await database.close();
  }
}

const read = (from: string | Blob): Blob =>
  typeof from === 'string' ? new Blob([new Uint8Array(readFileSync(from))]) : from;

/** The empty tarball's path, or itself where the packages' folder cannot be written. */
async function emptyDirectory(): Promise<string | Blob> {
  const path = preparedPath('empty');
  if (existsSync(path)) return path;
  const database = await PGlite.create();
  try {
    const blob = await database.dumpDataDir('none');
    // A read-only installation: the next start makes it again.
    await keep(path, blob).catch(() => {});
    return blob;
  } finally {
    await database.close();
  }
}

async function keep(path: string, blob: Blob): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, new Uint8Array(await blob.arrayBuffer()));
  renameSync(draft, path);
}
