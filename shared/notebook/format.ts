/**
 * Notebook files: nbformat 4.5 in and out. Unknown keys are kept at every level; a file is refused only when something
 * in it cannot be understood, and then the error names the place. It never guesses: another major version is refused,
 * not converted. What is written is byte for byte what Jupyter would write; `rewrite.ts` writes into files of other manners.
 */
import { z } from 'zod';
import { JsonError, parseJson, writeJson } from './json.ts';

/** Text as files hold it: one string, or its lines. */
const Lines = z.union([z.string(), z.array(z.string())], { error: 'expected a string or a list of strings' });
const Text = Lines.transform((lines) => (typeof lines === 'string' ? lines : lines.join('')));
const Bag = z.record(z.string(), z.unknown());
const Count = z.number().int().nullable();

/** Data of an output or attachment by MIME type; lists of lines are joined except in JSON types. */
const FileBundle = Bag.transform((bundle) =>
  Object.fromEntries(
    Object.entries(bundle).map(([mime, value]) => [mime, !isJsonMime(mime) && isLines(value) ? value.join('') : value]),
  ),
);

const isLines = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((line) => typeof line === 'string');
/** Whether data of this type is JSON, and so never a list of lines. */
export const isJsonMime = (mime: string): boolean =>
  mime === 'application/json' || (mime.startsWith('application/') && mime.endsWith('+json'));

/** One output in a file, with its text joined. */
export const FileOutput = z.discriminatedUnion('output_type', [
  z.looseObject({ output_type: z.literal('stream'), name: z.string(), text: Text }),
  z.looseObject({ output_type: z.literal('display_data'), data: FileBundle, metadata: Bag.default({}) }),
  z.looseObject({
    output_type: z.literal('execute_result'),
    data: FileBundle,
    metadata: Bag.default({}),
    execution_count: Count.default(null),
  }),
  z.looseObject({
    output_type: z.literal('error'),
    ename: z.string(),
    evalue: z.string(),
    traceback: z.array(z.string()),
  }),
]);
export type FileOutput = z.infer<typeof FileOutput>;

/** Attachments of a cell: file name → MIME bundle. */
export const FileAttachments = z.record(z.string(), FileBundle);

const cell = {
  id: z.string().optional(),
  source: Text,
  metadata: Bag.default({}),
  attachments: FileAttachments.optional(),
};
const FileCellSchema = z.discriminatedUnion('cell_type', [
  z.looseObject({
    ...cell,
    cell_type: z.literal('code'),
    outputs: z.array(FileOutput).default([]),
    execution_count: Count.default(null),
  }),
  z.looseObject({ ...cell, cell_type: z.literal('markdown') }),
  z.looseObject({ ...cell, cell_type: z.literal('raw') }),
]);
const NotebookSchema = z.looseObject({
  nbformat: z.literal(4),
  nbformat_minor: z.number().int().nonnegative(),
  metadata: Bag.default({}),
  cells: z.array(FileCellSchema),
});

/** One cell of a file, with its text joined and an id that is unique in the notebook. */
export type FileCell = z.infer<typeof FileCellSchema> & { id: string };

/** A whole notebook as plain data. */
export interface NotebookFile {
  nbformat: 4;
  nbformat_minor: number;
  metadata: Record<string, unknown>;
  cells: FileCell[];
  [unknown: string]: unknown;
}

/** Thrown when a text is not a notebook we can read; `where` is a line or a path in the file, when known. */
export class NotebookFormatError extends Error {
  readonly where: string | null;
  readonly fix: string;

  constructor(message: string, where: string | null, fix: string) {
    super(message);
    this.name = 'NotebookFormatError';
    this.where = where;
    this.fix = fix;
  }
}

const REPAIR = 'Repair the file or put back an earlier version of it.';

/**
 * Reads a notebook file. Versions 4.0 to 4.4 become 4.5; cells without a valid id of their own get one made from their
 * content, so that reading the same bytes twice gives the same ids. Throws {@link NotebookFormatError}.
 */
export function parseNotebook(text: string): NotebookFile {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const { line, column, message } = error.fault;
    const conflict = /^(<{7}|={7}|>{7})/m.test(text);
    throw new NotebookFormatError(
      text.trim() === '' ? 'the file is empty' : `line ${line}, column ${column}: ${message}`,
      `line ${line}, column ${column}`,
      conflict ? 'The file holds the marks of a merge conflict: resolve it and save the file.' : REPAIR,
    );
  }
  refuseVersion(value);
  const parsed = NotebookSchema.safeParse(value);
  if (!parsed.success) throw explain(parsed.error.issues[0], value);
  return withIds(parsed.data);
}

function refuseVersion(value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new NotebookFormatError('the file is JSON but not a notebook: the top is not an object', null, REPAIR);
  }
  const version = 'nbformat' in value ? value.nbformat : undefined;
  if (version === undefined) {
    throw new NotebookFormatError('the file is JSON but not a notebook: it has no nbformat', 'nbformat', REPAIR);
  }
  if (version === 4) return;
  const old = typeof version === 'number' && version < 4;
  throw new NotebookFormatError(
    `nbformat is ${JSON.stringify(version)}; expected 4`,
    'nbformat',
    old
      ? 'The file comes from an old Jupyter: convert it with "jupyter nbconvert --to notebook --nbformat 4 --inplace FILE".'
      : 'Save the file as nbformat 4 with the program that made it.',
  );
}

