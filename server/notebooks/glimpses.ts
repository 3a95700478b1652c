/** What the list says of each file without opening a document: its title, or what is wrong with it. Read anew when the file changed. */
import { basename } from 'node:path';
import { foreignLanguage } from '@trialroom/shared/notebook/foreign';
import { notebookTitle, parseNotebook } from '@trialroom/shared/notebook/format';
import type { NotebookFolder } from './files.ts';
import { problemOf } from './problem.ts';

export interface Glimpse {
  stamp: string;
  /** ms since the epoch. */
  changedAt: number;
  title: string;
  /** Set for a notebook of another language than ours, which is read here but not changed. */
  language: string | null;
  /** Why it cannot be read as a notebook. */
  problem: string | null;
}

export class Glimpses {
  readonly #folder: NotebookFolder;
  readonly #known = new Map<string, Glimpse>();

  constructor(folder: NotebookFolder) {
    this.#folder = folder;
  }

  /** Null when there is no such file. @throws the system's error when the file cannot be looked at */
  async at(path: string): Promise<Glimpse | null> {
    const now = await this.#folder.stamp(path);
    if (!now) {
      this.#known.delete(path);
      return null;
    }
    const known = this.#known.get(path);
    if (known?.stamp === now.stamp) return known;
    const found: Glimpse = { ...now, title: basename(path, '.ipynb'), language: null, problem: null };
    try {
      const file = await this.#folder.read(path);
      if (!file) return null;
      const notebook = parseNotebook(file.text);
      found.title = notebookTitle(notebook) ?? found.title;
      found.language = foreignLanguage(notebook.metadata);
    } catch (error) {
      found.problem = problemOf(error);
    }
    this.#known.set(path, found);
    return found;
  }
}
