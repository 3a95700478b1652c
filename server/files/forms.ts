/** Notebooks in the forms that people bring and take away: `.ipynb`, `.ts` in percent format, Markdown. */
import { basename } from 'node:path';
import {
  type NotebookFile,
  NotebookFormatError,
  newNotebook,
  parseNotebook,
  serialiseNotebook,
} from '@trialroom/shared/notebook/format';
import { type Below, parseMarkdown, writeMarkdown } from '@trialroom/shared/notebook/markdown';
import { parsePercent, writePercent } from '@trialroom/shared/notebook/percent';
import { parse as parseYaml } from 'yaml';
import { Refusal } from '../http/refusal.ts';

/** What a notebook can be taken away as. */
export const FORMS = ['ipynb', 'ts', 'md'] as const;
export type Form = (typeof FORMS)[number];

const TYPES: Readonly<Record<Form, string>> = {
  ipynb: 'application/x-ipynb+json; charset=utf-8',
  ts: 'text/typescript; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
};

const ours = (notebook: NotebookFile): NotebookFile => ({
  ...notebook,
  metadata: Object.keys(notebook.metadata).length > 0 ? notebook.metadata : newNotebook().metadata,
});

/**
 * What an uploaded file says, as a notebook.
 * @param path its name tells which form it has
 * @throws Refusal (400) that names the file, the place in it, and what to do
 */
export function readForm(path: string, content: string): NotebookFile {
  const name = basename(path);
  const ending = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase();
  try {
    if (ending === 'ipynb') return parseNotebook(content);
    if (ending === 'ts') return ours(parsePercent(content, (text) => parseYaml(text)));
    if (ending === 'md' || ending === 'markdown') return ours(parseMarkdown(content));
  } catch (error) {
    if (!(error instanceof NotebookFormatError)) throw error;
    throw new Refusal(400, {
      error: 'not-a-notebook',
      message: `${name} cannot be read as a notebook: ${error.message}`,
      where: error.where === null ? name : `${name}: ${error.where}`,
      fix: error.fix,
    });
  }
  throw new Refusal(400, {
    error: 'unknown-form',
    message: `${name} is none of .ipynb, .ts and .md`,
    where: name,
    fix: 'Upload a notebook, a TypeScript file in percent format, or Markdown.',
  });
}

/** The path of the notebook that an uploaded file becomes. */
export const uploadedPath = (path: string): string => path.replace(/\.(ipynb|ts|md|markdown)$/i, '.ipynb');

/** The notebook as a file to take away, ready to be sent. */
export function writeForm(form: Form, notebook: NotebookFile, path: string, below?: Below): Response {
  const text =
    form === 'ipynb'
      ? serialiseNotebook(notebook)
      : form === 'ts'
        ? writePercent(notebook)
        : writeMarkdown(notebook, below);
  const name = `${basename(path, '.ipynb')}.${form}`;
  const plain = name.replaceAll(/[^\w .-]/g, '_');
  return new Response(text, {
    headers: {
      'content-type': TYPES[form],
      'content-disposition': `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name)}`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
  });
}
