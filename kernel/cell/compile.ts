/**
 * A cell's TypeScript → a script that V8's REPL mode runs, with what is needed to find the way back from a place in
 * that script to a place in the cell. Types are dropped, never checked: a cell with a type error runs, as in a browser.
 * Code that does not parse is refused with the place and the reason.
 */
import type { CellError } from '@trialroom/shared/notebook/outputs';
import { transformSync } from 'oxc-transform';
import { CELL_URL } from './contract.ts';
import { excerpt, lineAndColumn } from './excerpt.ts';
import { rewrite } from './rewrite.ts';

/** Mappings in the encoded (`AAAA,…`) or decoded form of a source map. */
export interface SourceMappings {
  version: 3;
  names: string[];
  sources: (string | null)[];
  mappings: string;
}

/** A cell ready to run. */
export interface CompiledCell {
  /** Id of the cell in the notebook. */
  cell: string;
  /** Execution count, shown as `[count]`. */
  count: number;
  /** Name of the script in V8's stack traces; unique for each execution, since a function outlives its cell's next run. */
  url: string;
  source: string;
  script: string;
  /** From the script back to the cell: the rewriting first, then the removal of types. */
  maps: [SourceMappings, SourceMappings];
}

/** A cell that cannot run: its error names the place. */
export class CellSyntaxError extends SyntaxError {
  readonly error: CellError;
  constructor(error: CellError) {
    super(error.message);
    this.error = error;
  }
}

/**
 * Compiles one execution of a cell. `serial` must be unique within the process.
 * @throws CellSyntaxError when the source does not parse
 */
export function compileCell(cell: string, count: number, source: string, serial: number): CompiledCell {
  const typescript = asExpression(source) ?? transpile(source, cell);
  const code = rewrite(typescript.code);
  const url = `${CELL_URL}${serial}`;
  const map = code.generateMap({ hires: 'boundary' });
  return {
    cell,
    count,
    url,
    source,
    script: `${code.toString()}\n//# sourceURL=${url}`,
    maps: [{ version: 3, names: [], sources: ['cell.js'], mappings: map.mappings }, typescript.map],
  };
}

interface Transpiled {
  code: string;
  map: SourceMappings;
}

function run(source: string): ReturnType<typeof transformSync> {
  return transformSync('cell.ts', source, {
    lang: 'ts',
    sourceType: 'module',
    sourcemap: true,
    target: 'esnext',
    // An import that this cell does not use may be meant for the next one.
    typescript: { onlyRemoveTypeImports: true },
  });
}

const transpiled = ({ code, map }: ReturnType<typeof transformSync>): Transpiled => ({
  code,
  map: { version: 3, names: [], sources: ['cell.ts'], mappings: map?.mappings ?? '' },
});

function transpile(source: string, cell: string): Transpiled {
  const result = run(source);
  const failure = result.errors.find(({ severity }) => severity === 'Error');
  if (!failure) return transpiled(result);
  // Labels count UTF-8 bytes, a JavaScript string UTF-16 units.
  const bytes = failure.labels[failure.labels.length > 1 ? failure.labels.length - 1 : 0]?.start ?? 0;
  const offset = Buffer.from(source).toString('utf8', 0, bytes).length;
  const { line, column } = lineAndColumn(source, offset);
  throw new CellSyntaxError({
    name: 'SyntaxError',
    message: [failure.message, failure.helpMessage].filter(Boolean).join('. '),
    frames: [{ cell, line, column }],
    excerpt: excerpt(source, line, column),
  });
}

/** `{ a: 1 }` alone in a cell means an object, although the grammar says a block with a label. */
function asExpression(source: string): Transpiled | undefined {
  const text = source.trim();
  if (!text.startsWith('{') || !text.endsWith('}')) return undefined;
  const start = source.indexOf('{');
  const end = source.lastIndexOf('}') + 1;
  const result = run(`${source.slice(0, start)}(${source.slice(start, end)})${source.slice(end)}`);
  return result.errors.some(({ severity }) => severity === 'Error') ? undefined : transpiled(result);
}
