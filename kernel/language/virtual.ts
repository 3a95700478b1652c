/**
 * Cells as TypeScript modules. Each cell becomes a module of its own, whose first line, which nobody sees, exports what
 * the cell declares and imports what it uses from the cell that defines it last. So every cell has its own scope, and
 * declaring a name again in another cell is no error but what the cells below then see. Pure: text in, text out.
 */
import { type Node, parseSync } from 'oxc-parser';
import { boundNames, topLevelVars } from '../cell/names.ts';
import { isDeep } from '../cell/nesting.ts';
import { loneObjects } from '../cell/object.ts';

/** What one cell's text says about names. */
export interface CellShape {
  /** Names declared at the top level, types included, and whether the cell itself exports them already. */
  readonly defines: ReadonlyMap<string, { exported: boolean }>;
  /** Those of them that must not be assigned to. */
  readonly constants: ReadonlySet<string>;
  /** Every word in it that might be a name. */
  readonly words: ReadonlySet<string>;
  /** What it imports from. */
  readonly specifiers: readonly string[];
  /** Written with JSX. */
  readonly jsx: boolean;
  /** An object literal alone in the cell, which the grammar takes for a block. */
  readonly object: boolean;
  /** False when some of it could not be read, so that a name may have been missed. */
  readonly whole: boolean;
}

/** Reads a cell. Text that does not parse is read in pieces, so that a half-typed line hides no other. */
export function readCell(source: string): CellShape {
  const words = new Set(source.match(/[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/gu) ?? []);
  const none = { defines: new Map<string, { exported: boolean }>(), constants: new Set<string>(), specifiers: [] };
  const empty = { ...none, words, jsx: false, object: false };
  if (isDeep(source)) return { ...empty, whole: false };
  if (!loneObjects(source).next().done) {
    for (const jsx of [false, true])
      if (parse(`(${source}\n)`, jsx)) return { ...empty, jsx, object: true, whole: true };
  }
  for (const jsx of [false, true]) {
    const body = parse(source, jsx);
    if (body) return { ...empty, ...declarations(body), jsx, whole: true };
  }
  return { ...empty, ...piecewise(source), jsx: /<\/[\w.]*>|\/>/.test(source), whole: false };
}

type Statement = Node & { type: string };

function parse(source: string, jsx: boolean): Statement[] | undefined {
  const { program, errors } = parseSync(jsx ? 'cell.tsx' : 'cell.ts', source, { sourceType: 'module' });
  return errors.some(({ severity }) => severity === 'Error') ? undefined : program.body;
}

interface Declarations {
  defines: Map<string, { exported: boolean }>;
  constants: Set<string>;
  specifiers: string[];
}

function declarations(body: readonly Statement[]): Declarations {
  const defines = new Map<string, { exported: boolean }>();
  const constants = new Set<string>();
  const specifiers: string[] = [];
  const exportedElsewhere = new Set<string>();
  const define = (names: readonly string[], exported: boolean): void => {
    for (const name of names) defines.set(name, { exported: exported || defines.get(name)?.exported === true });
  };
  for (const node of body) {
    const declared = node.type === 'ExportNamedDeclaration' ? node.declaration : node;
    if (declared && isConstant(declared)) for (const name of namesOf(declared)) constants.add(name);
    if (node.type === 'ExportNamedDeclaration') {
      if (node.declaration) define(namesOf(node.declaration), true);
      for (const { exported } of node.specifiers) {
        exportedElsewhere.add(
          exported.type === 'Identifier' ? exported.name : exported.type === 'Literal' ? exported.value : '',
        );
      }
    } else if (node.type === 'ExportDefaultDeclaration') define(namesOf(node.declaration), false);
    else define(namesOf(node), false);
    if (node.type === 'ImportDeclaration' || node.type === 'ExportAllDeclaration') specifiers.push(node.source.value);
    if (node.type === 'ExportNamedDeclaration' && node.source) specifiers.push(node.source.value);
    if (node.type === 'TSModuleDeclaration') continue;
    for (const { declaration } of topLevelVars(node))
      define(
        declaration.declarations.flatMap(({ id }) => boundNames(id)),
        false,
      );
  }
  for (const name of exportedElsewhere) if (defines.has(name)) defines.set(name, { exported: true });
  return { defines, constants, specifiers };
}

/** True where the names that a statement declares must not be assigned to. */
const isConstant = (node: Node): boolean =>
  node.type === 'ImportDeclaration' ||
  (node.type === 'VariableDeclaration' && !node.declare && (node.kind === 'const' || node.kind.endsWith('using')));

/** Names that a statement declares in its own scope. */
function namesOf(node: Node): string[] {
  switch (node.type) {
    case 'VariableDeclaration':
      return node.declarations.flatMap(({ id }) => boundNames(id));
    case 'ImportDeclaration':
      return node.specifiers.map(({ local }) => local.name);
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
    case 'TSDeclareFunction':
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
    case 'TSEnumDeclaration':
    case 'TSModuleDeclaration':
    case 'TSImportEqualsDeclaration':
      return node.id?.type === 'Identifier' && node.id.name !== 'global' ? [node.id.name] : [];
    default:
      return [];
  }
}

const DECLARING =
  /^(export\s+)?(?:default\s+|declare\s+|abstract\s+|async\s+)*(?:const\s+enum|const|let|var|using|function\s*\*?|class|interface|type|enum|namespace|module)\s+([\p{ID_Start}$_][\p{ID_Continue}$]*)/u;

/** Reads each piece that begins at the margin by itself. Of one that does not parse, the name it begins with counts. */
function piecewise(source: string): Declarations {
  const defines = new Map<string, { exported: boolean }>();
  const constants = new Set<string>();
  const specifiers: string[] = [];
  for (const piece of source.split(/^(?=[^\s)\]}])/m)) {
    const body = parse(piece, false) ?? parse(piece, true);
    if (body) {
      const found = declarations(body);
      for (const [name, how] of found.defines) defines.set(name, how);
      for (const name of found.constants) constants.add(name);
      specifiers.push(...found.specifiers);
    } else {
      const [, exported, name] = DECLARING.exec(piece) ?? [];
      if (name !== undefined) defines.set(name, { exported: exported !== undefined });
    }
  }
  return { defines, constants, specifiers };
}

