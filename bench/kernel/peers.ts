/**
 * The other kernels, fetched once into `.peers/` beside the repository's own packages: Deno from npm, ipykernel from
 * Debian, unpacked there so that nothing on the system changes. Needs npm, and on Debian or Ubuntu apt-get and dpkg.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kernelCommand } from '@trialroom/shared/kernel/spawn';

const FOLDER = fileURLToPath(new URL('../../.peers', import.meta.url));
const DENO = 'deno@2.9.6';
const DEBIAN = 'python3-ipykernel';

/** How a kernel is started: `{connection}` stands for the connection file, as in a kernel's specification. */
export interface KernelSpec {
  name: 'ours' | 'deno' | 'ipykernel';
  argv: string[];
  env: NodeJS.ProcessEnv;
  /** How it wants to be interrupted. */
  interrupt: 'message' | 'signal';
  language: 'typescript' | 'python';
}

/** Ours behind ZeroMQ. */
export const ours = (): KernelSpec => {
  const entry = fileURLToPath(import.meta.resolve('trialroom/main'));
  const { execArgv } = kernelCommand({ entry, socket: '' });
  const argv = [process.execPath, ...execArgv, entry, '--connection', '{connection}'];
  return { name: 'ours', argv, env: {}, interrupt: 'message', language: 'typescript' };
};

/** Deno's own kernel. Fetches it the first time. */
export function deno(): KernelSpec {
  const binary = join(FOLDER, 'node_modules/deno/deno');
  if (!existsSync(binary)) {
    console.error(`fetching ${DENO} into .peers`);
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(join(FOLDER, 'package.json'), '{"private":true}');
    execFileSync('npm', ['install', '--prefix', FOLDER, '--silent', DENO], { stdio: 'inherit' });
    // Its install script may be switched off; it only puts the binary in place.
    if (!existsSync(binary))
      execFileSync('node', [join(FOLDER, 'node_modules/deno/install.cjs')], { stdio: 'inherit' });
  }
  const argv = [binary, 'jupyter', '--kernel', '--conn', '{connection}'];
  return { name: 'deno', argv, env: { DENO_NO_UPDATE_CHECK: '1' }, interrupt: 'signal', language: 'typescript' };
}

/** IPython's kernel, from Debian's packages. Fetches them the first time. */
export function ipykernel(): KernelSpec {
  const root = join(FOLDER, 'debian');
  const modules = join(root, 'usr/lib/python3/dist-packages');
  if (!existsSync(join(modules, 'ipykernel'))) {
    console.error(`fetching ${DEBIAN} into .peers`);
    rmSync(root, { recursive: true, force: true });
    mkdirSync(root, { recursive: true });
    const plan = execFileSync('apt-get', ['install', '-s', '--no-install-recommends', DEBIAN], { encoding: 'utf8' });
    const packages = [...plan.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name ?? '');
    if (packages.length > 0) execFileSync('apt-get', ['download', ...packages], { cwd: root, stdio: 'ignore' });
    for (const file of readdirSync(root).filter((name) => name.endsWith('.deb'))) {
      execFileSync('dpkg', ['-x', file, '.'], { cwd: root });
      rmSync(join(root, file));
    }
  }
  const libraries = readdirSync(join(root, 'usr/lib')).filter((name) => name.includes('linux-gnu'));
  const env = {
    PYTHONPATH: modules,
    LD_LIBRARY_PATH: libraries.map((name) => join(root, 'usr/lib', name)).join(':'),
  };
  const argv = ['/usr/bin/python3', '-m', 'ipykernel_launcher', '-f', '{connection}'];
  return { name: 'ipykernel', argv, env, interrupt: 'signal', language: 'python' };
}
