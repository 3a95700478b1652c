/**
 * One process per data directory. PGlite takes no lock of its own, and two of it on one directory destroy the data, so
 * a file names the holder by pid and start time: a pid alone could by now belong to another program.
 */
import { execFileSync } from 'node:child_process';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const Holder = z.object({ pid: z.number().int(), started: z.string(), host: z.string() });
type Holder = z.infer<typeof Holder>;

/** The directory is held by a living process. */
export class DirectoryLocked extends Error {
  readonly pid: number;

  constructor(dir: string, holder: Holder) {
    super(
      `The data directory ${dir} is in use by process ${holder.pid} on ${holder.host}. ` +
        `Use the server that is already running, stop it (kill ${holder.pid}), or choose another directory with --data.`,
    );
    this.name = 'DirectoryLocked';
    this.pid = holder.pid;
  }
}

/**
 * Takes the lock of a directory and returns what gives it back. A lock left by a dead process is taken over.
 * @throws DirectoryLocked when a living process holds it
 */
export function lockDirectory(dir: string): () => void {
  const path = join(dir, 'lock.json');
  const mine: Holder = { pid: process.pid, started: startOf(process.pid) ?? 'unknown', host: hostname() };
  const draft = `${path}.${process.pid}.${Date.now()}`;
  writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 });
  try {
    for (;;) {
      try {
        // A link appears whole or not at all, and fails when the name exists: of two starters one wins.
        linkSync(draft, path);
        break;
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      }
      const holder = read(path);
      if (holder && isAlive(holder)) throw new DirectoryLocked(dir, holder);
      bury(path, `${draft}.old`);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return () => {
    const holder = read(path);
    if (holder?.pid === mine.pid && holder.started === mine.started) rmSync(path, { force: true });
  };
}

/**
 * Moves a dead lock away. Another starter may have buried it and taken the directory since it was read: then the moved
 * one is alive, and is put back.
 */
function bury(path: string, grave: string): void {
  try {
    renameSync(path, grave);
    const holder = read(grave);
    if (holder && isAlive(holder)) linkSync(grave, path);
  } catch (error) {
    // Gone, or taken again meanwhile: the next look decides.
    if (!(error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EEXIST')))
      throw error;
  } finally {
    rmSync(grave, { force: true });
  }
}

function read(path: string): Holder | null {
  try {
    return Holder.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

/** A process of another container counts as dead, as a replaced container's must: `pid` and start time are of this one. */
function isAlive(holder: Holder): boolean {
  const started = startOf(holder.pid);
  return started !== null && (started === holder.started || started === 'unknown' || holder.started === 'unknown');
}

/** When a process started, in whatever form this system gives it, or null when there is none. */
function startOf(pid: number): string | null {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The name, in parentheses, may hold spaces; fields count from after it. Field 22 is the start, field 3 the state.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (fields[0] === 'Z' || fields[0] === 'X') return null;
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      return `${boot}:${fields[19]}`;
    } catch {
      return null;
    }
  }
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return null;
  }
  if (process.platform === 'win32') return 'unknown';
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null;
  }
}
