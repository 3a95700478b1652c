/**
 * What a trial runs on, told to the server when it is opened. What stays the same is read once a process, in the background
 * of the first trial's opening, and never in the way of training: nothing here is asked for by `log`. What cannot be found
 * out within a moment is left out; no trial fails for want of it.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { arch, cpus, platform, totalmem } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TrialOpen } from '@trialroom/shared/kernel/protocol';
import type { TrialScript } from '@trialroom/shared/trial/code';
import type { TrialEnvironment } from '@trialroom/shared/trial/environment';
import { backendInUse } from '../../backend/choose.ts';
import { seedInUse } from '../seed.ts';

const run = promisify(execFile);

/** Longest that git may take, in ms. */
const GIT_MS = 2000;
/** Larger entry files are not kept. */
const MOST_SOURCE = 1_000_000;

type Fixed = Omit<TrialEnvironment, 'seed' | 'backend' | 'gpu'>;

const fixed = new Map<string, Promise<Fixed>>();

/** The engine that is set, once one is. */
export interface Engine {
  label: string;
}

/**
 * The environment of a trial opened now by code in `folder`. `engine`: the tensor engine in use; null: none was asked for
 * yet. Read once a folder, but for the seed and the engine.
 */
export async function environmentOf(folder: string, engine: Engine | null): Promise<TrialEnvironment> {
  const known = fixed.get(folder) ?? read(folder);
  fixed.set(folder, known);
  return { ...(await known), backend: engine?.label ?? null, gpu: cardOf(engine), seed: seedInUse() };
}

/**
 * What a trial that is opened now is told to have run on, and by which program: `cell` says that a cell opens it, whose
 * notebook the server knows. Never rejects.
 */
export async function aboutRun(cell: boolean): Promise<Pick<TrialOpen, 'environment' | 'script'>> {
  try {
    const engine = (await backendInUse()?.catch(() => null)) ?? null;
    const [environment, script] = await Promise.all([
      environmentOf(process.cwd(), engine),
      cell ? undefined : scriptOf(process.argv[1]),
    ]);
    return { environment, ...(script && { script }) };
  } catch {
    // A working folder that is gone, for one.
    return {};
  }
}

/** The file that this process was started with; undefined where there is none, or it cannot be read as text. */
export async function scriptOf(entry: string | undefined): Promise<TrialScript | undefined> {
  if (entry === undefined) return undefined;
  try {
    const source = await readFile(entry, 'utf8');
    return source.length > MOST_SOURCE ? undefined : { name: basename(entry), source };
  } catch {
    return undefined;
  }
}

/** The card in the label of an engine that runs on one, e.g. `GPU · NVIDIA GeForce RTX 4090`. */
function cardOf(engine: Engine | null): string | null {
  return /^GPU\s*·\s*(.+)$/.exec(engine?.label ?? '')?.[1] ?? null;
}

async function read(folder: string): Promise<Fixed> {
  const processors = cpus();
  const [packages, lockHash, git] = await Promise.all([packagesOf(folder), lockHashOf(folder), gitOf(folder)]);
  return {
    node: process.versions.node,
    platform: `${platform()} ${arch()}`,
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memory: totalmem(),
    ...{ packages, lockHash, git },
  };
}

/**
 * The library's own version and its dependencies', and those that the nearest `package.json` names, each as it is installed
 * where code in the folder would find it.
 */
async function packagesOf(folder: string): Promise<Record<string, string>> {
  const own = fileURLToPath(new URL('../../package.json', import.meta.url));
  const near = await nearest(folder, 'package.json');
  const found = new Map<string, string>();
  // The folder's own last: what it has installed itself is what its code gets.
  for (const manifest of [own, ...(near && near !== own ? [near] : [])]) {
    const { name, version, dependencies, devDependencies, optionalDependencies } = await manifestOf(manifest);
    if (manifest === own && typeof name === 'string' && typeof version === 'string') found.set(name, version);
    const names = [dependencies, devDependencies, optionalDependencies].flatMap((some) => Object.keys(some ?? {}));
    await Promise.all(
      names.map(async (each) => {
        const at = await nearest(dirname(manifest), join('node_modules', each, 'package.json'));
        const installed = at ? (await manifestOf(at)).version : undefined;
        if (typeof installed === 'string') found.set(each, installed);
      }),
    );
  }
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

interface Manifest {
  name?: unknown;
  version?: unknown;
  dependencies?: object;
  devDependencies?: object;
  optionalDependencies?: object;
}

async function manifestOf(path: string): Promise<Manifest> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

async function lockHashOf(folder: string): Promise<string | null> {
  for (const name of ['package-lock.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock']) {
    const path = await nearest(folder, name);
    if (path)
      return createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
  }
  return null;
}

async function gitOf(folder: string): Promise<TrialEnvironment['git']> {
  const git = async (...words: string[]): Promise<string> => {
    const options = { cwd: folder, timeout: GIT_MS, env: { ...process.env, GIT_OPTIONAL_LOCKS: '0' } };
    return (await run('git', words, options)).stdout.trim();
  };
  try {
    const [commit, branch, changes] = await Promise.all([
      git('rev-parse', 'HEAD'),
      git('rev-parse', '--abbrev-ref', 'HEAD'),
      git('status', '--porcelain', '--untracked-files=no'),
    ]);
    return { commit, branch, dirty: changes !== '' };
  } catch {
    // No repository, no commit in it yet, or no git.
    return null;
  }
}

/** Path of a file of this name in the folder or the nearest one above it. */
async function nearest(folder: string, name: string): Promise<string | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, name);
    const there = await access(path).then(
      () => true,
      () => false,
    );
    if (there) return path;
    if (dirname(at) === at) return undefined;
  }
}
