/**
 * Parameters of a headless run as people give them: on the command line, or in a JSON or YAML file. What comes later
 * wins. It reads values only; whether the notebook knows a name is said by {@link unknownParameters}.
 */
import { readFile } from 'node:fs/promises';
import type { NotebookFile } from '@trialroom/shared/notebook/format';
import { InvalidArgumentError } from 'commander';
import { parse, YAMLParseError } from 'yaml';
import { Refusal } from '../http/refusal.ts';
import { isTagged, PARAMETERS } from '../sessions/headless/injected.ts';

const NAME = /^[\p{L}_$][\p{L}\p{N}_$]*$/u;

/** Flags by papermill's names, and ours for the same; empty: what we do anyway. */
const PAPERMILL: ReadonlyMap<string, string> = new Map([
  ['--parameters_file', '--params-file'],
  ['--execution-timeout', '--cell-timeout'],
  ['--start_timeout', '--start-timeout'],
  ['--not-report-mode', '--no-report-mode'],
  ...['--progress-bar', '--prepare-execute', '--request-save-on-cell-execute'].map((flag): [string, string] => [
    flag,
    '',
  ]),
]);

/** Flags that papermill gives a name and a value as two words. */
const TWO_WORDS: ReadonlyMap<string, string> = new Map([
  ...['-p', '--param', '--parameters'].map((flag): [string, string] => [flag, '-p']),
  ...['-r', '--param-raw', '--parameters_raw'].map((flag): [string, string] => [flag, '-r']),
]);
/** Words of Python's for values that JSON has. */
const PYTHON: ReadonlyMap<string, string> = new Map([
  ['True', 'true'],
  ['False', 'false'],
  ['None', 'null'],
]);

/** A command line as papermill takes it, with our names of its flags, and `-p name value` written `-p name=value`. */
export function joined(args: readonly string[]): string[] {
  const words: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const [word = '', name = '', value] = args.slice(at, at + 3);
    const flag = TWO_WORDS.get(word);
    if (flag === undefined || value === undefined || !NAME.test(name)) words.push(...renamed(word));
    else {
      words.push(flag, `${name}=${flag === '-p' ? (PYTHON.get(value) ?? value) : value}`);
      at += 2;
    }
  }
  return words;
}

function renamed(word: string): string[] {
  const [flag = '', ...value] = word.split('=');
  const ours = PAPERMILL.get(flag);
  return ours === undefined ? [word] : ours === '' ? [] : [[ours, ...value].join('=')];
}

/** A number as people write it, also where JSON wants another digit: `.5`, `1.`, `+3`. */
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** `k=v` with v as text, whatever it looks like. */
export function rawParameter(text: string, before: Record<string, unknown> = {}): Record<string, unknown> {
  const [name, value] = parts(text);
  return { ...before, [name]: value };
}

/** `k=v` with v as JSON where it parses, or a number, else as text: `--param epochs=3 --param optimizer=adam`. */
export function parameter(text: string, before: Record<string, unknown> = {}): Record<string, unknown> {
  const [name, value] = parts(text);
  try {
    return { ...before, [name]: JSON.parse(value) as unknown };
  } catch {
    return { ...before, [name]: NUMBER.test(value) ? Number(value) : value };
  }
}

function parts(text: string): [name: string, value: string] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('a parameter looks like name=value');
  const name = text.slice(0, at);
  if (!NAME.test(name)) throw new InvalidArgumentError(`"${name}" cannot be a variable's name`);
  return [name, text.slice(at + 1)];
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
  return parametersIn(text, path);
}

/** `--parameters_base64`: the same text, as base64. @throws Refusal */
export function encodedParameters(text: string): Record<string, unknown> {
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text)) {
    throw new Refusal(422, {
      error: 'bad-parameters',
      message: '--parameters_base64 is no base64',
      where: text.slice(0, 80),
      fix: 'give it YAML in base64, or use --parameters_yaml',
    });
  }
  return parametersIn(Buffer.from(text, 'base64').toString(), '--parameters_base64');
}

/**
 * Parameters in JSON or YAML: a mapping from names to values.
 * @param where the file or flag that it stands in
 * @throws Refusal that names it, the place and what to write instead
 */
export function parametersIn(text: string, where: string): Record<string, unknown> {
  const refuse = (message: string, fix: string): Refusal =>
    new Refusal(422, { error: 'bad-parameters', message, where, fix });
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw refuse(`${where} is neither JSON nor YAML: ${error.message}`, 'write one "name: value" a line');
  }
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw refuse(`${where} holds ${Array.isArray(value) ? 'a list' : typeof value}`, 'write one "name: value" a line');
  }
  const wrong = Object.keys(value).find((name) => !NAME.test(name));
  if (wrong !== undefined) {
    throw refuse(`"${wrong}" in ${where} cannot be a variable's name`, 'use letters, digits, _ and $');
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