/** Turns the first thing zod found wrong into a sentence that names place, finding and expectation. */
function explain(issue: z.core.$ZodIssue | undefined, value: unknown): NotebookFormatError {
  if (!issue) return new NotebookFormatError('not a notebook', null, REPAIR);
  const place = issue.path.reduce<string>(
    (path, key) => (typeof key === 'number' ? `${path}[${key}]` : path === '' ? String(key) : `${path}.${String(key)}`),
    '',
  );
  let found: unknown = value;
  for (const key of issue.path) {
    found = typeof found === 'object' && found !== null ? Reflect.get(found, key) : undefined;
  }
  const shown = found === undefined ? 'missing' : clip(JSON.stringify(found));
  return new NotebookFormatError(`${place} is ${shown}; expected ${expectation(issue)}`, place, REPAIR);
}

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return issue.expected === 'record' ? 'an object' : article(issue.expected);
  if (issue.code === 'invalid_union') {
    const last = issue.path.at(-1);
    if (last === 'cell_type') return 'code, markdown or raw';
    if (last === 'output_type') return 'stream, display_data, execute_result or error';
    return 'a string or a list of strings';
  }
  return issue.message;
}

const article = (type: string): string => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`);
const clip = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text);

const VALID_ID = /^[a-zA-Z0-9_-]{1,64}$/;

function withIds(notebook: z.infer<typeof NotebookSchema>): NotebookFile {
  const own = notebook.cells.map(({ id }) => id ?? '');
  const taken = new Set(own.filter((id) => VALID_ID.test(id)));
  const used = new Set<string>();
  const cells = notebook.cells.map((cell, index): FileCell => {
    const id = own[index] ?? '';
    if (VALID_ID.test(id) && !used.has(id)) {
      used.add(id);
      return { ...cell, id };
    }
    let made: string;
    let round = 0;
    do made = hash(`${round++}\u0000${cell.cell_type}\u0000${cell.source}`);
    while (taken.has(made) || used.has(made));
    used.add(made);
    return { ...cell, id: made };
  });
  return { ...notebook, nbformat_minor: Math.max(5, notebook.nbformat_minor), cells };
}

/** Eight hex digits of FNV-1a: an id for a cell that has none, the same each time the same file is read. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return (value >>> 0).toString(16).padStart(8, '0');
}

/** A random cell id in Jupyter's own form: eight hex digits. */
export function newCellId(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(4));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Everything that ends a line for Python's `splitlines`, which decides how Jupyter cuts texts. */
const ENDS = String.fromCharCode(10, 11, 12, 13, 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029);
const LINE = new RegExp(`[^${ENDS}]*(?:\\r\\n|[${ENDS}]|$)`, 'g');

/** Cuts a text after each line end, as files hold it; an empty text has no lines. */
export const splitLines = (text: string): string[] => (text.match(LINE) ?? []).filter((line) => line !== '');

const LINED = new Set(['application/javascript', 'image/svg+xml']);

const splitBundle = (bundle: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(bundle).map(([mime, value]) => [
      mime,
      typeof value === 'string' && (mime.startsWith('text/') || LINED.has(mime)) ? splitLines(value) : value,
    ]),
  );

function splitOutput(output: FileOutput): Record<string, unknown> {
  if (output.output_type === 'stream') return { ...output, text: splitLines(output.text) };
  if (output.output_type === 'error') return output;
  return { ...output, data: splitBundle(output.data) };
}

/** A notebook as the JSON value that its file holds, with texts as lists of lines. */
export const fileValue = (notebook: NotebookFile): Record<string, unknown> => ({
  ...notebook,
  cells: notebook.cells.map((cell) => ({
    ...cell,
    source: splitLines(cell.source),
    attachments:
      cell.attachments &&
      Object.fromEntries(Object.entries(cell.attachments).map(([name, bundle]) => [name, splitBundle(bundle)])),
    ...(cell.cell_type === 'code' ? { outputs: cell.outputs.map(splitOutput) } : {}),
  })),
});

/** Writes a notebook as Jupyter does: sorted keys, one-space indent, texts as lists of lines, a newline at the end. */
export const serialiseNotebook = (notebook: NotebookFile): string => writeJson(fileValue(notebook));

/** The notebook without any output or execution count: what people wrote, and nothing a kernel said. */
export const withoutOutputs = (notebook: NotebookFile): NotebookFile => ({
  ...notebook,
  cells: notebook.cells.map((cell) =>
    cell.cell_type === 'code' ? { ...cell, outputs: [], execution_count: null } : cell,
  ),
});

/** An empty TypeScript notebook with one code cell. */
export const newNotebook = (): NotebookFile => ({
  nbformat: 4,
  nbformat_minor: 5,
  metadata: {
    kernelspec: { display_name: 'Trialroom (TypeScript)', language: 'typescript', name: 'trialroom' },
    language_info: { name: 'typescript', file_extension: '.ts', mimetype: 'text/typescript' },
  },
  cells: [{ id: newCellId(), cell_type: 'code', source: '', metadata: {}, outputs: [], execution_count: null }],
});

/** First heading of the first markdown cell that has one, without its marks; null when there is none. */
export function notebookTitle(notebook: NotebookFile): string | null {
  for (const cell of notebook.cells) {
    if (cell.cell_type !== 'markdown') continue;
    const heading = /^ {0,3}#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$/m.exec(cell.source)?.[1];
    if (heading) return heading.trim();
  }
  return null;
}
