/**
 * Writes a notebook into the file that it was read from, in that file's own manner: indent, order of keys, escapes,
 * spelling of numbers, texts as one string or as lines, the end of the file. Only the lines of what changed are changed.
 * One thing it does not keep: a file older than nbformat 4.5 has no cell ids, and gets them, and 4.5, with the first
 * change, because comments, history and outputs are held by them.
 */
import { fileValue, isJsonMime, type NotebookFile, serialiseNotebook } from './format.ts';
import { parseJson } from './json.ts';
import { spliceJson } from './json-splice.ts';

/** A notebook file as it stands. */
export interface Standing {
  text: string;
  /** What it says, cell by cell in the text's order, with the ids that the cells have by now. */
  notebook: NotebookFile;
}

type Bag = Record<string, unknown>;
const isBag = (value: unknown): value is Bag => typeof value === 'object' && value !== null && !Array.isArray(value);
const bagsOf = (value: unknown): Bag[] => (Array.isArray(value) ? value.map((item) => (isBag(item) ? item : {})) : []);

/** The text of the file when it says what `notebook` says; the same bytes when it does so already. */
export function rewriteNotebook({ text, notebook: before }: Standing, notebook: NotebookFile): string {
  if (serialiseNotebook(before) === serialiseNotebook(notebook)) return text;
  const old = parseJson(text);
  const next = fileValue(notebook);
  if (!isBag(old)) return serialiseNotebook(notebook);
  const oldCells = bagsOf(old.cells);
  const places = new Map(before.cells.map(({ id }, index) => [id, index]));
  const origins = new Map<unknown, number | null>();
  const cells = bagsOf(next.cells).map((cell) => {
    const place = places.get(String(cell.id));
    const own = place === undefined ? undefined : oldCells[place];
    const model = own ?? oldCells.find((one) => one.cell_type === cell.cell_type);
    const shaped = own ? likeCell(own, cell) : model ? inOrder(model, formed(model, cell)) : cell;
    origins.set(shaped, place ?? null);
    return shaped;
  });
  return spliceJson(text, without(old, { ...next, cells }, ['metadata']), (item) => origins.get(item));
}

/** Leaves out what stands for nothing and is not there in the file. */
const without = (old: Bag, next: Bag, keys: readonly string[]): Bag =>
  Object.fromEntries(
    Object.entries(next).filter(([key, value]) => key in old || !keys.includes(key) || !isEmpty(value)),
  );

const isEmpty = (value: unknown): boolean =>
  value === null || (typeof value === 'object' && Object.keys(value).length === 0);

const inOrder = (model: Bag, next: Bag): Bag => {
  const keys = Object.keys(model).filter((key) => key in next);
  return { ...Object.fromEntries(keys.map((key) => [key, next[key]])), ...next };
};

/** A text in the form that the file gives it: one string, or the lines as they are cut there. */
function likeText(old: unknown, next: unknown): unknown {
  if (!Array.isArray(next) || !next.every((line) => typeof line === 'string')) return next;
  const whole = next.join('');
  if (typeof old === 'string') return whole;
  return Array.isArray(old) && old.join('') === whole ? old : next;
}

const formed = (old: Bag, next: Bag): Bag => ({ ...next, source: likeText(old.source, next.source) });

function likeBundle(old: unknown, next: unknown): unknown {
  if (!isBag(old) || !isBag(next)) return next;
  return Object.fromEntries(
    Object.entries(next).map(([mime, value]) => [mime, isJsonMime(mime) ? value : likeText(old[mime], value)]),
  );
}

function likeOutput(old: Bag | undefined, next: Bag): Bag {
  if (!old || old.output_type !== next.output_type) return next;
  const text = 'text' in next ? { text: likeText(old.text, next.text) } : {};
  const data = 'data' in next ? { data: likeBundle(old.data, next.data) } : {};
  return without(old, { ...next, ...text, ...data }, ['metadata', 'execution_count']);
}

function likeCell(old: Bag, next: Bag): Bag {
  const before = bagsOf(old.outputs);
  const { attachments } = next;
  return without(
    old,
    {
      ...formed(old, next),
      ...(isBag(attachments)
        ? {
            attachments: Object.fromEntries(
              Object.entries(attachments).map(([name, bundle]) => [
                name,
                likeBundle(isBag(old.attachments) ? old.attachments[name] : undefined, bundle),
              ]),
            ),
          }
        : {}),
      ...('outputs' in next
        ? { outputs: bagsOf(next.outputs).map((one, index) => likeOutput(before[index], one)) }
        : {}),
    },
    ['metadata', 'outputs', 'execution_count'],
  );
}
