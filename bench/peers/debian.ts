/**
 * Python packages of Debian's, fetched once into `.peers/` beside the repository's own packages and unpacked there, so
 * that nothing on the system changes. Needs apt-get and dpkg: Debian or Ubuntu.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where peers live. */
export const PEERS = fileURLToPath(new URL('../../.peers', import.meta.url));

/** How the system's Python finds what was unpacked. */
export interface DebianPython {
  argv: string[];
  env: { PYTHONPATH: string; LD_LIBRARY_PATH: string };
}

/**
 * The system's Python with these packages and all that they need, fetched the first time.
 * @param folder name of a folder within {@link PEERS}
 * @param libraries folders under `usr/lib/ARCHITECTURE` that hold shared libraries too, searched first
 */
export function debianPython(
  folder: string,
  packages: readonly string[],
  libraries: readonly string[] = [],
): DebianPython {
  const root = join(PEERS, folder);
  if (!existsSync(root)) {
    console.error(`fetching ${packages.join(' and ')} into .peers`);
    // Under its own name only once it is whole.
    const building = `${root}.part`;
    rmSync(building, { recursive: true, force: true });
    mkdirSync(building, { recursive: true });
    fetchInto(building, packages);
    renameSync(building, root);
  }
  const found = ['lib', 'usr/lib'].flatMap((folder) => librariesIn(join(root, folder), libraries));
  return {
    argv: ['/usr/bin/python3'],
    env: { PYTHONPATH: join(root, 'usr/lib/python3/dist-packages'), LD_LIBRARY_PATH: found.join(':') },
  };
}

function librariesIn(folder: string, libraries: readonly string[]): string[] {
  if (!existsSync(folder)) return [];
  const systems = readdirSync(folder).filter((name) => name.includes('linux-gnu'));
  const within = systems.flatMap((system) => [...libraries.map((name) => join(system, name)), system]);
  return [...within.map((path) => join(folder, path)).filter((path) => existsSync(path)), folder];
}

function fetchInto(root: string, packages: readonly string[]): void {
  const plan = execFileSync('apt-get', ['install', '-s', '--no-install-recommends', ...packages], { encoding: 'utf8' });
  // Packages that are installed already are not in the plan.
  const missing = [...plan.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name ?? '');
  if (missing.length > 0) execFileSync('apt-get', ['download', ...missing], { cwd: root, stdio: 'ignore' });
  for (const file of readdirSync(root).filter((name) => name.endsWith('.deb'))) {
    execFileSync('dpkg', ['-x', file, '.'], { cwd: root });
    rmSync(join(root, file));
  }
  mkdirSync(join(root, 'usr/lib/python3/dist-packages'), { recursive: true });
}
