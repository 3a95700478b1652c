/** Hears of every notebook file that is made, changed or removed, by anyone. All watching of the folder is here. */
import { basename, relative, sep } from 'node:path';
import { watch } from 'chokidar';
import { skipped } from './paths.ts';

/**
 * Begins to watch; resolves when nothing that happens from now on is missed.
 * @param root the notebooks folder, a real path
 * @param heard is told the path, relative to the folder
 * @param folders is told that a folder came or went
 * @returns ends it
 */
export async function watchFolder(
  root: string,
  handlers: {
    heard: (path: string, event: 'add' | 'change' | 'unlink') => void;
    folders: () => void;
    onError: (error: unknown) => void;
  },
): Promise<() => Promise<void>> {
  const watcher = watch(root, {
    ignoreInitial: true,
    followSymlinks: false,
    ignored: (path, stats) =>
      path !== root && (skipped(basename(path)) || (stats?.isFile() === true && !path.endsWith('.ipynb'))),
  });
  for (const event of ['add', 'change', 'unlink'] as const) {
    watcher.on(event, (full) => {
      if (full.endsWith('.ipynb')) handlers.heard(relative(root, full).split(sep).join('/'), event);
    });
  }
  watcher.on('addDir', handlers.folders);
  watcher.on('unlinkDir', handlers.folders);
  watcher.on('error', handlers.onError);
  await new Promise<void>((ready) => watcher.once('ready', ready));
  return () => watcher.close();
}
