/**
 * Notebooks of other languages than ours: they are shown and kept, not run or changed here. What a notebook is written in
 * is said by its metadata; one that says nothing is taken for ours.
 */

import type * as Y from 'yjs';
import { metadataOf } from './document.ts';

/** What our kernel runs: TypeScript, and JavaScript, which is the same to it. */
const OURS = new Set(['typescript', 'javascript', 'ts', 'js', 'tsx', 'jsx', 'node', 'nodejs', 'node.js', 'deno']);

/** Kernels whose metadata may hold nothing but their name. */
const BY_KERNEL: readonly [RegExp, string][] = [
  [/^(python|pysparkkernel|conda-|xpython)/i, 'python'],
  [/^(ir|xr)$/i, 'R'],
  [/^julia/i, 'julia'],
  [/^(bash|zsh)$/i, 'bash'],
  [/^(scala|spylon|almond)/i, 'scala'],
];

const textAt = (value: unknown, key: string): string | null => {
  const found = typeof value === 'object' && value !== null ? Reflect.get(value, key) : null;
  return typeof found === 'string' && found.trim() !== '' ? found.trim() : null;
};

/**
 * The language of a notebook that is not ours, as people write it (`Python`, `R`, `C++17`); null for ours.
 * @param metadata of the notebook
 */
export function foreignLanguage(metadata: Readonly<Record<string, unknown>>): string | null {
  const kernel = textAt(metadata.kernelspec, 'name') ?? '';
  const said =
    textAt(metadata.language_info, 'name') ??
    textAt(metadata.kernelspec, 'language') ??
    BY_KERNEL.find(([name]) => name.test(kernel))?.[1] ??
    null;
  if (said === null || OURS.has(said.toLowerCase())) return null;
  return /^[a-z]/.test(said) ? `${said[0]?.toUpperCase()}${said.slice(1)}` : said;
}

/** As {@link foreignLanguage}, of an open document. */
export function foreignDocument(doc: Y.Doc): string | null {
  const metadata = metadataOf(doc);
  return foreignLanguage({ kernelspec: metadata.get('kernelspec'), language_info: metadata.get('language_info') });
}

/** What is said to whoever would change or run such a notebook. */
export const foreignReason = (language: string): string =>
  `this is a ${language} notebook: it can be read here, but neither changed nor run`;
