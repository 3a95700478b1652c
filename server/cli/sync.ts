/** `trialroom sync`: delivers what scripts kept on this disk while their server was away, or because they were offline. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { Courier, ServerAway, ServerRefused } from '@trialroom/shared/remote/courier';
import { type Delivered, deliverSpool } from '@trialroom/shared/remote/delivery';
import { OPENING, readOpening, type SpoolOpening } from '@trialroom/shared/remote/spool';
import { Refusal } from '../http/refusal.ts';

/** Flags of `sync`. */
export interface SyncFlags {
  url?: string | undefined;
  token?: string | undefined;
  /** Leaves what was delivered on the disk. */
  keep?: boolean | undefined;
  /** Also what a process that seems to be alive is writing. */
  force?: boolean | undefined;
}

/**
 * Delivers one spool, or all in a folder. Exit code 1 when something could not be delivered; what was delivered stays so.
 * @throws Refusal when there is nothing of the kind, or no server is named
 */
export async function sync(given: string | undefined, flags: SyncFlags): Promise<void> {
  const folder = resolve(given ?? (process.env.TRIALROOM_SPOOL || 'trialroom-spool'));
  const spools = spoolsIn(folder);
  if (spools.length === 0) console.log(`Nothing waits in ${folder}.`);
  for (const spool of spools) {
    const opening = opened(spool);
    if (!opening) continue;
    if (!flags.force && isWritten(opening)) {
      console.log(
        `  ${opening.open.name}: process ${opening.pid} is still writing it; it delivers it itself (--force: now)`,
      );
      continue;
    }
    const url = flags.url ?? (process.env.TRIALROOM_URL || opening.url);
    if (!url) throw noServer(spool);
    const token = flags.token ?? (process.env.TRIALROOM_TOKEN || undefined);
    try {
      const delivered = await deliverSpool(spool, new Courier({ url, token }));
      if (!flags.keep) rmSync(spool, { recursive: true, force: true });
      told(delivered, url);
    } catch (error) {
      if (!(error instanceof ServerAway || error instanceof ServerRefused)) throw error;
      console.error(
        `  ${opening.open.name}: ${url} ${error instanceof ServerAway ? 'does not answer' : 'refused'}: ${error.message}`,
      );
      process.exitCode = 1;
    }
  }
}

/** The spools in a folder, oldest first; the folder itself when it is one. */
function spoolsIn(folder: string): string[] {
  if (!existsSync(folder)) {
    throw new Refusal(404, {
      error: 'no-spool',
      message: `there is no folder ${folder}`,
      fix: 'give the folder in which the script kept its trials (trialroom-spool where it ran, or TRIALROOM_SPOOL)',
    });
  }
  if (existsSync(join(folder, OPENING))) return [folder];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, OPENING)))
    .map(({ name }) => join(folder, name))
    .sort();
}

function opened(spool: string): SpoolOpening | null {
  try {
    return readOpening(spool);
  } catch (error) {
    console.error(`  ${basename(spool)}: ${join(spool, OPENING)} cannot be read: ${(error as Error).message}`);
    process.exitCode = 1;
    return null;
  }
}

/** Whether the process that made it is alive. Another machine's processes are not known: they are taken for dead. */
function isWritten({ pid, host }: SpoolOpening): boolean {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function told({ name, room, records, refused, damaged, finished }: Delivered, url: string): void {
  const end = finished ? '' : '; its script ended without a word';
  console.log(`  ${name}: ${records} records delivered${end}  ${new URL(room, url).href}`);
  for (const { number, message } of refused) console.error(`    record ${number} was not taken: ${message}`);
  if (damaged > 0)
    console.error(`    ${damaged} bytes of it are damaged and were left out (a write that was cut short)`);
}

const noServer = (spool: string): Refusal =>
  new Refusal(400, {
    error: 'no-server',
    message: `${spool} was recorded offline, and nothing says which server it is meant for`,
    where: '--url',
    fix: 'give --url http://… and --token …, or set TRIALROOM_URL and TRIALROOM_TOKEN',
  });
