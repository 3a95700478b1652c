/**
 * Builds the browser client when its sources changed since the last build, so that `npm start` in a fresh clone just works.
 * Where the build tool is not installed (a production image) it takes what was built, and refuses to start with nothing.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CLIENT = join(ROOT, 'client');
const STAMP = join(CLIENT, 'dist', '.sources');

/** What {@link ensureClient} did. */
export type ClientBuild = 'fresh' | 'built' | 'prebuilt';

/**
 * Makes sure that `client/dist` belongs to the sources.
 * @throws Error with the build's output when it fails, or when there is neither a build nor a way to make one
 */
export async function ensureClient(announce: () => void): Promise<ClientBuild> {
  const sources = await fingerprint();
  const built = await readFile(STAMP, 'utf8').catch(() => undefined);
  if (built === sources) return 'fresh';
  const vite = findVite();
  if (vite === undefined) {
    if (existsSync(join(CLIENT, 'dist', 'index.html'))) return 'prebuilt';
    throw new Error('the browser client is not built and vite is not installed: run `npm install`, then try again');
  }
  announce();
  const child = spawn(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: CLIENT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      output += text;
    });
  }
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`building the browser client failed:\n${output}`);
  await writeFile(STAMP, sources);
  return 'built';
}

/** Hash of every file that the build reads. */
async function fingerprint(): Promise<string> {
  const hash = createHash('sha256');
  for (const top of ['client', 'shared']) {
    const entries = await readdir(join(ROOT, top), { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !/[\\/](node_modules|dist)[\\/]|\.test\.tsx?$/.test(path))
      .sort();
    for (const path of files) hash.update(path.slice(ROOT.length)).update(await readFile(path));
  }
  hash.update(await readFile(join(ROOT, 'package-lock.json')).catch(() => ''));
  return hash.digest('hex');
}

function findVite(): string | undefined {
  try {
    return join(createRequire(join(CLIENT, 'package.json')).resolve('vite/package.json'), '..', 'bin', 'vite.js');
  } catch {
    return undefined;
  }
}
