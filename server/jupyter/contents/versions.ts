/**
 * What Jupyter's clients were given of each notebook. A client sends a notebook back whole, without saying what it had
 * begun from; with that remembered here, what others wrote meanwhile can be told from what the client took out.
 */
import type { NotebookFile } from '@trialroom/shared/notebook/format';

/** Several pages of one person may have several versions. */
const EACH = 4;
/** Most people and notebooks remembered. */
const MOST = 300;

/** Remembers versions for as long as they are likely to come back. */
export class Versions {
  readonly #known = new Map<string, NotebookFile[]>();

  /** This person's client has this now. */
  remember(person: string, notebook: string, version: NotebookFile): void {
    const key = `${person} ${notebook}`;
    const versions = [...(this.#known.get(key) ?? []), version].slice(-EACH);
    this.#known.delete(key);
    this.#known.set(key, versions);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST) break;
      this.#known.delete(oldest);
    }
  }

  /** The version that what is sent began from: the one it has most in common with, the latest of equals; null if none is known. */
  baseOf(person: string, notebook: string, sent: NotebookFile): NotebookFile | null {
    const texts = new Map(sent.cells.map(({ id, source }) => [id, source]));
    let best: { version: NotebookFile; score: number } | null = null;
    for (const version of this.#known.get(`${person} ${notebook}`) ?? []) {
      const same = version.cells.filter(({ id, source }) => texts.get(id) === source).length;
      // A version that is the sent one's beginning has no cells beyond those in common, but for what was edited.
      const score = 2 * same - version.cells.length;
      if (!best || score >= best.score) best = { version, score };
    }
    return best?.version ?? null;
  }
}
