/**
 * Parameters of a headless run as people give them: on the command line, or in a JSON or YAML file. What comes later
 * wins. It reads values only; whether the notebook knows a name is said by {@link unknownParameters}.
 */
import { readFile } from 'node:fs/promises';
import type { NotebookFile } from '@trialroom/shared/notebook/format';
import { InvalidArgumentError } from 'commander';
import { parse, YAMLParseError } from 'yaml';
import { Refusal } from '../http/refusal.ts';
import { isTagged, PARAMETERS } from '../sessions/injected.ts';

const NAME = /^[\p{L}_$][\p{L}\p{N}_$]*$/u;

/** `k=v` with v as JSON where it parses, else as text: `--param epochs=3 --param optimizer=adam`. */
export function parameter(text: string, before: Record<string, unknown> = {}): Record<string, unknown> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('a parameter looks like name=value');
  const name = text.slice(0, at);
  if (!NAME.test(name)) throw new InvalidArgumentError(`"${name}" cannot be a variable's name`);
  const value = text.slice(at + 1);
  try {
    return { ...before, [name]: JSON.parse(value) as unknown };
  } catch {
    return { ...before, [name]: value };
  }
}

/**
 * Reads a file of parameters: one JSON or YAML mapping from names to values.
 * @throws Refusal that names the file, the place and what to write instead
 */
export async function parametersFrom(path: string): Promise<Record<string, unknown>> {
  const refuse = (message: string, fix: string): Refusal =>
    new Refusal(422, { error: 'bad-parameters', message, where: path, fix });
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const message = error.code === 'ENOENT' ? `there is no ${path}` : `${path} cannot be read: ${error.message}`;
    throw refuse(message, 'give --params-file a JSON or YAML file');
  });
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw refuse(`${path} is neither JSON nor YAML: ${error.message}`, 'write one "name: value" a line');
  }
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw refuse(`${path} holds ${Array.isArray(value) ? 'a list' : typeof value}`, 'write one "name: value" a line');
  }
  const wrong = Object.keys(value).find((name) => !NAME.test(name));
  if (wrong !== undefined) {
    throw refuse(`"${wrong}" in ${path} cannot be a variable's name`, 'use letters, digits, _ and $');
  }
  return { ...value };
}

/** Names that no cell tagged `parameters` binds: most likely misspelt. Empty when the notebook has no such cell. */
export function unknownParameters({ cells }: NotebookFile, params: Readonly<Record<string, unknown>>): string[] {
  const tagged = cells.filter((cell) => cell.cell_type === 'code' && isTagged(cell, PARAMETERS));
  if (tagged.length === 0) return [];
  const text = tagged.map(({ source }) => source).join('\n');
  return Object.keys(params).filter((name) => {
    const escaped = name.replaceAll('$', '\\$');
    return !new RegExp(`(?<![\\p{L}\\p{N}_$.])${escaped}(?![\\p{L}\\p{N}_$])`, 'u').test(text);
  });
}
