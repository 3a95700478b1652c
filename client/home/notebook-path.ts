/** The path of the file that a typed name means: `my runs/first` → `my runs/first.ipynb`. Null when nothing was typed. */
export function notebookPath(typed: string): string | null {
  const path = typed
    .trim()
    .replaceAll('\\', '/')
    .replace(/^\/+|\/+$/g, '');
  if (path === '') return null;
  return /\.ipynb$/i.test(path) ? path : `${path}.ipynb`;
}
