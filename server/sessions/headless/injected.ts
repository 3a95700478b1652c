/**
 * Parameters put into a notebook from outside, as a cell of its own after the one tagged `parameters`: the defaults stay
 * readable, and the executed notebook shows what it really ran with. The layout is the one that papermill made common.
 */
import { type FileCell, type NotebookFile, newCellId } from '@trialroom/shared/notebook/format';

/** Tag of the cell that holds a notebook's default parameters. */
export const PARAMETERS = 'parameters';
/** Tag of the cell that overrides them. */
export const INJECTED = 'injected-parameters';

/** True when the cell's metadata holds this tag. */
export function isTagged(cell: { metadata: Record<string, unknown> }, tag: string): boolean {
  const { tags } = cell.metadata;
  return Array.isArray(tags) && tags.includes(tag);
}

/**
 * The notebook with these parameters: an earlier injected cell is replaced, and without parameters none is made.
 * @throws RangeError when a name cannot be a variable's, or a value cannot be written as JSON
 */
export function injectParameters(notebook: NotebookFile, params: Readonly<Record<string, unknown>>): NotebookFile {
  const cells = notebook.cells.filter((cell) => !isTagged(cell, INJECTED));
  const names = Object.keys(params);
  if (names.length === 0) return { ...notebook, cells };
  const lines = names.map((name) => `const ${checked(name)} = ${literal(name, params[name])};`);
  const injected: FileCell = {
    id: newCellId(),
    cell_type: 'code',
    source: ['// Parameters', ...lines].join('\n'),
    metadata: { tags: [INJECTED] },
    outputs: [],
    execution_count: null,
  };
  const after = cells.findIndex((cell) => isTagged(cell, PARAMETERS));
  return { ...notebook, cells: cells.toSpliced(after + 1, 0, injected) };
}

function checked(name: string): string {
  if (/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name)) return name;
  throw new RangeError(`parameter "${name}" cannot be the name of a variable: use letters, digits, _ and $`);
}

/** Stands in JSON for a number that it has no word for; no text of a parameter begins so. */
const WORDLESS = '\u0000number:';

function literal(name: string, value: unknown): string {
  // Legal learning rates of someone's experiment, wherever they stand in the value.
  const worded = (_key: string, part: unknown): unknown =>
    typeof part === 'number' && !Number.isFinite(part) ? `${WORDLESS}${part}` : part;
  let json: string | undefined;
  try {
    json = JSON.stringify(value, worded, 2);
  } catch (error) {
    throw new RangeError(`parameter "${name}" cannot be written down: ${(error as Error).message.split('\n')[0]}`);
  }
  if (json === undefined) throw new RangeError(`parameter "${name}" is ${typeof value}, which cannot be written down`);
  return json.replaceAll(/"\\u0000number:(-?Infinity|NaN)"/g, '$1');
}
