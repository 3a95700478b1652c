/** What is wrong with a notebook file, said to people. */
import { NotebookFormatError } from '@trialroom/shared/notebook/format';
import { Refusal } from '../http/refusal.ts';
import { codeOf, NotText } from './files.ts';

/** Why a file cannot be read as a notebook, in a sentence. */
export function problemOf(error: unknown): string {
  if (error instanceof NotebookFormatError) return `${error.message}. ${error.fix}`;
  if (error instanceof NotText) return `${error.message}. Save it as UTF-8.`;
  if (error instanceof Refusal) return `${error.message}. ${error.problem.fix ?? ''}`.trim();
  const code = codeOf(error);
  return code === null ? String(error) : `the file cannot be read (${code}). Check its permissions.`;
}
