/**
 * The other kernels, fetched once into `.peers/` beside the repository's own packages: Deno from npm, ipykernel from
 * Debian, unpacked there so that nothing on the system changes. Needs npm, and on Debian or Ubuntu apt-get and dpkg.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kernelCommand } from '@trialroom/shared/kernel/spawn';
import { debianPython, PEERS } from '../peers/debian.ts';

const DENO = 'deno@2.9.6';

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
  const binary = join(PEERS, 'node_modules/deno/deno');
  if (!existsSync(binary)) {
    console.error(`fetching ${DENO} into .peers`);
    mkdirSync(PEERS, { recursive: true });
    writeFileSync(join(PEERS, 'package.json'), '{"private":true}');
    execFileSync('npm', ['install', '--prefix', PEERS, '--silent', DENO], { stdio: 'inherit' });
    // Its install script may be switched off; it only puts the binary in place.
    if (!existsSync(binary)) execFileSync('node', [join(PEERS, 'node_modules/deno/install.cjs')], { stdio: 'inherit' });
  }
  const argv = [binary, 'jupyter', '--kernel', '--conn', '{connection}'];
  return { name: 'deno', argv, env: { DENO_NO_UPDATE_CHECK: '1' }, interrupt: 'signal', language: 'typescript' };
}

/** IPython's kernel, from Debian's packages. Fetches them the first time. */
export function ipykernel(): KernelSpec {
  const python = debianPython('debian', ['python3-ipykernel']);
  const argv = [...python.argv, '-m', 'ipykernel_launcher', '-f', '{connection}'];
  return { name: 'ipykernel', argv, env: { ...python.env }, interrupt: 'signal', language: 'python' };
}
