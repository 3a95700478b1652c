/**
 * Turns one cell's JavaScript into a script for V8's REPL mode. Everything declared at the top level becomes `let`,
 * because that mode lets a `let` be declared again by any later cell while loops over it stay as fast as in a module.
 * Where all that a cell declares is there already, it becomes assignments: V8 keeps each scope that a script opens for
 * as long as it lives, and a script that opens none needs nothing of that mode.
 * Imports become calls of the kernel, since a script may not contain them; the last expression becomes the result.
 * It refuses to judge the code: what the parser accepted is rewritten, whatever it does.
 */
import MagicString from 'magic-string';
import { type Node, parseSync } from 'oxc-parser';
import { bind, type Past, type Rename, undecided } from './bindings.ts';
import { RUNTIME, stepCode } from './contract.ts';
import { noteWriters, quicken } from './hot.ts';
import { importCode, rewriteImportCalls, unwrapExport } from './imports.ts';
import { boundNames, type Place, topLevelVars } from './names.ts';
import { startsWithBrace } from './object.ts';
import { type Names, resolveScopes } from './scope.ts';

/** A script and what it was found to declare and use. */
export interface Rewritten {
  /** Carries the map back. */
  code: MagicString;
  names: Names;
  /** Names that the script declares to V8. */
  declares: string[];
}

type Statement = Node & { start: number; end: number };
type Declaration = Node & { type: 'VariableDeclaration' };

/** JavaScript that was parsed. */
export interface Read {
  program: Node & { type: 'Program' };
  names: Names;
}

/** Parses JavaScript (module syntax, no types) and finds its names. */
export function readNames(js: string): Read {
  const { program } = parseSync('cell.js', js, { sourceType: 'module' });
  return { program, names: resolveScopes(program) };
}

/**
 * What only TypeScript, JSX or decorators can begin with, and whatever else needs more than a look: line ends that only
 * JavaScript knows, imports.
 */
const NOT_PLAIN =
  /[:<@!?\r\u2028\u2029]|\b(?:abstract|accessor|as|asserts|declare|enum|export|global|implements|import|infer|interface|is|keyof|module|namespace|override|private|protected|public|readonly|require|satisfies|this|type|unique|using)\b/;

/** Reads a cell that is certain to be JavaScript as it stands, as most short ones are; undefined for any other. */
export function readPlain(source: string): Read | undefined {
  if (NOT_PLAIN.test(source) || startsWithBrace(source)) return undefined;
  const { program, errors } = parseSync('cell.js', source, { sourceType: 'module', showSemanticErrors: true });
  return errors.length > 0 ? undefined : { program, names: resolveScopes(program) };
}

/** Rewrites JavaScript, `read` before, that runs after what `past` tells. `isOurs`: see {@link bind}. */
export function rewrite(
  js: string,
  { program, names }: Read,
  past: Past,
  isOurs: (name: string) => boolean,
): Rewritten {
  const code = new MagicString(js);
  const rename = bind(names, code, past, isOurs);
  noteWriters(js, names, past);
  quicken(program, names, code, past, rename, isOurs);
  const cell = new Cell(code, names, rename);
  cell.undecided = undecided(names, past);
  const declared = [...names.declared.keys()];
  // What only the compiler has written is another's each time.
  cell.assigns = declared.every((name) => past.settled.has(name) && !isOurs(name));
  const body: Statement[] = [];
  for (const statement of program.body) {
    const bare = unwrapExport(statement, code);
    if (bare) body.push(bare);
  }
  cell.ownBlock = body.some((node) => node.type === 'VariableDeclaration' && node.kind.endsWith('using'));
  // Where hoisted statements go: before the first one that is not hoisted itself.
  const first = body.find(({ type }) => type !== 'ImportDeclaration' && type !== 'FunctionDeclaration');
  for (const node of body) {
    cell.statement(node);
    const movable = node.type === 'ImportDeclaration' || node.type === 'FunctionDeclaration';
    if (movable && first && first.start < node.start) code.move(node.start, node.end, first.start);
  }
  if (/\bvar\b/.test(js)) cell.vars(program);
  rewriteImportCalls(program, code, js);
  const last = body.findLast(({ type }) => type !== 'EmptyStatement');
  if (last?.type === 'ExpressionStatement') {
    // A sequence would be several arguments.
    const [open, close] = last.expression.type === 'SequenceExpression' ? ['((', '))'] : ['(', ')'];
    code.prependRight(last.expression.start, `${RUNTIME}.show${open}`);
    code.appendLeft(last.expression.end, close);
  }
  body.forEach(({ type, start }, step) => {
    const hoisted = type === 'ImportDeclaration' || type === 'FunctionDeclaration';
    if (step > 0 && !hoisted && type !== 'EmptyStatement') code.prependRight(start, stepCode(step));
  });
  // What is said to a shell may only stand at the very beginning.
  if (program.hashbang) code.remove(program.hashbang.start, program.hashbang.end);
  code.prepend(cell.opening());
  // Otherwise the value of the last statement, however big, would be described for nobody.
  code.append(`\n;${cell.ownBlock ? '}' : ''}void 0;`);
  const declares = cell.assigns ? [] : declared.filter((name) => !isOurs(name));
  return { code, names, declares: [...declares, ...cell.undecided] };
}

