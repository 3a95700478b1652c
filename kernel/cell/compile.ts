/**
 * A cell's TypeScript → a script that V8's REPL mode runs, with what is needed to find the way back from a place in
 * that script to a place in the cell. Types are dropped, never checked: a cell with a type error runs, as in a browser.
 * Code that does not parse is refused with the place and the reason.
 */
import type { CellError } from '@trialroom/shared/notebook/outputs';
import MagicString from 'magic-string';
import { type Analysis, defiesConstant, noPast, type Past, remember, settle, summarise } from './bindings.ts';
import { CELL_URL } from './contract.ts';
import { excerpt, lineAndColumn } from './excerpt.ts';
import { isTooDeep } from './nesting.ts';
import { loneObjects } from './object.ts';
import { readNames, readPlain, rewrite } from './rewrite.ts';
import { isRefusal, mapOf, type SourceMappings, type Transpiled, transpile } from './transpile.ts';

/** A cell ready to run. */
export interface CompiledCell extends Analysis {
  /** Id of the cell in the notebook. */
  cell: string;
  /** Execution count, shown as `[count]`. */
  count: number;
  /** Name of the script in V8's stack traces; unique for each execution, since a function outlives its cell's next run. */
  url: string;
  source: string;
  script: string;
  /** It declares nothing new and awaits nothing: outside V8's REPL mode it means the same. */
  plain: boolean;
  /** From the script back to the cell, one step after another. */
  maps: SourceMappings[];
}

/** A cell that cannot run: its error names the place. */
export class CellSyntaxError extends SyntaxError {
  readonly error: CellError;
  constructor(error: CellError) {
    super(error.message);
    this.error = error;
  }
}

/** What compiling a source came to: what does not differ from one execution to the next. */
type Known = Pick<CompiledCell, 'script' | 'plain' | 'maps' | keyof Analysis> & {
  /** Names that V8 is told of anew: they hold a value for certain once the cell has come to its end. */
  declares: string[];
  /** {@link Past.changes} when it was compiled. */
  changes: number;
};

/** Sources kept with what they were compiled to, once they have come twice: most that come never come again. */
const MOST_KNOWN = 100;
/** Sources that are known to have come. */
const MOST_MET = 200;
/** Longest source that is kept, in characters. */
const LONGEST_KNOWN = 4000;

/** Compiles the cells of one kernel, in the order in which they run: what a name is depends on the cells before. */
export class CellCompiler {
  readonly #past: Past = noPast();
  readonly #known = new Map<string, Known>();
  /** Hashes of sources that came of late, from the oldest place on. */
  readonly #met = new Int32Array(MOST_MET);
  #meetings = 0;
  /** What the cell compiled last declares. */
  #open: string[] = [];
  #serial = 0;

  /**
   * Compiles one execution of a cell.
   * @throws CellSyntaxError when the source does not parse
   */
  compile(cell: string, count: number, source: string): CompiledCell {
    if (isTooDeep(source)) throw tooDeep(cell);
    const known = this.#known.get(source);
    const compiled = known?.changes === this.#past.changes ? known : this.#compile(cell, source);
    const { script, plain, maps, defines, uses, declares } = compiled;
    // What is declared holds nothing until its declaration is reached; it may never be.
    settle(declares, false, this.#past);
    this.#open = declares;
    const url = `${CELL_URL}${++this.#serial}`;
    return { cell, count, url, source, script: `${script}\n//# sourceURL=${url}`, plain, maps, defines, uses };
  }

  /** The cell compiled last has run, all of it. What it has declared need not be declared again. */
  completed(): void {
    settle(this.#open, true, this.#past);
    this.#open = [];
  }

  #compile(cell: string, source: string): Known {
    try {
      return this.#translate(cell, source);
    } catch (error) {
      throw error instanceof RangeError ? tooDeep(cell) : error;
    }
  }

  #translate(cell: string, source: string): Known {
    const asIs = readPlain(source);
    // V8 refuses such an assignment behind the name; the transpiler's coarser map leads to the name itself.
    const plain = asIs && !defiesConstant(asIs.names, this.#past) ? asIs : undefined;
    const typescript = plain ? { code: source, maps: [], helped: false } : transpiled(source, cell);
    const isOurs = (name: string): boolean => typescript.helped && !source.includes(name);
    const read = plain ?? readNames(typescript.code);
    const { code, names, declares } = rewrite(typescript.code, read, this.#past, isOurs);
    remember(names.declared, this.#past);
    const script = code.toString();
    const known = {
      script,
      declares,
      plain: declares.length === 0 && !script.includes('await'),
      maps: [mapOf(code.generateMap({ hires: 'boundary' }).mappings), ...typescript.maps],
      ...summarise(names, source),
      changes: this.#past.changes,
    };
    // Names that only the compiler has written are another's each time.
    if (!typescript.helped && source.length <= LONGEST_KNOWN) this.#keep(source, known);
    return known;
  }

  #keep(source: string, known: Known): void {
    const hash = hashOf(source);
    if (!this.#met.includes(hash)) {
      this.#met[this.#meetings++ % MOST_MET] = hash;
      return;
    }
    this.#known.delete(source);
    this.#known.set(source, known);
    if (this.#known.size <= MOST_KNOWN) return;
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}

/** Two sources of the same hash cost no more than a place. */
function hashOf(text: string): number {
  let hash = 1;
  for (let index = 0; index < text.length; index++) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  return hash;
}

/**
 * The names of the top level that a cell gives a value, and those that it reads without binding them itself.
 * @throws CellSyntaxError when the source does not parse
 */
export function analyse(source: string, cell = ''): Analysis {
  return summarise(readNames(transpiled(source, cell).code).names, source);
}

const CELL = { cell: true };

const tooDeep = (cell: string): CellSyntaxError =>
  new CellSyntaxError({
    name: 'SyntaxError',
    message: 'The cell nests brackets or operators too deeply to be read. Build what it says in a loop, or in parts.',
    frames: [{ cell, line: 1, column: 1 }],
  });

function transpiled(source: string, cell: string): Transpiled {
  const result = asExpression(source) ?? transpile(source, CELL);
  if (!isRefusal(result)) return result;
  const { line, column } = lineAndColumn(source, result.offset);
  throw new CellSyntaxError({
    name: 'SyntaxError',
    message: result.message,
    frames: [{ cell, line, column }],
    excerpt: excerpt(source, line, column),
  });
}

/** `{ a: 1 }` alone in a cell means an object, although the grammar says a block with a label. */
function asExpression(source: string): Transpiled | undefined {
  for (const { start, end } of loneObjects(source)) {
    const bracketed = new MagicString(source);
    bracketed.appendLeft(start, '(').appendRight(end, ')');
    const result = transpile(bracketed.toString(), CELL);
    if (isRefusal(result)) continue;
    return { ...result, maps: [...result.maps, mapOf(bracketed.generateMap({ hires: 'boundary' }).mappings)] };
  }
  return undefined;
}
