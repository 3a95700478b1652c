/**
 * `trialroom kernelspec`: tells Jupyter of the TypeScript kernel, so that JupyterLab, VS Code, nbclient and papermill
 * offer it. A kernel spec is a folder with a `kernel.json` and logos in one of the folders where Jupyter looks; nothing
 * of Jupyter itself need be there.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kernelCommand } from '@trialroom/shared/kernel/spawn';
import { Refusal } from '../http/refusal.ts';

/** Where a kernel spec goes. One of them at most; without any: the user's own folder. */
export interface KernelspecPlace {
  user?: boolean;
  prefix?: string;
  sysPrefix?: boolean;
}

/** Flags of `kernelspec install`. */
export interface InstallFlags extends KernelspecPlace {
  /** Folder name, by which tools call the kernel. */
  name?: string;
  displayName?: string;
  /** Memory limit of each kernel, in MB. */
  memory?: number;
}

/** What decides where Jupyter's folders are. */
export interface Surroundings {
  env: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
  home: string;
}

const HERE: Surroundings = { env: process.env, platform: process.platform, home: homedir() };
const NAME = 'trialroom';
const LOGOS = ['logo-svg.svg', 'logo-32x32.png', 'logo-64x64.png'];

/** Jupyter's data folder of the user, as `jupyter --data-dir` gives it. */
export function userDataFolder({ env, platform, home }: Surroundings = HERE): string {
  if (env.JUPYTER_DATA_DIR) return env.JUPYTER_DATA_DIR;
  if (platform === 'darwin') return join(home, 'Library', 'Jupyter');
  if (platform === 'win32') return join(env.APPDATA ?? join(home, 'AppData', 'Roaming'), 'jupyter');
  return join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'jupyter');
}

/** All folders in which Jupyter looks, nearest first. */
export function dataFolders(around: Surroundings = HERE): string[] {
  const { env, platform } = around;
  const system =
    platform === 'win32'
      ? [join(env.PROGRAMDATA ?? 'C:\\ProgramData', 'jupyter')]
      : ['/usr/local/share/jupyter', '/usr/share/jupyter'];
  const active = activePrefix(env);
  return [
    ...(env.JUPYTER_PATH?.split(delimiter).filter(Boolean) ?? []),
    userDataFolder(around),
    ...(active === undefined ? [] : [join(active, 'share', 'jupyter')]),
    ...system,
  ].filter((folder, index, all) => all.indexOf(folder) === index);
}

const activePrefix = (env: NodeJS.ProcessEnv): string | undefined => env.VIRTUAL_ENV || env.CONDA_PREFIX || undefined;

/** Writes the spec and says where. @throws Refusal in words */
export function install(flags: InstallFlags, around: Surroundings = HERE): string {
  const { name = NAME, displayName = 'TypeScript (Trialroom)', memory } = flags;
  checkName(name);
  const folder = join(placeOf(flags, around), 'kernels', name);
  const before = readSpec(folder);
  if (before && !before.ours) {
    throw new Refusal(409, {
      error: 'kernelspec-foreign',
      message: `${folder} holds the kernel "${before.displayName}", which is not Trialroom's`,
      fix: 'choose another name with --name',
    });
  }
  const entry = fileURLToPath(import.meta.resolve('trialroom/main'));
  const { execArgv } = kernelCommand({ entry, socket: '', ...(memory === undefined ? {} : { memoryMb: memory }) });
  const spec = {
    argv: [
      process.execPath,
      ...execArgv,
      entry,
      '--connection',
      '{connection_file}',
      ...(memory === undefined ? [] : ['--memory', String(memory)]),
    ],
    display_name: displayName,
    language: 'typescript',
    interrupt_mode: 'message',
    env: {},
    metadata: { debugger: false, trialroom: true },
  };
  try {
    mkdirSync(folder, { recursive: true });
    const logos = join(dirname(entry), 'jupyter', 'logo');
    for (const logo of LOGOS) copyFileSync(join(logos, logo), join(folder, logo));
    writeFileSync(join(folder, 'kernel.json'), `${JSON.stringify(spec, null, 2)}\n`);
  } catch (error) {
    throw new Refusal(500, {
      error: 'kernelspec-unwritable',
      message: `${folder} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      fix: 'use --user, or --prefix with a folder that you may write to',
    });
  }
  return folder;
}

/** A kernel spec of ours that was found. */
export interface FoundSpec {
  name: string;
  folder: string;
  displayName: string;
  /** Made by {@link install}. */
  ours: boolean;
  /** False when what it starts is no longer there. */
  works: boolean;
}

/** Our kernel specs in all folders where Jupyter looks, and in `more`. */
export function list(more: readonly string[] = [], around: Surroundings = HERE): FoundSpec[] {
  return [...more, ...dataFolders(around)].flatMap((data) => {
    const kernels = join(data, 'kernels');
    const names = existsSync(kernels) ? readdirSync(kernels) : [];
    return names.flatMap((name) => readSpec(join(kernels, name)) ?? []).filter(({ ours }) => ours);
  });
}

/** Takes away a spec of ours and says from where. @throws Refusal when there is none, or it is another's */
export function remove(name: string | undefined, place: KernelspecPlace, around: Surroundings = HERE): string {
  checkName(name ?? NAME);
  const said = place.user || place.sysPrefix || place.prefix !== undefined;
  const folders = said ? [placeOf(place, around)] : dataFolders(around);
  const found = folders.flatMap((data) => readSpec(join(data, 'kernels', name ?? NAME)) ?? []);
  const ours = found.find((spec) => spec.ours);
  if (!ours) {
    const [foreign] = found;
    throw new Refusal(404, {
      error: 'kernelspec-absent',
      message: foreign
        ? `the kernel "${name ?? NAME}" in ${foreign.folder} is not Trialroom's`
        : `there is no kernel "${name ?? NAME}" in ${folders.join(', ')}`,
      fix: foreign
        ? `remove it with jupyter kernelspec remove ${name ?? NAME}`
        : 'trialroom kernelspec list shows what is there',
    });
  }
  rmSync(ours.folder, { recursive: true, force: true });
  return ours.folder;
}

