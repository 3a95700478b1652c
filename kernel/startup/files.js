/**
 * Which files a kernel is loaded from: the bundles that `bundle.ts` made, while they belong to the sources, otherwise the
 * sources. Plain JavaScript, since nothing of ours is loaded yet and each file of TypeScript would cost a millisecond.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const KERNEL = new URL('../', import.meta.url);
const ROOT = fileURLToPath(new URL('../', KERNEL));

/** The folder of the bundles. */
export const BUNDLES = new URL('.bundles/', KERNEL);

/** The files to load where there are no bundles, or none that belong to the sources. */
export function sourceFiles() {
  return {
    main: new URL('startup/main.ts', KERNEL).href,
    supervisor: new URL('startup/supervisor.ts', KERNEL).href,
    library: new URL('library/index.ts', KERNEL).href,
  };
}

/** The files that this process is loaded from. */
export function kernelFiles(bundles = BUNDLES, root = ROOT) {
  if (process.env.TRIALROOM_KERNEL_SOURCES === '1') return sourceFiles();
  try {
    const { files, sources } = JSON.parse(readFileSync(new URL('manifest.json', bundles), 'utf8'));
    if (!sources.every(([path, mark]) => markOf(join(root, path)) === mark)) return sourceFiles();
    const at = (file) => {
      const url = new URL(file, bundles);
      statSync(url);
      return url.href;
    };
    return { main: at(files.main), supervisor: at(files.supervisor), library: at(files.library) };
  } catch {
    return sourceFiles(); // Nothing was bundled, since the tool for it is not everywhere, or not to its end.
  }
}

/** What tells one state of a source file from another; undefined where there is none. */
export function markOf(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  // Whole seconds: images of containers keep no more.
  return stat && `${stat.size} ${Math.floor(stat.mtimeMs / 1000)}`;
}
