/**
 * Notebooks as `.ts` files in the percent format, as Jupytext writes it for TypeScript: a cell begins with `// %%`, text
 * stands in comments, metadata in the marker. What is read back is what was written, ids and attachments included; outputs
 * are not in it.
 */
import { FileAttachments, type FileCell, type NotebookFile, NotebookFormatError, newCellId } from './format.ts';

const MARKER = /^\/\/ ?%%(?!%)(.*)$/;
/** A line of a cell that would be taken for a marker; it is written with one more backslash. */
const LIKE_MARKER = /^(\/\/ ?)(\\*%%)/;
const ESCAPED = /^(\/\/ ?)\\(\\*%%)/;
const RULE = '// ---';

/** Keys of the marker that are not metadata of the cell. */
const OWN = new Set(['id', 'attachments', 'extra', 'metadata']);
const KEY = /^[A-Za-z_][\w-]*$/;
const PLAIN = new Set(['id', 'cell_type', 'source', 'metadata', 'outputs', 'execution_count', 'attachments']);

type Bag = Record<string, unknown>;
const isBag = (value: unknown): value is Bag => typeof value === 'object' && value !== null && !Array.isArray(value);
const some = (bag: Bag): boolean => Object.keys(bag).length > 0;

/** The notebook as a `.ts` file in percent format. */
export function writePercent(notebook: NotebookFile): string {
  // JSON is YAML, so that Jupytext reads it.
  const header = [RULE, `// jupyter: ${JSON.stringify(notebook.metadata)}`, RULE, ''];
  const cells = notebook.cells.map((cell) => {
    const lines = cell.source.split('\n').map((line) => {
      const written = cell.cell_type === 'code' ? line : line === '' ? '//' : `// ${line}`;
      return written.replace(LIKE_MARKER, '$1\\$2');
    });
    return [marker(cell), ...lines].join('\n');
  });
  return `${[header.join('\n'), ...cells].join('\n\n').replace(/^(\/\/ ---\n.*\n\/\/ ---\n)\n/, '$1')}\n`;
}

function marker(cell: FileCell): string {
  const named: Bag = {};
  const odd: Bag = {};
  for (const [key, value] of Object.entries(cell.metadata)) {
    if (KEY.test(key) && !OWN.has(key)) named[key] = value;
    else odd[key] = value;
  }
  const extra = Object.fromEntries(
    Object.entries(cell).filter(([key, value]) => !PLAIN.has(key) && value !== undefined),
  );
  const { attachments } = cell;
  const said: Bag = {
    ...named,
    ...(some(odd) ? { metadata: odd } : {}),
    ...(attachments ? { attachments } : {}),
    ...(some(extra) ? { extra } : {}),
    id: cell.id,
  };
  const kind = cell.cell_type === 'code' ? '' : ` [${cell.cell_type}]`;
  return `// %%${kind}${Object.entries(said)
    .map(([key, value]) => ` ${key}=${JSON.stringify(value)}`)
    .join('')}`;
}

/**
 * Reads a `.ts` file in percent format; one without any marker is a notebook of one cell.
 * @param readYaml reads a header that is YAML, as Jupytext writes it; absent: JSON only
 * @throws NotebookFormatError when the header cannot be read
 */
export function parsePercent(text: string, readYaml: (text: string) => unknown = JSON.parse): NotebookFile {
  const body = text.replace(/^\uFEFF/, '');
  const lines = (/^[^\n]*\r\n/.test(body) ? body.replaceAll('\r\n', '\n') : body).split('\n');
  const { metadata, next } = header(lines, readYaml);
  const cells: FileCell[] = [];
  const ids = new Set<string>();
  let [options, begin]: [string | null, number] = [null, next];
  const close = (end: number): void => {
    const last = end === lines.length;
    const held = lines.slice(begin, end);
    // What parts a cell from the next marker, or ends the file.
    if (held.length > (options === null ? 0 : 1) && held.at(-1) === '') held.pop();
    else if (last && held.at(-1) === '') held.pop();
    if (options === null && held.every((line) => line.trim() === '')) return;
    const cell = cellOf(options ?? '', held);
    if (ids.has(cell.id)) cell.id = newCellId();
    ids.add(cell.id);
    cells.push(cell);
  };
  for (let at = next; at < lines.length; at++) {
    const found = MARKER.exec(lines[at] ?? '');
    if (!found) continue;
    close(at);
    [options, begin] = [found[1] ?? '', at + 1];
  }
  close(lines.length);
  return { nbformat: 4, nbformat_minor: 5, metadata, cells };
}