/**
 * Which cell each name comes from that a cell does not define itself: the nearest above it that does, or else the last
 * of all.
 */
export function visibleNames(shapes: readonly Pick<CellShape, 'defines'>[], at: number): Map<string, number> {
  const from = new Map<string, number>();
  // Later ones overwrite: first those below, then those above.
  for (let index = at + 1; index < shapes.length; index++)
    for (const name of shapes[index]?.defines.keys() ?? []) from.set(name, index);
  for (let index = 0; index < at; index++)
    for (const name of shapes[index]?.defines.keys() ?? []) from.set(name, index);
  for (const name of shapes[at]?.defines.keys() ?? []) from.delete(name);
  return from;
}

/**
 * The module of a cell. Line 0 is ours, the cell's text begins at line 1.
 * @param from the module and the names to import from it
 */
export function moduleText(source: string, shape: CellShape, from: ReadonlyMap<string, readonly string[]>): string {
  const own = [...shape.defines].flatMap(([name, { exported }]) => (exported ? [] : [name]));
  const imports = [...from].map(([module, names]) => `import {${names.join(',')}} from ${JSON.stringify(module)};`);
  const head = `export {${own.join(',')}};${imports.join('')}`;
  // What is said to a shell may only stand at the very beginning; as a comment it is as long.
  const text = source.replace(/^#!/, '//');
  return shape.object ? `${head}(\n${text}\n)` : `${head}\n${text}`;
}

/** Where in the first line of a module a name stands that is exported or imported there; -1 when it does not. */
export function headIndex(text: string, name: string): number {
  const head = text.slice(0, text.indexOf('\n'));
  const found = [`{${name},`, `,${name},`, `,${name}}`, `{${name}}`]
    .map((part) => head.indexOf(part))
    .filter((at) => at >= 0);
  return found.length > 0 ? Math.min(...found) + 1 : -1;
}

/** A place in a module as the language server counts: lines and UTF-16 units from 0. */
export interface Position {
  line: number;
  character: number;
}

const LINE_END = /\r\n|\r|\n/g;

function lineStarts(source: string): number[] {
  return [0, ...Array.from(source.matchAll(LINE_END), ({ index, 0: end }) => index + end.length)];
}

/** Where an offset of a cell's text is in the cell's module. */
export function toPosition(source: string, offset: number): Position {
  const within = Math.max(0, Math.min(offset, source.length));
  const starts = lineStarts(source);
  let line = starts.length - 1;
  while ((starts[line] ?? 0) > within) line--;
  return { line: line + 1, character: within - (starts[line] ?? 0) };
}

/** Offset in a cell's text of a place in its module; null when it is before the text, the end when it is behind. */
export function toOffset(source: string, { line, character }: Position): number | null {
  if (line < 1) return null;
  const starts = lineStarts(source);
  const start = starts[line - 1];
  if (start === undefined) return source.length;
  return Math.min(start + character, starts[line] ?? source.length, source.length);
}