function placeOf({ user, prefix, sysPrefix }: KernelspecPlace, around: Surroundings): string {
  if ([user === true, prefix !== undefined, sysPrefix === true].filter(Boolean).length > 1) {
    throw new Refusal(422, { error: 'kernelspec-place', message: 'give one of --user, --prefix and --sys-prefix' });
  }
  if (prefix !== undefined) return join(resolve(prefix), 'share', 'jupyter');
  if (!sysPrefix) return userDataFolder(around);
  const active = activePrefix(around.env);
  if (active === undefined) {
    throw new Refusal(422, {
      error: 'kernelspec-place',
      message: '--sys-prefix means the active Python environment, but none is active (VIRTUAL_ENV, CONDA_PREFIX)',
      fix: 'activate one, or use --user or --prefix',
    });
  }
  return join(active, 'share', 'jupyter');
}

function checkName(name: string): void {
  if (/^[a-z0-9._-]+$/i.test(name) && !/^\.+$/.test(name)) return;
  throw new Refusal(422, {
    error: 'kernelspec-name',
    message: `"${name}" cannot be the name of a kernel`,
    fix: 'use letters, digits, - . and _',
  });
}

function readSpec(folder: string): FoundSpec | undefined {
  let text: string;
  try {
    text = readFileSync(join(folder, 'kernel.json'), 'utf8');
  } catch {
    return undefined;
  }
  const name = folder.split(/[\\/]/).at(-1) ?? '';
  try {
    const spec: { argv?: unknown; display_name?: unknown; metadata?: { trialroom?: unknown } } = JSON.parse(text);
    const argv: unknown[] = Array.isArray(spec.argv) ? spec.argv : [];
    const paths = argv.filter((part): part is string => typeof part === 'string' && /[\\/]/.test(part));
    return {
      name,
      folder,
      displayName: String(spec.display_name ?? name),
      ours: spec.metadata?.trialroom === true,
      works: paths.every((path) => existsSync(path)),
    };
  } catch {
    return { name, folder, displayName: name, ours: false, works: false };
  }
}

/** `trialroom kernelspec install` */
export function installCommand(flags: InstallFlags): void {
  const folder = install(flags);
  console.log(`The TypeScript kernel is installed in ${folder}`);
  const name = flags.name ?? NAME;
  console.log(`  try it: jupyter console --kernel ${name}`);
  console.log(`  take it away: trialroom kernelspec remove ${name}`);
}

/** `trialroom kernelspec list` */
export function listCommand({ prefix }: { prefix?: string }): void {
  const found = list(prefix === undefined ? [] : [join(resolve(prefix), 'share', 'jupyter')]);
  if (found.length === 0) console.log('No kernel of ours is installed. trialroom kernelspec install does it.');
  for (const { name, displayName, folder, works } of found) {
    console.log(`  ${name.padEnd(16)} ${displayName}  ${folder}${works ? '' : '  (broken: install it again)'}`);
  }
}

/** `trialroom kernelspec remove` */
export function removeCommand(name: string | undefined, place: KernelspecPlace): void {
  console.log(`Removed ${remove(name, place)}`);
}