function header(lines: readonly string[], readYaml: (text: string) => unknown): { metadata: Bag; next: number } {
  const begin = lines.findIndex((line) => line.trim() !== '');
  const end = lines.indexOf(RULE, begin + 1);
  if (lines[begin] !== RULE || end < 0) return { metadata: {}, next: 0 };
  const said = lines.slice(begin + 1, end).map((line) => line.replace(/^\/\/ ?/, ''));
  const only = said.length === 1 ? /^jupyter: (\{.*\})$/.exec(said[0] ?? '')?.[1] : undefined;
  try {
    const read = only === undefined ? readYaml(said.join('\n')) : { jupyter: JSON.parse(only) };
    const jupyter = isBag(read) && isBag(read.jupyter) ? read.jupyter : {};
    // Jupytext notes here how it wrote the file, which is not the notebook's own.
    const { jupytext: _, ...metadata } = jupyter;
    return { metadata, next: end + (lines[end + 1] === '' ? 2 : 1) };
  } catch (error) {
    throw new NotebookFormatError(
      `the header cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      `line ${begin + 1}`,
      'Mend the lines between the two "// ---", or remove them.',
    );
  }
}

function cellOf(options: string, lines: readonly string[]): FileCell {
  const { kind, said } = optionsOf(options);
  const { id, attachments, extra, metadata, ...named } = said;
  const source = lines
    .map((line) => line.replace(ESCAPED, '$1$2'))
    .map((line) => (kind === 'code' ? line : line.replace(/^\/\/ ?/, '')))
    .join('\n');
  const parts = {
    ...(isBag(extra) ? extra : {}),
    id: typeof id === 'string' && /^[\w-]{1,64}$/.test(id) ? id : newCellId(),
    source,
    metadata: { ...named, ...(isBag(metadata) ? metadata : {}) },
  };
  const attached = FileAttachments.safeParse(attachments);
  if (kind === 'code') return { ...parts, cell_type: 'code', outputs: [], execution_count: null };
  return { ...parts, cell_type: kind, ...(attached.success ? { attachments: attached.data } : {}) };
}

/** ` A title [markdown] tags=["a"]` → the kind of cell and what is said of it. */
function optionsOf(text: string): { kind: FileCell['cell_type']; said: Bag } {
  const found = /^([^[="{]*?)\s*(?:\[(\w+)\])?\s*((?:[A-Za-z_][\w-]*=.*)?)$/.exec(text.trim());
  if (!found) return { kind: 'code', said: text.trim() === '' ? {} : { title: text.trim() } };
  const [, title = '', type = 'code', rest = ''] = found;
  const said: Bag = title === '' ? {} : { title };
  const kind = type === 'markdown' || type === 'md' ? 'markdown' : type === 'raw' ? 'raw' : 'code';
  let at = 0;
  while (at < rest.length) {
    const key = /^\s*([A-Za-z_][\w-]*)=/.exec(rest.slice(at));
    if (!key?.[1]) break;
    const from = at + key[0].length;
    const to = endOfJson(rest, from);
    try {
      said[key[1]] = JSON.parse(rest.slice(from, to));
    } catch {
      said[key[1]] = rest.slice(from, to);
    }
    at = to;
  }
  return { kind, said };
}

/** Where a JSON value that begins at `from` ends: at the first space outside of brackets and strings. */
function endOfJson(text: string, from: number): number {
  let [depth, quoted] = [0, false];
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (quoted) {
      if (char === '\\') at++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '[' || char === '{') depth++;
    else if (char === ']' || char === '}') depth--;
    else if (char === ' ' && depth === 0) return at;
  }
  return text.length;
}
