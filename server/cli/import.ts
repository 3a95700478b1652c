/** `trialroom import`: what TensorBoard and other tools recorded becomes trials of a running server. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative, resolve, sep } from 'node:path';
import { Courier, ServerAway, ServerRefused } from '@trialroom/shared/remote/courier';
import { ulid } from 'ulid';
import { Refusal } from '../http/refusal.ts';
import { importFiles, isImportable } from '../imports/import.ts';
import type { ImportedFile } from '../imports/imported.ts';

/** Flags of `import`. */
export interface ImportFlags {
  experiment?: string | undefined;
  url?: string | undefined;
  token?: string | undefined;
  again?: boolean | undefined;
}

/** @throws Refusal when there is nothing to import, or the server does not take it */
export async function importCommand(given: string, flags: ImportFlags): Promise<void> {
  const path = resolve(given);
  if (!existsSync(path)) {
    throw new Refusal(404, { error: 'no-such-file', message: `there is no ${path}`, fix: 'give a file or a folder' });
  }
  const url = flags.url ?? (process.env.TRIALROOM_URL || 'http://127.0.0.1:8700');
  const token = flags.token ?? (process.env.TRIALROOM_TOKEN || undefined);
  const experiment = (flags.experiment ?? basename(path).replace(/\.\w+$/, '')) || 'imported';
  const courier = new Courier({ url, token });
  try {
    const imported = await importFiles(
      filesAt(path),
      { experiment, copy: flags.again ? ulid() : undefined },
      {
        open: (trial) => courier.open({ ...trial, url, pid: process.pid, host: '' }, true),
        send: (id, after, bytes) => courier.send(id, after, bytes),
      },
    );
    for (const { name, points, media, already, room, remarks } of imported) {
      const what = already
        ? 'was there already (--again makes a copy)'
        : `${points} points, ${media} pictures and the like`;
      console.log(`  ${name}: ${what}  ${new URL(room, url).href}`);
      for (const remark of remarks) console.log(`    ${remark}`);
    }
  } catch (error) {
    if (error instanceof ServerAway) {
      throw new Refusal(503, {
        error: 'server-away',
        message: `${url} does not answer: ${error.message}`,
        fix: 'start the server (trialroom start), or name another with --url or TRIALROOM_URL',
      });
    }
    if (!(error instanceof ServerRefused)) throw error;
    throw new Refusal(403, { ...error.problem, fix: error.problem.fix ?? 'give --token, or set TRIALROOM_TOKEN' });
  }
}

/** The files that an import looks at, with their paths within the folder. */
function filesAt(path: string): ImportedFile[] {
  if (statSync(path).isFile()) return [{ path: basename(path), bytes: readFileSync(path) }];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && isImportable(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => ({ path: relative(path, file).split(sep).join('/'), bytes: readFileSync(file) }));
}