/** What is decided about a cell while its statements are rewritten. */
class Cell {
  /**
   * True where the statements run in a block of their own, at whose end V8 disposes of what `using` holds. What they
   * declare is then declared before it, and assigned inside.
   */
  ownBlock = false;
  /** True where all that the cell declares holds a value already: it is assigned to. */
  assigns = false;
  /** See {@link undecided}. */
  undecided: string[] = [];
  /** Names that get their value before anything else happens. */
  readonly #fresh = new Set<string>();
  /** Names that keep a value which an earlier cell gave them, as `var` does. */
  readonly #kept = new Set<string>();
  readonly #code: MagicString;
  readonly #used: ReadonlySet<string>;
  readonly #rename: Rename;
  #held = 0;

  constructor(code: MagicString, { references }: Names, rename: Rename) {
    this.#code = code;
    this.#rename = rename;
    this.#used = new Set(references.filter(({ declares }) => !declares).map(({ name }) => name));
  }

  /** What comes before the statements. */
  opening(): string {
    const decided = this.undecided.map((name) => kept(name, this.#rename)).join('');
    if (this.assigns) return `"use strict";${decided}${this.ownBlock ? '{' : ''}`;
    const fresh = [...this.#fresh].map(this.#rename);
    return [
      '"use strict";',
      decided,
      fresh.length > 0 ? `let ${fresh.join(',')};` : '',
      ...[...this.#kept].filter((name) => !this.#fresh.has(name)).map((name) => kept(name, this.#rename)),
      this.ownBlock ? '{' : '',
    ].join('');
  }

  statement(node: Statement): void {
    const code = this.#code;
    switch (node.type) {
      case 'ImportDeclaration': {
        const bound = node.specifiers.map(({ local }) => local.name);
        if (this.ownBlock) for (const name of bound) this.#fresh.add(name);
        code.overwrite(node.start, node.end, importCode(node, this.#used, this.#rename, !this.#isInside));
        break;
      }
      case 'FunctionDeclaration':
        if (node.id) {
          const { name } = node.id;
          this.#fresh.add(name);
          code.prependRight(node.start, `${this.#rename(name)} = `);
          // Without a name of its own it is what its name stands for, also when that changes.
          if (this.#rename(name) === name) code.overwrite(node.id.start, node.id.end, ' ');
          code.appendLeft(node.end, ';');
        }
        break;
      case 'ClassDeclaration':
        if (node.id) {
          const { name } = node.id;
          if (this.ownBlock) this.#kept.add(name);
          code.prependRight(node.start, `${this.#isInside ? ';' : 'let '}${this.#rename(name)} = `);
          code.appendLeft(node.end, ';');
        }
        break;
      case 'VariableDeclaration':
        this.#variables(node);
        break;
    }
  }

  /** True where statements declare nothing by themselves. */
  get #isInside(): boolean {
    return this.ownBlock || this.assigns;
  }

  #variables(node: Declaration): void {
    if (node.kind === 'var') return;
    if (node.kind.endsWith('using')) {
      for (const { id } of node.declarations) {
        for (const name of boundNames(id)) this.#kept.add(name);
        this.#code.prependRight(id.start, `${RUNTIME}_${++this.#held} = `);
      }
    } else if (this.#isInside) this.#assign(node, 'statement');
    else if (node.kind === 'const') this.#code.overwrite(node.start, node.start + 5, 'let');
  }

  /** `var` reaches the top level from inside blocks too; left as it is, it would forbid a later `let` of its name. */
  vars(program: Node): void {
    for (const { declaration, place } of topLevelVars(program)) this.#assign(declaration, place);
  }

  /** A declaration becomes an assignment to what is declared before all statements, or by an earlier cell. */
  #assign(node: Declaration, place: Place): void {
    const code = this.#code;
    for (const { id, init, end } of node.declarations) {
      for (const name of boundNames(id)) this.#kept.add(name);
      const members = earlierMembers(id, init);
      if (members) code.update(members.start, members.end, '{}');
      if (!init && node.kind !== 'var') code.appendLeft(end, ' = void 0');
    }
    const [before, after] = ROUND[place];
    code.update(node.start, node.start + node.kind.length, before);
    const end = node.declarations.at(-1)?.end;
    if (end !== undefined) code.appendLeft(end, after);
  }
}

/**
 * Declares a name again with the value that it has: the name is that of the earlier cell until this very declaration is
 * over. Where it has none, it has what it stands for on the platform.
 */
function kept(name: string, rename: Rename): string {
  const own = rename(name);
  return `let ${own}=(()=>{try{return ${own}}catch{${name in globalThis ? `return globalThis.${name}` : ''}}})();`;
}

/**
 * What goes round an assignment that was a declaration. A line before it may end, and one after it begin, where only a
 * declaration would keep them apart; what belongs to an `if` is one statement.
 */
const ROUND: Record<Place, [before: string, after: string]> = {
  loop: ['', ''],
  statement: [';(', ');'],
  branch: ['void(', ')'],
};

/**
 * The `E || {}` in `var E = function(E) {…}(E || {})`, which is how an enum is written: one that is declared again must
 * not go on with the members that it had.
 */
function earlierMembers(id: Node, init: Node | null): Node | undefined {
  if (id.type !== 'Identifier' || init?.type !== 'CallExpression') return undefined;
  const given = init.arguments[0];
  const same = given?.type === 'LogicalExpression' && given.left.type === 'Identifier' && given.left.name === id.name;
  return same ? given : undefined;
}
