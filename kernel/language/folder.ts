/**
 * What a folder of notebooks means for the type checker: its settings, where the packages come from that every notebook
 * may count on, and which files on disk the answers depend on.
 */
import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GLOBALS } from './globals.ts';

/** Names of our documents in a folder; none of them is on disk. */
export const PREFIX = '__trialroom_';
/** The file that declares what cells find without importing it. */
export const GLOBALS_FILE = `${PREFIX}globals.d.ts`;
/** Among its own files, or else the language server makes another project for it, with a library of its own. */
const ALWAYS = ['tsconfig.json', GLOBALS_FILE];

export { GLOBALS };

const require = createRequire(import.meta.url);

/** Packages that are found beside the kernel when the folder has none; see `kernel/process/imports.ts`. */
const BROUGHT = [
  'trialroom',
  '@tensorflow/tfjs',
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-layers',
  '@tensorflow/tfjs-data',
  '@tensorflow/tfjs-converter',
  '@tensorflow/tfjs-backend-wasm',
];

/** Folder of a package as code in `folder` sees it. */
function packageFolder(folder: string, name: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const candidate = join(at, 'node_modules', name);
    if (existsSync(candidate)) return candidate;
    if (dirname(at) === at) return undefined;
  }
}

/** Text of the `tsconfig.json` that the language server is shown for a folder. */
export function configText(folder: string, files: readonly string[]): string {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const paths: Record<string, string[]> = {};
  for (const name of BROUGHT) {
    if (packageFolder(folder, name)) continue;
    if (name === 'trialroom') paths[name] = [join(here, '../library/index.ts')];
    else {
      const ours = packageFolder(here, name);
      if (ours) Object.assign(paths, { [name]: [ours], [`${name}/*`]: [`${ours}/*`] });
    }
  }
  return JSON.stringify({
    compilerOptions: {
      target: 'esnext',
      module: 'esnext',
      moduleResolution: 'bundler',
      moduleDetection: 'force',
      lib: ['esnext'],
      types: ['node'],
      typeRoots: [dirname(dirname(require.resolve('@types/node/package.json')))],
      strict: true,
      jsx: 'preserve',
      allowJs: true,
      resolveJsonModule: true,
      allowImportingTsExtensions: true,
      skipLibCheck: true,
      noEmit: true,
      paths,
    },
    files: [...ALWAYS, ...files],
  });
}

/** The least settings there are: with them, opening many documents costs little. */
export const scantConfigText = (files: readonly string[]): string =>
  JSON.stringify({
    compilerOptions: { module: 'esnext', moduleResolution: 'bundler', resolveJsonModule: true, noLib: true, types: [] },
    files: [...ALWAYS, ...files],
  });

const EXTENSIONS = ['', '.ts', '.tsx', '.js', '.mjs', '.json', '/index.ts', '/index.js'];

/** What the specifiers of a folder's cells lead to, as far as it can change while a notebook is open. */
export interface Reach {
  /** Last change of each local file that is imported; 0 when it is absent. */
  readonly files: ReadonlyMap<string, number>;
  /** Where each package is that is imported; undefined when it is absent. */
  readonly packages: ReadonlyMap<string, string | undefined>;
}

/** Looks at the disk. */
export function reach(folder: string, specifiers: Iterable<string>): Reach {
  const files = new Map<string, number>();
  const packages = new Map<string, string | undefined>();
  for (const specifier of new Set(specifiers)) {
    if (/^\.{0,2}\//.test(specifier)) {
      const base = specifier.startsWith('/') ? specifier : join(folder, specifier);
      for (const end of EXTENSIONS) files.set(base + end, changedAt(base + end));
    } else if (!specifier.includes(':')) {
      const name = specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/');
      packages.set(name, packageFolder(folder, name));
    }
  }
  return { files, packages };
}

function changedAt(path: string): number {
  const seen = statSync(path, { throwIfNoEntry: false });
  return seen?.isFile() ? seen.mtimeMs : 0;
}
