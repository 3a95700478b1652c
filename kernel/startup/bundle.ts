/**
 * Bundles the kernel, so that a process that starts opens a few files instead of hundreds: two thirds of the time to its
 * first answer went into finding and opening them. Made at install and by `npm run build`; a kernel whose bundles are not of
 * its sources does without (`files.js`).
 *
 * What the main thread loads and what cells import as `trialroom` is bundled together, so that there is one of each module.
 * Packages stay outside, for cells may import them too.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OutputChunk, Plugin, RolldownOutput } from 'rolldown';
import { BUNDLES, kernelFiles, markOf, sourceFiles } from './files.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PACKAGES = `${sep}node_modules${sep}`;

/** Packages of many files that hold no state: ours may be another one than that of a cell. */
const INLINED = /^(zod|magic-string|ulid|oxc-parser)($|\/)/;

/** What {@link bundleKernel} did: `without` where the tool for it is not installed. */
export type Bundled = 'fresh' | 'bundled' | 'without';

/** What {@link bundleKernel} may be told. */
export interface BundleOptions {
  /** Where the bundles lie; by default where kernels look for them. */
  folder?: URL;
  /** Bundles even where nothing of ours has changed: a package may have, whose files carry no time. */
  anew?: boolean;
}

/**
 * Makes sure that the bundles belong to the sources. Several processes may do so at once.
 * @throws Error when the sources cannot be bundled
 */
export async function bundleKernel({ folder = BUNDLES, anew = false }: BundleOptions = {}): Promise<Bundled> {
  if (!anew && kernelFiles(folder).main !== sourceFiles().main) return 'fresh';
  const tool = await import('rolldown').catch(() => undefined);
  if (tool === undefined) return 'without';
  const out = fileURLToPath(folder);
  const { main, supervisor, library } = sourceFiles();
  // A name of its own for each state of the sources: a kernel may be starting from the files of the last one.
  const pattern = '[name]-[hash].js';
  const make = async (input: Record<string, string>): Promise<RolldownOutput> => {
    const build = await tool.rolldown({
      input: Object.fromEntries(Object.entries(input).map(([name, url]) => [name, fileURLToPath(url)])),
      platform: 'node',
      cwd: ROOT,
      plugins: [keptWhereItIs(out)],
      logLevel: 'silent',
    });
    return build.write({ dir: out, format: 'esm', entryFileNames: pattern, chunkFileNames: pattern });
  };
  mkdirSync(out, { recursive: true });
  const outputs = [await make({ main, library }), await make({ supervisor })];
  const chunks = outputs.flatMap(({ output }) => output).filter((part): part is OutputChunk => part.type === 'chunk');
  const fileOf = (name: string): string | undefined =>
    chunks.find((chunk) => chunk.isEntry && chunk.name === name)?.fileName;
  const sources = [...new Set(chunks.flatMap(({ moduleIds }) => moduleIds))]
    .filter((id) => id.startsWith(ROOT) && !id.includes(PACKAGES))
    .map((id) => [relative(ROOT, id), markOf(id)]);
  const files = { main: fileOf('main'), supervisor: fileOf('supervisor'), library: fileOf('library') };
  replaceManifest(out, { files, chunks: chunks.map(({ fileName }) => fileName), sources });
  return 'bundled';
}

/** What another process may be writing at this moment is not to be removed: files younger than this, in ms. */
const YOUNG_MS = 60_000;

/** Puts the new list in place at once, and removes the older files that neither it nor the one before names. */
function replaceManifest(out: string, manifest: { chunks: string[] } & Record<string, unknown>): void {
  const path = join(out, 'manifest.json');
  const known = new Set(['manifest.json', ...chunksIn(path), ...manifest.chunks]);
  const next = join(out, `manifest-${process.pid}.json`);
  writeFileSync(next, JSON.stringify(manifest));
  renameSync(next, path);
  for (const name of readdirSync(out)) {
    const file = join(out, name);
    const written = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (!known.has(name) && Date.now() - written > YOUNG_MS) rmSync(file, { force: true });
  }
}

function chunksIn(path: string): string[] {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).chunks;
  } catch {
    return [];
  }
}

/** Leaves packages outside, and lets modules find what lies beside them where they come from. */
function keptWhereItIs(out: string): Plugin {
  return {
    name: 'kept-where-it-is',
    resolveId(id, importer) {
      if (importer === undefined || importer.includes(PACKAGES)) return null;
      if (id.startsWith('.') || isAbsolute(id) || id.startsWith('@trialroom/') || INLINED.test(id)) return null;
      return { id, external: true };
    },
    transform(code, id) {
      const other = /\bimport\.meta\.(?!(url|resolve)\b)\w+/.exec(code);
      if (other) throw new Error(`${id}: ${other[0]} would be that of the bundle; use import.meta.url`);
      const place = JSON.stringify(relative(out, id).split(sep).join('/'));
      return code.replaceAll(/\bimport\.meta\.url\b/g, `new URL(${place}, import.meta.url).href`);
    },
  };
}
