/**
 * Removes blobs that nothing refers to any more. Every capability is asked what it names; what nobody names twice in a row,
 * and nobody has stored for a day, goes. Safe at any moment, also against a process that is killed within: a blob is first
 * put aside, and one that is found aside is put back before anything else is looked at.
 */
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Blobs that a capability names; one too many is harmless, one too few loses it. */
export type BlobUser = () => AsyncIterable<Iterable<string>>;

export interface BlobSweep {
  /** A capability that refers to blobs; one that fails to answer keeps everything. */
  ask(user: BlobUser): void;
  /** Removes what may go; resolves with how many that were. */
  sweep(): Promise<number>;
  /** Mends what a killed process left, and sweeps now and then from now on. */
  begin(): void;
  close(): Promise<void>;
}

/** Blobs that were stored since are kept: what refers to them may not be written yet. In ms. */
const YOUNG = 24 * 60 * 60 * 1000;
const EVERY = 6 * 60 * 60 * 1000;

const ASIDE = '.aside';
const NAME = /^[0-9a-f]{64}$/;
/** What a process left that was killed while it stored a blob. */
const HALF = /^[0-9a-f]{64}\.[0-9a-f-]{36}$|^\.[0-9a-f-]{36}$/;

/** Whatever looks like the name of a blob in a text. */
export const namesIn = (text: string): string[] => text.match(/[0-9a-f]{64}/g) ?? [];

/** @param folder of `createBlobs` */
export function createSweep(
  folder: string,
  { onError, now = Date.now }: { onError: (error: unknown) => void; now?: () => number },
): BlobSweep {
  const users: BlobUser[] = [];
  /** Named by nobody when it was looked the last time. */
  let suspects = new Set<string>();
  let working: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const files = async (): Promise<{ name: string; path: string }[]> => {
    const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    return found
      .filter((file) => file.isFile())
      .map(({ name, parentPath }) => ({ name, path: join(parentPath, name) }))
      .filter(({ path }) => !path.startsWith(join(folder, 'spills')));
  };
  const isYoung = async (path: string): Promise<boolean> => {
    const found = await stat(path).catch(() => null);
    return !found || now() - found.mtimeMs < YOUNG;
  };

  const remove = async (path: string): Promise<boolean> => {
    const aside = `${path}${ASIDE}`;
    await rename(path, aside);
    // It may have been stored again since it was looked at: then it is as young as that.
    if (await isYoung(aside)) {
      await rename(aside, path);
      return false;
    }
    await rm(aside);
    return true;
  };

  /** Mends what a process left that was killed. */
  const mend = async (): Promise<void> => {
    for (const { name, path } of await files()) {
      if (name.endsWith(ASIDE)) await rename(path, path.slice(0, -ASIDE.length));
      else if (HALF.test(name) && !(await isYoung(path))) await rm(path, { force: true });
    }
  };

  const sweep = async (): Promise<number> => {
    await mend();
    const old: { name: string; path: string }[] = [];
    for (const file of await files()) if (NAME.test(file.name) && !(await isYoung(file.path))) old.push(file);
    if (old.length === 0) return 0;
    const named = new Set<string>();
    for (const user of users) for await (const some of user()) for (const name of some) named.add(name);
    const unnamed = old.filter(({ name }) => !named.has(name));
    let gone = 0;
    // What refers to a blob may move from one that is still to be asked to one that was: it is asked for twice.
    for (const { name, path } of unnamed) if (suspects.has(name) && (await remove(path))) gone++;
    suspects = new Set(unnamed.map(({ name }) => name));
    return gone;
  };

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = working.then(work);
    working = done.catch(() => {});
    return done;
  };

  return {
    ask: (user) => void users.push(user),
    sweep: () => inTurn(sweep),
    begin: () => {
      timer = setInterval(() => void inTurn(sweep).catch(onError), EVERY);
      timer.unref();
      void inTurn(mend).catch(onError);
    },
    close: async () => {
      clearInterval(timer);
      await working;
    },
  };
}
